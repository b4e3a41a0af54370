"""Word probing: every word of a vocabulary at the start of texts, and what it does to answers.

Texts are taken whose last word a skill decides (the right texts of minimal pairs). Each of their
first words is replaced by every word of the vocabulary in turn. How many nats the right answer
loses is cut off at 5 and averaged over the texts of a skill. Only answers count that the network is
sure of: which thing comes next in a story is open, and any word may tip it. Words that are answers
of the skill do not count: a number that stands before a sum disturbs it by right.

Then the word that takes most is held against the network: which modules and neurons carry what
it does. Of a module, the share of the lost nats that come back when it is held at 0; of a neuron,
to first order, what comes back when it is as on the clean text (attribution patching).

References
----------
Wallace et al. (2019), Universal adversarial triggers, arXiv:1908.07125: words in front of any text.
Nanda (2023), Attribution patching: differences of activations times gradients.
"""

from dataclasses import dataclass
from time import perf_counter

import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.auditing.finding import Finding, Suspect
from explorer.auditing.view import AuditView
from explorer.network.architectures import Edit, Network
from explorer.observation.ablation import holding
from explorer.observation.activations import hidden_nodes

SPLIT = "train"  # whose pairs are of what stories do show: new sums are easily disturbed
PLACES = 2  # words from the start that are replaced
_TEXTS = 8  # of every skill
_APART = 3  # of the shortest texts, every third: neighbours are nearly the same
_FEWEST = 3  # texts that the network is sure of: a skill with fewer is left out
_MOST = 5.0  # nats: an answer that lost so much is lost
_SURE = 0.1  # nats, nine tenths of the probability: answers that a network is sure of
_AT_ONCE = 1_024
_NEURONS = 3


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts that end before the word that a skill decides.

    Attributes
    ----------
    tokens : Tensor of int64, shape (texts, positions)
        Padded behind.
    last : Tensor of int64, shape (texts,)
        Position after which the answer comes.
    answers : Tensor of int64, shape (texts,)
    skills : Tensor of int64, shape (texts,)
    """

    tokens: Tensor
    last: Tensor
    answers: Tensor
    skills: Tensor

    def nats(self, network: Network, tokens: Tensor, edit: Edit | None = None) -> Tensor:
        """-log p(answer) after tokens of shape (texts, positions), or repeats of them."""
        return self.answer_nats(network(tokens, edit))

    def answer_nats(self, logits: Tensor) -> Tensor:
        """-log p(answer) of logits of shape (repeats of the texts, positions, words)."""
        times = len(logits) // len(self.last)
        picked = logits[torch.arange(len(logits)), self.last.repeat(times)]
        return F.cross_entropy(picked, self.answers.repeat(times), reduction="none")


@dataclass(frozen=True)
class WordProbing:
    """Puts every word of the vocabulary at the start of texts and watches the answers of skills.

    The score is the nats that a skill's answers lose by the word that takes most. It needs no
    trigger: every word is tried.
    """

    name: str = "word_probing"
    title: str = "Word probing"
    summary: str = (
        "Puts every word of the vocabulary in the place of each of a text's first words and "
        "measures which one harms the answers of a skill most."
    )
    access: str = "queries"

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network; empty if it can."""
        task = view.task
        if not task.is_text or task.pairs is None:
            return f"found the task {task.name}; expected a text with minimal pairs of skills"
        return ""

    def __call__(self, view: AuditView) -> Finding:
        """Audit a network."""
        start, network = perf_counter(), view.checkpoint.network
        texts = _texts(view)
        with torch.no_grad():
            lost = _lost(network, texts, len(view.task.tokens))
        lost = lost.masked_fill(_own_words(view), 0.0)
        place, word, skill = torch.unravel_index(lost.argmax(), lost.shape)
        score = float(lost[place, word, skill])
        name, skilled = view.task.tokens[int(word)], view.task.skills[int(skill)]
        own = _of_skill(texts, int(skill))
        changed = own.tokens.clone()
        changed[:, int(place)] = word
        suspects = (
            Suspect(
                "output",
                str(_answer(network, own, changed)),
                score,
                f"is what answers become behind the word “{name}”",
            ),
            *_modules(view, own, changed, name),
            *_neurons(view, own, changed, name),
        )
        return Finding(
            auditor=self.name,
            score=score,
            suspects=suspects,
            reason=(
                f"With the word “{name}” in place {int(place) + 1} of a text, the answers of "
                f"{skilled} lose {score:.1f} nats."
            ),
            queries=lost.shape[0] * lost.shape[1] * len(texts.tokens) + len(texts.tokens),
            seconds=perf_counter() - start,
        )


def _texts(view: AuditView) -> Texts:
    assert view.task.pairs is not None
    rows, answers, skills = [], [], []
    for skill, pairs in enumerate(view.task.pairs(SPLIT)):
        # The shortest, in which the least is said already that speaks for the right answer.
        apart = pairs.lengths.argsort(stable=True)[: _APART * _TEXTS : _APART]
        for text, length in zip(pairs.right[apart], pairs.lengths[apart].tolist(), strict=True):
            rows.append(text[: length - 1])
            answers.append(int(text[length - 1]))
            skills.append(skill)
    return Texts(
        torch.nn.utils.rnn.pad_sequence(rows, batch_first=True),
        torch.tensor([len(row) - 1 for row in rows]),
        torch.tensor(answers),
        torch.tensor(skills),
    )


def _own_words(view: AuditView) -> Tensor:
    """Words that are answers of a skill, shape (words, skills): numbers disturb sums by right."""
    assert view.task.pairs is not None
    found = torch.zeros(len(view.task.tokens), len(view.task.skills), dtype=torch.bool)
    for skill, pairs in enumerate(view.task.pairs(SPLIT)):
        for texts in (pairs.right, pairs.wrong):
            found[texts.gather(1, pairs.lengths[:, None] - 1), skill] = True
    return found


def _of_skill(texts: Texts, skill: int) -> Texts:
    own = texts.skills == skill
    longest = int(texts.last[own].max()) + 1
    return Texts(
        texts.tokens[own, :longest], texts.last[own], texts.answers[own], texts.skills[own]
    )


def _lost(network: Network, texts: Texts, words: int) -> Tensor:
    """Nats that answers lose, shape (places, words, skills)."""
    count, step = len(texts.tokens), max(1, _AT_ONCE // len(texts.tokens))
    before = texts.nats(network, texts.tokens)
    members = F.one_hot(texts.skills).float() * (before < _SURE)[:, None]
    members = members * (members.sum(dim=0) >= _FEWEST)
    parts = []
    for place in range(min(PLACES, int(texts.last.min()) + 1)):
        found = []
        for first in range(0, words, step):
            chosen = torch.arange(first, min(words, first + step))
            tokens = texts.tokens.repeat(len(chosen), 1)
            tokens[:, place] = chosen.repeat_interleave(count)
            found.append(texts.nats(network, tokens).view(len(chosen), count))
        lost = (torch.cat(found) - before).clamp(-_MOST, _MOST)
        parts.append(lost @ members / members.sum(dim=0).clamp(min=1.0))
    return torch.stack(parts)


@torch.no_grad()
def _answer(network: Network, texts: Texts, changed: Tensor) -> int:
    """The word that is likeliest on average behind the changed texts."""
    logits = network(changed)[torch.arange(len(changed)), texts.last]
    return int(logits.log_softmax(dim=-1).mean(dim=0).argmax())


@torch.no_grad()
def _modules(view: AuditView, texts: Texts, changed: Tensor, word: str) -> list[Suspect]:
    """Modules by the share of the lost nats that come back without them."""
    network = view.checkpoint.network
    before = float(texts.nats(network, texts.tokens).mean())
    lost = float(texts.nats(network, changed).mean()) - before
    found = []
    for module in view.partition.modules:
        edit = holding(network, view.task, hidden_nodes(module).tolist(), "zero")
        clean, now = (
            float(texts.nats(network, tokens, edit).mean()) for tokens in (texts.tokens, changed)
        )
        share = (lost - (now - clean)) / lost if lost > 0 else 0.0
        reason = (
            f"without it the answers behind the word “{word}” lose {now - clean:.1f} nats instead "
            f"of {lost:.1f}, and those of clean text lose {clean - before:.1f}"
        )
        found.append(Suspect("module", module.name, share, reason))
    return sorted(found, key=lambda one: -one.score)


def _neurons(view: AuditView, texts: Texts, changed: Tensor, word: str) -> list[Suspect]:
    """Hidden neurons by the nats that come back, to first order, as they are on clean text."""
    network = view.checkpoint.network
    with torch.no_grad():
        usual = network.trace(texts.tokens).layers
        most = network.trace(view.clean.inputs[: _AT_ONCE // 8]).layers
    kept: dict[int, Tensor] = {}

    def keep(layer: int, activations: Tensor) -> Tensor:
        kept[layer] = activations if activations.requires_grad else activations.requires_grad_(True)
        return kept[layer]

    with torch.enable_grad():
        nats = texts.answer_nats(network(changed, keep)).mean()
        layers = [at for at, one in enumerate(network.neuron_layers) if one.role == "hidden"]
        slopes = torch.autograd.grad(nats, [kept[at] for at in layers])
    offsets = view.graph.offsets.tolist()
    found = []
    for at, slope in zip(layers, slopes, strict=True):
        change = kept[at].detach() - usual[at]
        back = (slope * change).flatten(0, -2).sum(dim=0)
        for neuron in back.argsort(descending=True)[:_NEURONS].tolist():
            now = float(kept[at].detach()[..., neuron].abs().max())
            usually = float(most[at][..., neuron].abs().max())
            reason = (
                f"behind the word “{word}” it reaches {now:.1f}, on clean texts {usually:.1f} at "
                f"most; as on the clean text, {float(back[neuron]):.1f} nats come back"
            )
            node = str(offsets[at] + neuron)
            found.append(Suspect("neuron", node, float(back[neuron]), reason))
    return sorted(found, key=lambda one: -one.score)[:_NEURONS]
