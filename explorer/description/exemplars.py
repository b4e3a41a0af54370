"""Three worked examples of facts and what to write about them, for the prompt of a describer."""

from dataclasses import dataclass

from explorer.observation.facts import Facts, LabelShare, Need, Share


@dataclass(frozen=True)
class Exemplar:
    """Facts and a good text about them.

    Attributes
    ----------
    facts_text : str
        The facts as a prompt gives them; see ``explorer.description.prompts.facts_text``.
    text : str
    facts : Facts or None
        What both were made from, if it is known.
    """

    facts_text: str
    text: str
    facts: Facts | None = None


def _facts(
    part: str,
    shares: tuple[tuple[str, float, float, float], ...],
    needs: tuple[tuple[str, float, float], ...],
) -> Facts:
    return Facts(
        part=part,
        kind="module",
        task="digits",
        data="images of handwritten digits",
        neurons=6,
        shares=tuple(LabelShare("digit", *share) for share in shares),
        needs=tuple(Need("digit", *need) for need in needs),
        reads=(Share("image", 1.0),),
        promotes=(),
        snippets=(),
        split="explain",
        checkpoint_id="",
        partition_id="",
    )


_MADE = (
    _facts(
        "A",
        (("7", 0.1, 0.52, 2.31), ("9", 0.1, 0.3, 1.62), ("2", 0.1, 0.0, 0.4)),
        (("7", 0.41, 0.9), ("2", 0.0, 0.0)),
    ),
    _facts(
        "B",
        (("0", 0.1, 0.81, 3.4), ("6", 0.1, 0.15, 1.2), ("1", 0.1, 0.0, 0.2)),
        (("0", 0.12, 0.2), ("6", 0.01, 0.0)),
    ),
    _facts(
        "C",
        (("4", 0.1, 0.44, 2.0), ("1", 0.1, 0.32, 1.9), ("8", 0.1, 0.05, 0.7)),
        (("4", 0.0, 0.0), ("1", 0.01, 0.0)),
    ),
)
_TEXTS = (
    "Responds to 7 and 9; without it 7 loses 41 points.",
    "Detects 0 and 6; needed for 0.",
    "Fires on 4 and 1; nothing is lost without it.",
)


def _made() -> tuple[Exemplar, ...]:
    from explorer.description.prompts import facts_text

    return tuple(
        Exemplar(facts_text(facts), text, facts) for facts, text in zip(_MADE, _TEXTS, strict=True)
    )


EXEMPLARS = _made()
