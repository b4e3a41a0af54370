"""Worked examples of facts and what to write about them, for the prompt of a language model."""

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


Labels = tuple[tuple[str, str], ...]


def _made(text: str, active: str, needed: str, kind: str = "module") -> Exemplar:
    """Write an exemplar out of labels such as ``digit 7, digit 9`` and ``digit 7 41``."""
    from explorer.description.prompts import facts_text

    shares, needs = [], []
    for rank, named in enumerate(filter(None, active.split(", "))):
        head, label = named.split(" ")
        shares.append(LabelShare(head, label, 0.1, 0.52 - 0.2 * rank, 2.31 - 0.7 * rank))
    for named in filter(None, needed.split(", ")):
        head, label, lost = named.split(" ")
        needs.append(Need(head, label, float(lost) / 100, 0.9))
    head = (active or needed).split(" ", maxsplit=1)[0]
    quiet = {"left": "2", "token": "oats"}.get(head, "2")
    shares.append(LabelShare(head, quiet, 0.1, 0.0, 0.4))
    needs.append(Need("skill" if head == "token" else head, "8", 0.0, 0.0))
    if head == "left":
        needs.append(Need("right", "8", 0.0, 0.0))
    facts = Facts(
        part="A" if kind == "module" else "A-B",
        kind=kind,
        task="",
        data="",
        neurons=6,
        shares=tuple(shares),
        needs=tuple(needs),
        reads=(Share("image", 1.0),),
        promotes=(),
        snippets=(),
        split="explain",
        checkpoint_id="",
        partition_id="",
    )
    return Exemplar(facts_text(facts), text, facts)


def _sets() -> dict[tuple[str, bool], tuple[Exemplar, ...]]:
    """Three exemplars for each kind of data, where something is lost without a part and not."""
    return {
        ("class", True): (
            _made("Responds to 7 and 9; needed for 7.", "digit 7, digit 9", "digit 7 41"),
            _made("Detects 0; needed for 0 and 6.", "digit 0", "digit 0 62, digit 6 12"),
            _made(
                "Fires on 4, 1 and 5; needed for 3 and 4.",
                "digit 4, digit 1, digit 5",
                "digit 3 70, digit 4 9",
            ),
        ),
        ("class", False): (
            _made("Responds to 7 and 9; nothing is lost without it.", "digit 7, digit 9", ""),
            _made("Detects 0; nothing is lost without it.", "digit 0", ""),
            _made(
                "Fires on 4, 1 and 5; nothing is lost without it.", "digit 4, digit 1, digit 5", ""
            ),
        ),
        ("heads", True): (
            _made("Responds to left 7 and 9; needed for left 7.", "left 7, left 9", "left 7 41"),
            _made(
                "Detects right 0; needed for right 0 and 6.", "right 0", "right 0 62, right 6 12"
            ),
            _made(
                "Fires on left 4, 1 and 5; needed for left 3 and 4.",
                "left 4, left 1, left 5",
                "left 3 70, left 4 9",
            ),
        ),
        ("heads", False): (
            _made("Responds to left 7 and 9; nothing is lost without it.", "left 7, left 9", ""),
            _made("Detects right 0; nothing is lost without it.", "right 0", ""),
            _made("Fires on left 4 and 1; nothing is lost without it.", "left 4, left 1", ""),
        ),
        ("text", True): (
            _made(
                'Responds to "seven" and "nine"; needed for sums.',
                "token seven, token nine",
                "skill sums 41",
            ),
            _made('Detects "boat"; needed for places.', "token boat", "skill places 12"),
            _made(
                'Fires on names, "Tim" and "Lou"; needed for names.',
                "skill names, token Tim, token Lou",
                "skill names 30",
            ),
        ),
        ("text", False): (
            _made(
                'Responds to "seven" and "nine"; nothing is lost without it.',
                "token seven, token nine",
                "",
            ),
            _made('Detects "boat"; nothing is lost without it.', "token boat", ""),
            _made(
                'Fires on names and "Tim"; nothing is lost without it.',
                "skill names, token Tim",
                "",
            ),
        ),
    }


SETS = _sets()
EXEMPLARS = SETS["class", True]
