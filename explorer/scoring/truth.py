"""What a text about a part is held against: activity and losses on held-out examples."""

from dataclasses import dataclass

from explorer.errors import ScoringError
from explorer.modularity.partition import Interface, Module
from explorer.network.checkpoint import Checkpoint
from explorer.observation.activations import task_of
from explorer.observation.facts import Facts
from explorer.observation.part_examples import PartExamples, part_activity, part_examples
from explorer.observation.parts import Part, ablated_nodes, checked_part
from explorer.scoring.drops import Drops, drops

EXPLAIN, SCORE = "explain", "score"


@dataclass(frozen=True, eq=False)
class Truth:
    """Activity and losses of a part.

    Attributes
    ----------
    facts : Facts
        Of the explain split: what was to be described.
    explained, held_out : PartExamples or None
        On the explain and the score split; None where the part is never active.
    explained_drops, held_out_drops : Drops or None
        None where there is nothing to ablate, or no right answers to lose.
    independent : float
        Share of the rows that count as independent: examples may be made of fewer items.
    block : int
        Rows of ``held_out`` that belong together: the tokens of a text.
    """

    facts: Facts
    explained: PartExamples | None
    held_out: PartExamples | None
    explained_drops: Drops | None
    held_out_drops: Drops | None
    independent: float
    block: int


def truth_of(checkpoint: Checkpoint, part: Part, facts: Facts) -> Truth:
    """Measure a part on the explain and the score split.

    Parameters
    ----------
    checkpoint : Checkpoint
    part : Module, Interface or int
    facts : Facts
        Of the part, on the explain split.

    Raises
    ------
    PartitionError
        If the part is none of the network's.
    ScoringError
        If the network has no task, so that there is no data to score on.
    """
    part = checked_part(checkpoint, part)
    if checkpoint.task is None:
        raise ScoringError(
            f"found {checkpoint.name} without a task; expected one, for its data to score on"
        )
    task = task_of(checkpoint)
    rows = len(task.split(SCORE))
    inputs = task.split(SCORE).inputs
    return Truth(
        facts=facts,
        explained=_examples(checkpoint, part, EXPLAIN),
        held_out=_examples(checkpoint, part, SCORE),
        explained_drops=_drops(checkpoint, part, EXPLAIN),
        held_out_drops=_drops(checkpoint, part, SCORE),
        independent=min(1.0, (task.distinct or rows) / rows),
        block=inputs.shape[1] if task.is_text else 1,
    )


def _examples(checkpoint: Checkpoint, part: Part, split: str) -> PartExamples | None:
    if part_activity(checkpoint, part, split) is None:
        return None
    return part_examples(checkpoint, part, split)


def _drops(checkpoint: Checkpoint, part: Part, split: str) -> Drops | None:
    task = task_of(checkpoint)
    if task.is_text and task.pairs is None:
        return None
    if isinstance(part, Module | int) and not len(ablated_nodes(checkpoint, part)):
        return None
    assert isinstance(part, Module | Interface | int)
    return drops(checkpoint, part, split)
