"""Facts made by hand."""

from explorer.observation.facts import Facts, LabelShare, Need, Share


def make_facts(
    shares=(("3", 0.1, 0.5, 2.0), ("8", 0.1, 0.3, 1.5), ("4", 0.1, 0.0, 0.2)),
    needs=(("3", 0.62), ("8", 0.0), ("4", 0.0)),
    head="digit",
    reads=(("left", 0.9), ("right", 0.05)),
    promotes=(("digit 3", 0.6), ("digit 4", -0.4)),
    part="A",
    kind="module",
    neurons=6,
):
    return Facts(
        part=part,
        kind=kind,
        task="digits",
        data="images of handwritten digits",
        neurons=neurons,
        shares=tuple(LabelShare(head, *share) for share in shares),
        needs=tuple(Need(head, label, lost, 2 * lost) for label, lost in needs),
        reads=tuple(Share(*one) for one in reads),
        promotes=tuple(Share(*one) for one in promotes),
        snippets=(),
        split="explain",
        checkpoint_id="c" * 16,
        partition_id="p" * 16,
    )
