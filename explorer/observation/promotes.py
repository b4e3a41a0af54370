"""Which outputs a part makes more likely, and which less."""

import numpy as np
import torch
from torch import Tensor

from explorer.modularity.partition import Interface
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats
from explorer.observation.ablation import holding, without_interface
from explorer.observation.activations import SPLIT, TEXTS, task_of
from explorer.observation.facts import Share
from explorer.observation.figures import small_figure
from explorer.observation.parts import Part, ablated_nodes

_RAISED = 8
_LOWERED = 4
_NOTHING = 1e-5  # change of a logit, as a share of the largest logit, that is a rounding error


def promotes_of(
    checkpoint: Checkpoint, part: Part, activity: Floats, split: str = SPLIT
) -> tuple[Share, ...]:
    """Tell how much a part adds to every logit when it is active.

    The logits minus those with the part at 0 (an interface: cut), less their mean over the head, on
    which no probability depends; averaged over the rows, each weighed by the part's activity, and
    divided by the largest. Unlike a product of weights along paths this counts only what happens on
    data, past every ReLU, gate and norm. Zero ablation for all tasks: holding a part at its mean
    leaves the mean of the logits nearly as it was, and so says nothing of their sign.

    Parameters
    ----------
    checkpoint : Checkpoint
    part : Module, Interface or int
    activity : array, shape (rows,)
        See ``part_activity``; of the same split.
    split : str

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
    inputs = task.split(split).inputs
    inputs = inputs[:TEXTS] if task.is_text else inputs
    with torch.no_grad():
        before = network(inputs)
        if isinstance(part, Interface):
            after = without_interface(checkpoint, part)(inputs)
        else:
            nodes = ablated_nodes(checkpoint, part)
            after = network(inputs, holding(network, task, nodes.tolist(), "zero"))
    change = _centred(before - after, () if task.is_text else task.head_slices)
    mean = np.average(change.numpy(), axis=0, weights=activity)
    largest = float(np.abs(mean).max())
    if largest <= _NOTHING * float(before.abs().max()):
        return ()
    shares = [Share(n, small_figure(m / largest)) for n, m in zip(task.outputs, mean, strict=True)]
    shares.sort(key=lambda share: -share.share)
    raised = [share for share in shares if share.share > 0][:_RAISED]
    lowered = [share for share in shares if share.share < 0][-_LOWERED:]
    return (*raised, *lowered)


def _centred(logits: Tensor, heads: tuple[slice, ...]) -> Tensor:
    """Logits of shape (rows, outputs), those of every head 0 on average."""
    rows = logits.double().flatten(0, -2)
    for outputs in heads or (slice(None),):
        rows[:, outputs] -= rows[:, outputs].mean(dim=1, keepdim=True)
    return rows
