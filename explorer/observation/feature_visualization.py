"""Feature visualization: inputs made for a part of a network, beside the best of the data.

What a part is most active on in the data shows what goes with its activity; an input that is made
to raise it shows what causes it. Both stand side by side, since either alone misleads: the data may
always show two things together, and a made input may be like nothing in the data.

References
----------
Erhan et al. (2009), Visualizing higher-layer features of a deep network. Olah, Mordvintsev and
Schubert (2017), Feature visualization, Distill: regularisers, diversity, data beside it. Borowski
et al. (2021), Exemplary natural images explain CNN activations better than feature visualization,
arXiv:2010.12606: why the data stands beside it.
"""

from dataclasses import dataclass

import numpy as np
import torch

from explorer.errors import TaskError
from explorer.modularity.partition import Interface, Module
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats
from explorer.network.tasks import Task
from explorer.network.tasks.plane import is_plane, plane_grid, plane_reach
from explorer.network.threads import single_threaded
from explorer.observation.activations import SPLIT, task_of
from explorer.observation.feature_visualization_inputs import climb
from explorer.observation.feature_visualization_objective import Objective, part_objective
from explorer.observation.feature_visualization_tokens import search_tokens
from explorer.observation.parts import Part, name_of
from explorer.observation.streaming import observed, takes_long

_RESOLUTION = 48
_MOST_TOKENS = 5_000


@dataclass(frozen=True, eq=False)
class MadeInput:
    """An input that was made for a part.

    Attributes
    ----------
    values : array, shape (inputs,), or (tokens,) of a text
        Numbers within the data's range, or tokens by their number.
    activity : float
        What the part reaches on it; of a text, at its last token. 1 is the average over the data.
    """

    values: Floats
    activity: float


@dataclass(frozen=True, eq=False)
class FeatureVisualization:
    """Inputs made for a part, beside the most that the data reaches.

    Attributes
    ----------
    part : str
        Name of a module or interface, or number of a node.
    form : {"image", "numbers", "text"}
    made : tuple of MadeInput
        The most active first; they were made to differ from each other.
    best_example : int
        The row of the split on which the part is most active; of a text, a token, counted through
        the texts.
    best_activity : float
        Its activity there: what a made input is compared with.
    plane : array, shape (48, 48), or None
        Of a task of the plane, the activity everywhere; y falls with the row, x rises with the
        column.
    plane_reach : float
        The map shows both coordinates from minus this to this.
    split : str
        The data that starting points, ranges and averages come from.
    checkpoint_id : str
    partition_id : str
        Empty for a neuron.
    """

    part: str
    form: str
    made: tuple[MadeInput, ...]
    best_example: int
    best_activity: float
    plane: Floats | None
    plane_reach: float
    split: str
    checkpoint_id: str
    partition_id: str


def visualize_features(
    checkpoint: Checkpoint, part: Part, count: int = 3, seed: int = 0
) -> FeatureVisualization | None:
    """Make inputs on which a part of a network is as active as can be.

    Numbers are climbed by gradient, within the range that each input has in the data, from the
    examples that the part is most active on; see ``feature_visualization_inputs``. Tokens are
    searched one place after the other, by exact evaluation; see ``feature_visualization_tokens``.
    Only the explain split is used. The same seed gives the same inputs.

    Parameters
    ----------
    checkpoint : Checkpoint
    part : Module, Interface or int
    count : int
        How many different inputs to make.
    seed : int

    Returns
    -------
    FeatureVisualization or None
        None for a part that is never active on the data.

    Raises
    ------
    TaskError
        If the checkpoint has no task, or is too large for thousands of runs.
    PartitionError
        If the part is none of the network's.

    Examples
    --------
    >>> from explorer import find_modules, load, network_graph
    >>> checkpoint = load("pair-modular")
    >>> module = find_modules(network_graph(checkpoint), k=2).module("A")
    >>> found = visualize_features(checkpoint, module)
    >>> found.form, found.made[0].values.shape, found.made[0].activity >= found.best_activity
    ('image', (32,), True)
    """
    task = task_of(checkpoint)
    if takes_long(checkpoint) or len(task.tokens) > _MOST_TOKENS:
        raise TaskError(
            f"found a network too large to make inputs for ({checkpoint.network.shape:.60}); "
            f"expected one that runs on all examples at once, of at most {_MOST_TOKENS:,} tokens"
        )
    objective = part_objective(checkpoint, part)
    with single_threaded():
        inputs = observed(task, SPLIT)
        with torch.no_grad():
            activity = objective(inputs)
        if float(activity.max()) <= 0:
            return None
        # An output's logit may be negative on average: then there is nothing to divide by.
        scale = float(activity.mean()) if float(activity.min()) >= 0 else 1.0
        if task.is_text:
            found = search_tokens(objective, inputs, activity, len(task.tokens), count, seed)
        else:
            moves = checkpoint.network.kind == "cnn"
            found = climb(objective, inputs, activity, task.images, count, seed, jitter=moves)
        plane, reach = _plane(task, objective, scale)
    best = int(activity.flatten().argmax())
    return FeatureVisualization(
        part=name_of(part),
        form="text" if task.is_text else "image" if task.images else "numbers",
        made=tuple(
            MadeInput(values.numpy().astype(np.float64), reached / scale)
            for values, reached in sorted(found, key=lambda pair: -pair[1])
        ),
        best_example=best,
        best_activity=float(activity.flatten()[best]) / scale,
        plane=plane,
        plane_reach=reach,
        split=SPLIT,
        checkpoint_id=checkpoint.id,
        partition_id=part.partition_id if isinstance(part, Module | Interface) else "",
    )


def _plane(task: Task, objective: Objective, scale: float) -> tuple[Floats | None, float]:
    if not is_plane(task):
        return None, 0.0
    reach = plane_reach(task)
    with torch.no_grad():
        values = objective(plane_grid(_RESOLUTION, reach)).double() / scale
    return values.reshape(_RESOLUTION, _RESOLUTION).numpy(), reach
