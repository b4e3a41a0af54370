"""The measured description: an instant text in which every claim is a figure."""

from collections.abc import Iterator, Sequence

from explorer.description.claims import check_claims
from explorer.description.description import MEASURED, Description
from explorer.description.rules import (
    active_labels,
    main_shares,
    needed_head,
    needed_labels,
    points,
    quiet_labels,
    told_by_reading,
)
from explorer.description.wording import is_short, joined, listed, sentence, source
from explorer.observation.facts import Facts

_ACTIVE = 4  # labels named at most
_NEEDED = 4
_QUIET = 2
_READS = 2


def measured_description(facts: Facts) -> Description:
    """Describe a part by its facts alone, at once.

    Parameters
    ----------
    facts : Facts

    Returns
    -------
    Description
        Of at most 20 words on one line; every claim in it holds.

    Examples
    --------
    >>> from explorer.description.exemplars import EXEMPLARS
    >>> measured_description(EXEMPLARS[0].facts).text
    'Active on 7 and 9, not 2; without it 7 loses 41 points.'
    """
    return described(facts, next(measured_texts(facts)))


def distinct(facts: Sequence[Facts]) -> tuple[Description, ...]:
    """Describe the parts of a network so that no two have the same text.

    A text that is taken gets the next fact; where the facts run out, the name of the part.

    Parameters
    ----------
    facts : sequence of Facts

    Returns
    -------
    tuple of Description

    Examples
    --------
    >>> from dataclasses import replace
    >>> from explorer.description.exemplars import EXEMPLARS
    >>> one = EXEMPLARS[0].facts
    >>> for made in distinct([one, replace(one, part="B", neurons=9), replace(one, part="C")]):
    ...     print(made.text)
    Active on 7 and 9, not 2; without it 7 loses 41 points.
    Active on 7 and 9; without it 7 loses 41 points; reads the image.
    6 neurons; active on 7 and 9; without it 7 loses 41 points.
    """
    taken: set[str] = set()
    found = []
    for one in facts:
        text = next(text for text in measured_texts(one) if text not in taken)
        taken.add(text)
        found.append(described(one, text))
    return tuple(found)


def measured_texts(facts: Facts) -> Iterator[str]:
    """Write texts about a part, the best first, each with another fact than the last.

    Those behind the first ones begin with the name of the part, which no other part has.
    """
    first, *more = _statements(facts)
    head = [first] if first else []
    kept = [_needs(facts, most) for most in range(_NEEDED, 0, -1)]
    kept = [whole, *kept] if (whole := whole_head(facts)) else kept

    def fits(*statements: str) -> bool:
        return is_short("; ".join(statements))

    lead = [one for one in told_source(facts) if any(fits(one, *head, text) for text in kept)]
    needs = next((text for text in kept if fits(*lead, *head, text)), "")
    several = kept[:-1] if len(set(kept)) > 1 else kept  # what is needed, before what is quiet
    fuller = [
        [*lead, one, text]
        for one in with_quiet(facts, first)
        for text in several
        if fits(*lead, one, text)
    ]
    variants = [*fuller[:1], [*lead, *head, needs], [*head, needs]][: 1 if fuller else 2]
    variants += [[*head, needs, one] for one in more]
    variants += [[f"{facts.neurons} {_unit(facts)}", *head, needs]]
    variants += [[f"{facts.kind} {facts.part}", *head, needs]]
    variants += [[f"{facts.kind} {facts.part}", f"{facts.neurons} {_unit(facts)}"]]
    texts = [sentence(variant) for variant in variants]
    yield from (text for text in dict.fromkeys(texts) if is_short(text))


def described(facts: Facts, text: str) -> Description:
    """Return a text made of measured facts as a description."""
    return Description(
        text=text,
        written=text,
        claims=check_claims(text, facts),
        describer=MEASURED,
        key=f"{MEASURED} {facts.id}",
        fell_back="",
        part=facts.part,
        facts_id=facts.id,
        checkpoint_id=facts.checkpoint_id,
        partition_id=facts.partition_id,
    )


def told_source(facts: Facts) -> list[str]:
    """Say what a part reads, if that tells it from others: ``reads right``."""
    names = [source(one.name) for one in told_by_reading(facts.reads)]
    return [f"reads {joined(names)}"] if names else []


def with_quiet(facts: Facts, active: str) -> list[str]:
    """Add to what a part is active on the two, or the one, on which it is hardly active."""
    quiet = [(one.head, one.label) for one in quiet_labels(facts)][:_QUIET]
    if not active or not quiet:
        return [active] if active else []
    written = [listed(facts, quiet[:n], last="or") for n in range(len(quiet), 0, -1)]
    head = f"{source(quiet[0][0])} "
    if len({one.head for one in active_labels(facts)[:_ACTIVE]}) == 1:  # named already
        written = [text.removeprefix(head) for text in written]
    return [*(f"{active}, not {text}" for text in written), active]


def _statements(facts: Facts) -> list[str]:
    """What a part is active on, then what else is known of it."""
    verb = "carries" if facts.kind == "interface" else "active on"  # what crosses an interface
    active = [(one.head, one.label) for one in active_labels(facts)][:_ACTIVE]
    reads = [source(one.name) for one in main_shares(facts.reads)[:_READS]]
    promotes = [source(one.name) for one in main_shares(facts.promotes)[:_READS]]
    found = [f"{verb} {listed(facts, active)}" if active else ""]
    if not active and facts.shares:
        found = ["active on nothing"] if facts.kind != "interface" else ["carries nothing"]
    if promotes:
        found.append(f"promotes {joined(promotes)}")
    if reads:
        found.append(
            f"reads the {joined(reads)}" if reads[0] == "image" else f"reads {joined(reads)}"
        )
    return found


def whole_head(facts: Facts) -> str:
    """Say that a part is needed for a whole head, if it is: ``needed for all right except 8``."""
    found = needed_head(facts)
    if found is None:
        return ""
    head, spared = found
    text = f"needed for all {source(head)}"
    return f"{text} except {joined([source(label) for label in spared])}" if spared else text


def _needs(facts: Facts, most: int) -> str:
    """What is lost without the part: ``without it 7 and 3 lose 41 and 20 points``."""
    needs = needed_labels(facts)[:most]
    if not needs:
        return "without it nothing is lost" if facts.needs else ""
    labels = listed(facts, [(one.head, one.label) for one in needs])
    sizes = [str(points(one.lost)) for one in needs]
    size = sizes[0] if len(set(sizes)) == 1 else joined(sizes)
    return f"without it {labels} lose{'s' * (len(needs) == 1)} {size} points"


def _unit(facts: Facts) -> str:
    unit = "weight" if facts.kind == "interface" else "neuron"
    return unit if facts.neurons == 1 else f"{unit}s"
