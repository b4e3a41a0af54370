"""Compare two networks: match their modules, put their figures side by side, tell what moved."""

from collections.abc import Callable, Iterable

import numpy as np

from explorer.errors import PartitionError
from explorer.modularity.partition import Partition
from explorer.modularity.quality import Quality
from explorer.observation.activations import record_activations
from explorer.observation.comparing.correspondence import correspondence
from explorer.observation.comparing.figures import compared_figures
from explorer.observation.comparing.function import ROWS, Doing, cka, shared_task
from explorer.observation.comparing.matching import NULL_COUNT, match_groups
from explorer.observation.comparing.moved import moved_weights
from explorer.observation.comparing.overlap import jaccard, members, same_layers, shared_ends
from explorer.observation.comparing.texts import CommonText, common_text, read_places
from explorer.observation.comparing.values import WAYS, Comparison, Correspondence, ModuleMatch
from explorer.observation.streaming import part_of

_Common = str | CommonText | None  # a task whose examples both read, or a text
_READ = (0.35, 0.7)  # of the work: until the first network is run, and the second


def compare(
    first: Partition,
    second: Partition,
    by: str | None = None,
    null_count: int = NULL_COUNT,
    qualities: tuple[Quality | None, Quality | None] = (None, None),
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Comparison:
    """Compare two networks with their modules.

    Modules are matched so that their similarities add up to the most. Where the neurons of one are
    those of the other, as after fine-tuning or an ablation, by the neurons that they share. Where
    they are not, as of two seeds or two sizes, by what their neurons do on the same examples; of
    two that read text, each with its own tokenizer, on the same text. Where there are no common
    examples, by inputs and outputs, if those mean the same. Beside every
    similarity stands what random groups of the same sizes reach; a module whose match is no better
    has no counterpart.

    Parameters
    ----------
    first, second : Partition
    by : {"neurons", "function", "ends"}, optional
        What to match by; chosen by the evidence if not given.
    null_count : int
        Random groupings behind each similarity; with fewer than 20, none can be beyond chance.
    qualities : tuple of two Quality or None
        Where they are known, so that figures have their nulls.
    seed : int
        Of the random groups.
    progress : callable, optional
        Called with the share that is done.

    Returns
    -------
    Comparison

    Raises
    ------
    PartitionError
        If the two cannot be matched by what ``by`` names.

    Examples
    --------
    >>> from explorer import find_modules, load, network_graph
    >>> plain, modular = (
    ...     find_modules(network_graph(load(f"pair-{kind}")), k=2) for kind in ("plain", "modular")
    ... )
    >>> found = compare(plain, modular)
    >>> found.way, [(match.first, match.second) for match in found.matches]
    ('neurons', [(0, 1), (1, 0)])
    """
    found = correspondence(first, second, seed)
    looks = by == "function" or (by is None and not found.holds)
    common = (shared_task(first, second) or common_text(first, second, ROWS)) if looks else None
    way = by or _way(first, second, found, common)
    if by is not None:
        _check(by, first, second, common)
    matches, shared = _match(way, first, second, common, null_count, seed, progress)
    moved = moved_weights(first, second) if way == "neurons" and found.rows else ()
    return Comparison(
        first_id=first.id,
        second_id=second.id,
        first_checkpoint_id=first.graph.checkpoint_id,
        second_checkpoint_id=second.graph.checkpoint_id,
        way=way,
        reason=_reason(way, by is not None, common, found),
        correspondence=found,
        matches=matches,
        only_first=_others(first.count, (match.first for match in matches)),
        only_second=_others(second.count, (match.second for match in matches)),
        shared=shared,
        figures=compared_figures(first, second, qualities),
        moved=moved,
        first=first,
        second=second,
    )


def _way(first: Partition, second: Partition, found: Correspondence, common: _Common) -> str:
    if found.holds:
        return "neurons"
    if common is not None:
        return "function"
    return "ends" if len(shared_ends(first, second)[0]) else "none"


def _match(
    way: str,
    first: Partition,
    second: Partition,
    common: _Common,
    null_count: int,
    seed: int,
    progress: Callable[[float], None] | None,
) -> tuple[tuple[ModuleMatch, ...], int]:
    """Matches, and the nodes or examples that they rest on."""
    if way == "none":
        return (), 0
    if way == "function":
        one = _doing(first, 0, common, seed, part_of(progress, 0.0, _READ[0]))
        two = _doing(second, 1, common, seed, part_of(progress, *_READ))
        last = part_of(progress, _READ[1], 1.0)
        found = match_groups(first, second, (one, two), cka, null_count, seed, last)
        return found, len(one.rows)
    everything = np.arange(first.graph.node_count)
    nodes = (everything, everything) if way == "neurons" else shared_ends(first, second)
    describe = members(nodes[0], first.count), members(nodes[1], second.count)
    both = (first.labels[nodes[0]] >= 0) & (second.labels[nodes[1]] >= 0)
    found = match_groups(first, second, describe, jaccard, null_count, seed, progress)
    return found, int(both.sum())


def _doing(
    partition: Partition,
    side: int,
    common: _Common,
    seed: int,
    progress: Callable[[float], None] | None,
) -> Doing:
    """Run a network on what both read."""
    checkpoint = partition.graph.checkpoint
    assert checkpoint is not None
    if isinstance(common, CommonText):
        tokens, places = common.tokens[side], common.places[side]
        return Doing(partition, read_places(checkpoint, tokens, places, progress), seed)
    return Doing(partition, record_activations(checkpoint, progress=progress), seed)


def _check(by: str, first: Partition, second: Partition, common: _Common) -> None:
    """Refuse a way that these two networks do not have."""
    if by not in WAYS:
        raise PartitionError(f"found by = {by!r:.40}; expected one of {', '.join(WAYS)}")
    possible, wanted = {
        "neurons": (same_layers(first, second), "networks with the same layers"),
        "function": (
            common is not None,
            "networks of one task, for its data, or two that read text and have their tokenizers",
        ),
        "ends": (len(shared_ends(first, second)[0]) > 0, "as many inputs or outputs, of one task"),
    }[by]
    if not possible:
        raise PartitionError(f"found networks that cannot be matched by {by}; expected {wanted}")


def _reason(way: str, forced: bool, common: _Common, found: Correspondence) -> str:
    where = (
        f"in the same text, {common.title}, at {len(common.places[0]):,} places where a token of "
        f"both ends"
        if isinstance(common, CommonText)
        else f"on the same examples of the task {common}"
    )
    if forced:
        also = f" What neurons do was looked at {where}." if way == "function" else ""
        return f"Matched by {way}, as asked for. {found.said}{also}"
    if way == "neurons":
        return f"{found.said} So neurons correspond, and modules are matched by those they share."
    apart = found.said if not found.rows else f"{found.said} Most would be, were neurons the same."
    if way == "function":
        return f"{apart} So modules are matched by what their neurons do {where}."
    if way == "ends":
        return (
            f"{apart} There is no data to run both on, so modules are matched by the inputs and "
            f"outputs alone, if those mean the same."
        )
    return (
        f"{apart} They have no data in common and no inputs or outputs that are known to mean the "
        f"same, so modules cannot be matched: only figures can be compared."
    )


def _others(count: int, matched: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(range(count)) - set(matched)))
