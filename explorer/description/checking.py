"""Strike from a text what does not hold."""

from collections.abc import Sequence

from explorer.description.claims import check_claims
from explorer.description.description import Claim, Description
from explorer.description.rules import find_need, points
from explorer.description.wording import is_short, joined, listed, sentence, source
from explorer.description.words import one_line
from explorer.observation.facts import Facts

_LONGEST_WRITTEN = 400


def checked(
    text: str, facts: Facts, measured: Description, describer: str, key: str
) -> Description:
    """Return what a describer wrote as a description in which every claim holds.

    A text all of whose claims hold stays as it is. Of any other, the claims that hold are said in
    plain words; where there are none, the measured text stands.

    Parameters
    ----------
    text : str
    facts : Facts
    measured : Description
        To fall back to.
    describer, key : str

    Returns
    -------
    Description

    Examples
    --------
    >>> from explorer.description.exemplars import EXEMPLARS
    >>> from explorer.description.measured import measured_description
    >>> facts = EXEMPLARS[0].facts
    >>> checked("Likes 7, 9 and curls", facts, measured_description(facts), "me", "").text
    'Active on 7 and 9.'
    """
    line = one_line(text)
    claims = check_claims(line, facts)
    shown, reason = line, ""
    if not line:
        reason = "the language model wrote nothing"
    elif not claims or not all(claim.holds for claim in claims) or not is_short(line):
        shown = without_false(claims, facts)
        if not shown:
            reason = "nothing that it wrote is borne out by the figures"
    elif len(line) > _LONGEST_WRITTEN:
        reason = "what it wrote is too long"
    if not reason and not all(claim.holds for claim in check_claims(shown, facts)):
        reason = "what is left of its text can be read in more than one way"
    return Description(
        text=measured.text if reason else shown,
        written=line[:_LONGEST_WRITTEN],
        claims=claims,
        describer=describer,
        key=key,
        fell_back=reason,
        part=facts.part,
        facts_id=facts.id,
        checkpoint_id=facts.checkpoint_id,
        partition_id=facts.partition_id,
    )


def without_false(claims: Sequence[Claim], facts: Facts) -> str:
    """Say the claims that hold, in as many words as are allowed; empty if there are none."""
    held = [claim for claim in claims if claim.holds]
    statements = []
    for kind in ("active", "needed", "reads", "promotes"):
        for negative in (False, True):
            labels = [
                (claim.head, claim.label)
                for claim in held
                if claim.kind == kind and claim.label and claim.negative is negative
            ]
            if labels:
                statements += _fitting(kind, negative, list(dict.fromkeys(labels)), facts)
    if any(c.kind == "needed" and not c.label and "nothing" in c.text.lower() for c in held):
        statements.append("without it nothing is lost")
    statements += [claim.text for claim in held if claim.kind == "size"][:1]
    return sentence(statements)


def _fitting(kind: str, negative: bool, labels: list[tuple[str, str]], facts: Facts) -> list[str]:
    for count in range(len(labels), 0, -1):
        statement = _statement(kind, negative, labels[:count], facts)
        if is_short(statement):
            return [statement]
    return []


def _statement(kind: str, negative: bool, labels: list[tuple[str, str]], facts: Facts) -> str:
    not_, last = ("not ", "or") if negative else ("", "and")
    if kind == "active":
        return f"{not_}active on {listed(facts, labels, last)}"
    if kind in ("reads", "promotes"):
        names = joined([source(label) for _, label in labels], last)
        verb = kind if not negative else f"does not {kind.rstrip('s')}"
        return f"{verb} the {names}" if names == "image" else f"{verb} {names}"
    if negative:
        return f"not needed for {listed(facts, labels, last)}"
    needs = [find_need(facts, head, label) for head, label in labels]
    sizes = [str(points(need.lost)) for need in needs if need is not None]
    size = sizes[0] if len(set(sizes)) == 1 else joined(sizes)
    loses = "loses" if len(labels) == 1 else "lose"
    return f"without it {listed(facts, labels)} {loses} {size} points"
