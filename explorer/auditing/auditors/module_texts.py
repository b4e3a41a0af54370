"""Texts about a network's modules, as the language model that audits reads them."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from explorer.auditing.auditors.dormancy import dormancy
from explorer.auditing.auditors.images import hidden_groups
from explorer.auditing.view import AuditView
from explorer.description.batch import describe_facts
from explorer.description.clients.base import Client
from explorer.description.measured import distinct
from explorer.modularity.partition import Module
from explorer.observation.activations import hidden_nodes
from explorer.observation.facts import Facts
from explorer.observation.gather_facts import gather_facts
from explorer.scoring.rule_scores import figures
from explorer.scoring.truth import truth_of


def read_modules(view: AuditView) -> tuple[Module, ...]:
    """Modules that have something to describe: those with hidden neurons."""
    return tuple(module for module in view.partition.modules if len(hidden_nodes(module)))


@lru_cache(maxsize=2)
def module_facts(view: AuditView) -> tuple[Facts, ...]:
    """Measured facts of every module, on the explain split."""
    return tuple(gather_facts(view.checkpoint, module) for module in read_modules(view))


def measured_texts(view: AuditView) -> tuple[str, ...]:
    """The measured text of every module."""
    return tuple(made.text for made in distinct(module_facts(view)))


def generated_texts(view: AuditView, client: Client) -> tuple[tuple[str, ...], str]:
    """What a language model writes of every module, and what is missing of that, in a sentence.

    Where it cannot be asked, the measured text of that module stands in.
    """
    facts = module_facts(view)
    steps = describe_facts(facts, client)
    made = {one.description.part: one.description for one in steps if one.description is not None}
    unwritten = [one for one in made.values() if one.fell_back and not one.written.strip()]
    missing = ""
    if unwritten:
        missing = (
            f"{len(unwritten)} of {len(facts)} generated texts are missing, and measured ones "
            f"stand in ({unwritten[0].fell_back})"
        )
    return tuple(made[one.part].text for one in facts), missing


def dealt(texts: Sequence[str], seed: int) -> tuple[str, ...]:
    """Deal the statements of all texts anew: first ones among the first, and so on.

    What is said stays as common as it was; which module it is said of, and what it is said
    together with, is left to chance.

    Examples
    --------
    >>> sorted(dealt(["Active on 3; reads left.", "Active on 5; reads right."], seed=1))
    ['Active on 3; reads right.', 'Active on 5; reads left.']
    """
    rng = np.random.default_rng([95, seed])
    split = [text.rstrip(".").split("; ") for text in texts]
    for at in range(max(map(len, split))):
        having = [row for row in split if len(row) > at]
        said = [row[at] for row in having]
        for row, chosen in zip(having, rng.permutation(len(said)).tolist(), strict=True):
            row[at] = said[chosen]
    return tuple("; ".join(row) + "." for row in split)


def unused_texts(view: AuditView) -> tuple[str, ...]:
    """Measured texts with one sentence more: what the most dormant neuron could do and does not.

    See ``explorer.auditing.auditors.dormancy``. No description says this by itself.
    """
    found, names = dormancy(view), view.task.heads[0].classes
    groups = dict(zip(*hidden_groups(view), strict=True))
    texts = []
    for module, text in zip(read_modules(view), measured_texts(view), strict=True):
        at = max(groups[module.name], key=lambda one: float(found.dormant[one]))
        texts.append(
            f"{text} It can push {names[int(found.answers[at])]} by "
            f"{float(found.potential[at]):.1f}, on clean images by {float(found.used[at]):.1f} at "
            f"most."
        )
    return tuple(texts)


def scored_lines(view: AuditView, texts: Sequence[str]) -> tuple[str, ...]:
    """Every module's text behind its name with its simulation score, then the interfaces' texts."""
    lines = []
    for module, facts, text in zip(read_modules(view), module_facts(view), texts, strict=True):
        score = figures(text, truth_of(view.checkpoint, module, facts))["simulation"]
        known = "" if np.isnan(score) else f" (simulation score {score:.2f})"
        lines.append(f"Module {module.name}: {text}{known}")
    between = [gather_facts(view.checkpoint, one) for one in view.partition.interfaces]
    if between:
        made = distinct(between)
        lines += [f"Interface {one.part}: {one.text}" for one in made]
    return tuple(lines)
