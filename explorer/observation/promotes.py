"""Which outputs a part makes more likely, and which less."""

import numpy as np
import torch

from explorer.modularity.partition import Interface
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats, Ints
from explorer.observation.ablation import holding, without_interface
from explorer.observation.activations import SPLIT, task_of
from explorer.observation.facts import Share
from explorer.observation.figures import small_figure
from explorer.observation.parts import Part, ablated_nodes
from explorer.observation.streaming import Progress, batches, observed, rows_of, takes_long

_RAISED = 8
_LOWERED = 4
_MOST_ACTIVE = 8  # texts, where a run takes long
_MANY = 1_000  # outputs
_ROWS = 64  # in double precision at once
_NOTHING = 1e-5  # change of a logit, as a share of the largest logit, that is a rounding error


def promotes_of(
    checkpoint: Checkpoint,
    part: Part,
    activity: Floats,
    split: str = SPLIT,
    progress: Progress | None = None,
) -> tuple[Share, ...]:
    """Tell how much a part adds to every logit when it is active.

    The logits minus those with the part at 0 (an interface: cut), less their mean over the head, on
    which no probability depends; averaged over the rows, each weighed by the part's activity, and
    divided by the largest. Unlike a product of weights along paths this counts only what happens on
    data, past every ReLU, gate and norm. Zero ablation for all tasks: holding a part at its mean
    leaves the mean of the logits nearly as it was, and so says nothing of their sign. Where a run
    takes long (see ``takes_long``), only the 8 examples on which the part is most active count.

    Parameters
    ----------
    checkpoint : Checkpoint
    part : Module, Interface or int
    activity : array, shape (rows,)
        See ``part_activity``; of the same split.
    split : str
    progress : callable, optional
        Called with the share that is done; what it raises stops the run.

    Returns
    -------
    tuple of Share
        At most 8 outputs that it raises and 4 that it lowers, by falling share; none if it changes
        nothing, and for an output, which is what it promotes.

    Examples
    --------
    >>> from explorer import load
    >>> checkpoint = load("xor4-modular")
    >>> from explorer.observation.part_examples import part_activity
    >>> found = promotes_of(checkpoint, 20, part_activity(checkpoint, 20))
    >>> found[0].name[:6], found[0].share, found[-1].share
    ('pair 3', 1.0, -1.0)
    """
    task, network = task_of(checkpoint), checkpoint.network
    inputs = observed(task, split)
    if takes_long(checkpoint, split):
        length = len(activity) // len(inputs)
        size = activity.reshape(len(inputs), length).sum(axis=1)
        chosen = torch.from_numpy(np.sort(np.argsort(-size, kind="stable")[:_MOST_ACTIVE]))
        inputs, activity = inputs[chosen], activity[rows_of(chosen, length)]
    if isinstance(part, Interface):
        changed, edit = without_interface(checkpoint, part), None
    else:
        nodes = ablated_nodes(checkpoint, part)
        changed, edit = network, holding(network, task, nodes.tolist(), "zero")
    each = len(activity) // len(inputs)
    total: Floats = np.zeros(network.output_size)
    size = 0.0
    with torch.no_grad():
        for places, batch in batches(network, inputs, progress):
            before = network(batch).flatten(0, -2)
            size = max(size, float(before.abs().max()))
            change = before - changed(batch, edit).flatten(0, -2)
            weights = torch.from_numpy(activity[places.start * each : places.stop * each])
            for rows in torch.split(torch.arange(len(change)), _ROWS):
                total += (weights[rows] @ change[rows].double()).numpy()
    mean = total / activity.sum()
    for outputs in () if task.is_text else task.head_slices:
        mean[outputs] -= mean[outputs].mean()
    if task.is_text:
        mean -= mean.mean()
    largest = float(np.abs(mean).max())
    if largest <= _NOTHING * size:
        return ()
    names = task.outputs
    shares = [Share(names[at], small_figure(mean[at] / largest)) for at in _ends(mean).tolist()]
    shares.sort(key=lambda share: -share.share)
    raised = [share for share in shares if share.share > 0][:_RAISED]
    lowered = [share for share in shares if share.share < 0][-_LOWERED:]
    return (*raised, *lowered)


def _ends(mean: Floats) -> Ints:
    """Places of the outputs that may be named: all, or of very many those of largest change."""
    if len(mean) <= _MANY:
        return np.arange(len(mean))
    order = np.argsort(-mean, kind="stable")
    return np.sort(np.concatenate([order[: _MANY // 2], order[-_MANY // 2 :]]))
