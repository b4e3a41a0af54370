"""What a measured text says first: what tells a part from others."""

from dataclasses import replace

from explorer.description.measured import measured_description
from explorer.description.options import options
from explorer.description.rules import needed_head, quiet_labels
from explorer.observation.facts import Facts, LabelShare, Need, Share

SIDES = ("left", "right")


def two_sides(spared: tuple[str, ...] = ("8",)) -> Facts:
    """A part that reads the left of two digits and is needed for all of it but what is spared."""
    shares = [LabelShare("left", "7", 0.1, 0.4, 1.5), LabelShare("left", "2", 0.1, 0.0, 0.5)]
    shares += [LabelShare("right", str(n), 0.1, 0.1, 0.5 if n == 1 else 1.0) for n in range(10)]
    needs = [
        Need(side, str(n), 0.6 if side == "left" and str(n) not in spared else 0.0, 0.0)
        for side in SIDES
        for n in range(10)
    ]
    return Facts(
        part="A",
        kind="module",
        task="pair",
        data="pairs of digits",
        neurons=5,
        shares=tuple(sorted(shares, key=lambda one: -one.mean)),
        needs=tuple(sorted(needs, key=lambda one: -one.lost)),
        reads=(Share("left", 0.98), Share("right", 0.02), Share("module B", 0.0)),
        promotes=(),
        snippets=(),
        split="explain",
        checkpoint_id="c" * 16,
        partition_id="p" * 16,
    )


def test_a_part_that_carries_a_whole_head():
    found = measured_description(two_sides())
    assert found.text == "Reads left; active on left 7, not 2; needed for all left except 8."
    assert all(claim.holds for claim in found.claims)
    assert {(c.head, c.label) for c in found.claims if c.kind == "needed" and not c.negative} == {
        ("left", str(n)) for n in range(10) if n != 8
    }


def test_a_head_is_whole_if_at_most_two_classes_are_spared():
    assert needed_head(two_sides(())) == ("left", ())
    assert needed_head(two_sides(("3", "8"))) == ("left", ("3", "8"))
    assert needed_head(two_sides(("1", "3", "8"))) is None
    facts = two_sides()
    both = replace(facts, needs=(*facts.needs[:-1], Need("right", "9", 0.2, 0.0)))
    assert needed_head(both) is None


def test_quiet_classes_are_of_heads_that_it_is_active_on():
    assert [(one.head, one.label) for one in quiet_labels(two_sides())] == [("left", "2")]


def test_what_is_read_is_left_out_where_there_is_no_other():
    facts = replace(two_sides(), reads=(Share("left", 0.98), Share("module B", 0.02)))
    assert "reads" not in measured_description(facts).text.lower()


def test_a_model_may_say_the_same():
    texts = options(two_sides())
    assert "Reads left; fires on left 7, not 2; needed for all left except 8." in texts
