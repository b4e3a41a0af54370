"""A description of a part of a network, and every claim in it beside the figure it rests on."""

import hashlib
import json
from dataclasses import asdict, dataclass

MEASURED = "measured"


@dataclass(frozen=True)
class Claim:
    """One thing that a text says of a part.

    Attributes
    ----------
    kind : {"active", "needed", "reads", "promotes", "size", "unknown"}
        On what it is active; for what it is needed; what it reads; which outputs it promotes; how
        many neurons or weights it has; or none of these, which no figure can bear out.
    head, label : str
        What the claim is about, in the words of ``Facts``; empty where it is about no one label.
    text : str
        The words that make the claim.
    holds : bool
        Whether the facts bear it out.
    figure : str
        The figure that does or does not, in words.
    negative : bool
        Whether it says that the part is *not* active on the label, not needed for it, ...
    """

    kind: str
    head: str
    label: str
    text: str
    holds: bool
    figure: str
    negative: bool = False


@dataclass(frozen=True)
class Description:
    """A text about a module, interface or neuron, after its claims were checked.

    Attributes
    ----------
    text : str
        What to show: one line of at most 20 words, only claims that hold.
    written : str
        What the describer wrote, before checking.
    claims : tuple of Claim
        Of ``written``, each with its verdict.
    describer : str
        ``measured``, the name of a language model, or the name of a person.
    key : str
        Under which the text is cached: a hash of facts, prompt, exemplars, model and decoding.
    fell_back : str
        Why the measured text stands here although another was asked for; empty if it does not.
    part, facts_id, checkpoint_id, partition_id : str
    """

    text: str
    written: str
    claims: tuple[Claim, ...]
    describer: str
    key: str
    fell_back: str
    part: str
    facts_id: str
    checkpoint_id: str
    partition_id: str

    @property
    def id(self) -> str:
        """Hash of the content."""
        content = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]
