"""What is known of a part of a network in short: all that a describer sees and is held to."""

import hashlib
import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class LabelShare:
    """How the activity of a part goes with one label of the data.

    Attributes
    ----------
    head : str
        The question that the label answers: a head of the task; of a text, ``token`` or ``skill``.
    label : str
        A class of the head, a token or a skill.
    base : float
        Share of the examples (of a text, the tokens) that have this label.
    active : float
        Its share among the tenth on which the part is most active.
    mean : float
        Mean activity where the label holds; 1 is the average over all examples.
    """

    head: str
    label: str
    base: float
    active: float
    mean: float

    @property
    def lift(self) -> float:
        """How many times as common the label is where the part is most active."""
        return self.active / self.base if self.base else 0.0


@dataclass(frozen=True)
class Need:
    """What is lost on one label when the part is ablated, or the interface cut.

    Attributes
    ----------
    head, label : str
        A head and its class; of a text, ``skill`` and the skill.
    lost : float
        Accuracy lost, as a share: positive where the part is needed. Of a text, on minimal pairs.
    nats : float
        Rise of the cross-entropy.
    """

    head: str
    label: str
    lost: float
    nats: float


@dataclass(frozen=True)
class Share:
    """A named thing and how much of the whole falls to it, at most 1 in absolute value."""

    name: str
    share: float


@dataclass(frozen=True)
class Facts:
    """The measured facts of a module, interface or neuron, from one split.

    Attributes
    ----------
    part : str
        ``A``, ``A-B``, or the number of a node.
    kind : {"module", "interface", "neuron"}
    task : str
        Key of the task.
    data : str
        What examples are, in words: ``images of handwritten digits``.
    neurons : int
        Hidden neurons of a module, 1 of a neuron; weights of an interface.
    shares : tuple of LabelShare
        Every label, by falling mean activity; of a text, the most and least telling tokens only.
        Empty where the part has no activity.
    needs : tuple of Need
        Every class or skill, by falling loss of accuracy, with the usual ablation of the task; of
        a text without skills one, ``next token``. Empty for an output, and without a task.
    reads : tuple of Share
        Where its weight comes from: images, inputs, the embedding or other modules (``module B``;
        of a neuron, layers), the largest first, 12 at most.
    promotes : tuple of Share
        Outputs that it makes more (or, if negative, less) likely, by falling share, 8 and 4 at
        most.
    snippets : tuple of str
        Of a text: where it is most active, the token marked as ``[token]``.
    split : str
    checkpoint_id : str
    partition_id : str
        Empty for a neuron.
    """

    part: str
    kind: str
    task: str
    data: str
    neurons: int
    shares: tuple[LabelShare, ...]
    needs: tuple[Need, ...]
    reads: tuple[Share, ...]
    promotes: tuple[Share, ...]
    snippets: tuple[str, ...]
    split: str
    checkpoint_id: str
    partition_id: str

    def canonical(self) -> str:
        """Return the facts as JSON that is the same wherever it is made: figures to 4 digits."""
        return json.dumps(_rounded(asdict(self)), sort_keys=True, separators=(",", ":"))

    @property
    def id(self) -> str:
        """Hash of the canonical form."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()[:16]


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.4g}") + 0.0  # no negative zero
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
