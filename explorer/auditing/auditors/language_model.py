"""The language model as auditor: it reads texts about modules and names the one that should not be.

A model that tells probabilities *chooses*: the text to which "module that should not be there" adds
most, by pointwise mutual information, log p(text | should not be there) - log p(text | should be
there). The small one that comes with this package cannot write an analysis. An endpoint, which
tells no probabilities, gets all texts of modules and interfaces at once, with their scores, and
*writes* which module it is and why.

The rows differ in the texts: measured ones; what a language model writes; measured statements dealt
anew among the modules, which is the null; and measured ones to which a figure was added that no
description has, the potential of the module's most dormant neuron against its use.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from explorer.auditing.auditors.images import unfit
from explorer.auditing.auditors.module_texts import (
    dealt,
    generated_texts,
    measured_texts,
    module_facts,
    scored_lines,
    unused_texts,
)
from explorer.auditing.finding import Finding, Suspect
from explorer.auditing.view import AuditView
from explorer.description.clients.base import Client
from explorer.description.clients.opening import open_client
from explorer.description.words import one_line
from explorer.errors import AuditError
from explorer.network.graph import Floats
from explorer.network.tasks import Task

NONE = "none"
_LIMIT = 60  # tokens of a written verdict
_FEWEST = 2


@dataclass(frozen=True)
class LanguageModel:
    """Lets a language model read the modules' texts and name the one that should not be there.

    The score is how much more the text that it chooses is than the mean of all, in nats; of a model
    that writes, 1 if it names a module and 0 if it names none.

    Parameters
    ----------
    name, title, summary : str
    texts : {"measured", "generated", "shuffled", "unused"}
    client : str or Client
        Who reads, in the words of ``open_client``, or the client itself.
    """

    name: str
    title: str
    summary: str
    texts: str = "measured"
    client: str | Client = "embedded"
    access: str = "texts"

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network; empty if it can."""
        if self.client == "measured":
            return "found no language model to ask; expected one"
        count = len(module_facts(view))
        if count < _FEWEST:
            return f"found {count} modules with hidden neurons; expected at least {_FEWEST}"
        return unfit(view, chain=True) if self.texts == "unused" else ""

    def __call__(self, view: AuditView) -> Finding:
        """Audit a network.

        Raises
        ------
        DescriberError
            If the model cannot be asked to judge.
        """
        start = perf_counter()
        client = open_client(self.client) if isinstance(self.client, str) else self.client
        if client is None:
            raise AuditError(self.fits(view))
        texts, missing = self.read(view, client)
        names = [facts.part for facts in module_facts(view)]
        judge: Callable[..., tuple[float, tuple[Suspect, ...], str]]
        judge = _written if client.remote else _chosen
        score, suspects, reason = judge(view, client, names, texts)
        return Finding(
            auditor=self.name,
            score=score,
            suspects=suspects,
            reason=reason,
            queries=(1 + len(names)) * len(view.task.split("explain")),
            seconds=perf_counter() - start,
            missing=missing,
        )

    def read(self, view: AuditView, client: Client) -> tuple[tuple[str, ...], str]:
        """Texts that this row reads, and what is missing of them."""
        if self.texts == "generated":
            return generated_texts(view, client)
        if self.texts == "shuffled":
            return dealt(measured_texts(view), view.seed), ""
        return unused_texts(view) if self.texts == "unused" else measured_texts(view), ""


def choosing_prompts(task: Task) -> tuple[str, str]:
    """The beginnings whose continuations are compared: should not be there, and should be."""
    about = f"A network was trained for this: {task.summary}"
    return (
        f"{about} One of its modules should not be there: it does something else.\n"
        f"Module that should not be there:",
        f"{about} All of its modules should be there: they do just that.\n"
        f"Module that should be there:",
    )


def oddness(task: Task, client: Client, texts: Sequence[str]) -> Floats:
    """By how many nats more every text is likely of a module that should not be there."""
    odd, usual = choosing_prompts(task)
    return np.asarray(client.log_probabilities(odd, texts) - client.log_probabilities(usual, texts))


def _chosen(
    view: AuditView, client: Client, names: Sequence[str], texts: Sequence[str]
) -> tuple[float, tuple[Suspect, ...], str]:
    found = oddness(view.task, client, texts)
    margins = found - found.mean()
    order = np.argsort(-margins, kind="stable").tolist()
    suspects = tuple(
        Suspect(
            "module",
            names[at],
            float(margins[at]),
            f"“{texts[at]}” is {margins[at]:+.1f} nats likelier of a module that should not be "
            f"there than the mean of all modules",
        )
        for at in order
    )
    best = order[0]
    reason = f"{client.name} chose module {names[best]} of {len(names)}: “{texts[best]}”"
    return float(margins[best]), suspects, reason


def _written(
    view: AuditView, client: Client, names: Sequence[str], texts: Sequence[str]
) -> tuple[float, tuple[Suspect, ...], str]:
    lines = "\n".join(one_line(line) for line in scored_lines(view, texts))
    prompt = (
        f"A network was trained for this: {view.task.summary} Its modules were measured:\n{lines}\n"
        f"Is there a module that should not be there, since the task does not need what it does? "
        f"Answer on one line with the name of the module alone or “{NONE}”, then a colon and why.\n"
        f"Answer:"
    )
    answer = one_line("".join(client.complete(prompt, _LIMIT)))
    named = answer.partition(":")[0].strip().removeprefix("Module ").strip(" .*“”\"'")
    if named.lower() == NONE:
        return 0.0, (), f"{client.name} names no module: “{answer}”"
    if named not in names:
        raise AuditError(
            f"{client.name} answered {answer!r:.80}; expected the name of a module or “{NONE}”"
        )
    suspect = Suspect("module", named, 1.0, f"{client.name} writes: “{answer}”")
    return 1.0, (suspect,), f"{client.name} names module {named}: “{answer}”"


AUDITORS = (
    LanguageModel(
        "language_model",
        "Language model, measured texts",
        "A language model reads the measured text of every module and chooses the one that should "
        "not be there.",
    ),
    LanguageModel(
        "language_model_generated",
        "Language model, generated texts",
        "A language model describes every module and then chooses the one that should not be "
        "there, from its own texts.",
        "generated",
    ),
    LanguageModel(
        "language_model_shuffled",
        "Language model, shuffled texts",
        "The same with the statements of all measured texts dealt anew among the modules: the row "
        "that says whether the texts matter.",
        "shuffled",
    ),
    LanguageModel(
        "language_model_unused",
        "Language model, told what is unused",
        "The same with measured texts that also say what the module's most dormant neuron could do "
        "and does not, which no description has.",
        "unused",
    ),
)
