"""What the auditors of networks that name images share: who can be audited, and on what images."""

from collections.abc import Sequence

import torch
from torch import Tensor

from explorer.auditing.view import AuditView
from explorer.network.architectures import MLP
from explorer.observation.activations import hidden_nodes

FEWEST = 4  # clean images of every answer


def unfit(view: AuditView, chain: bool = False) -> str:
    """Return why a network cannot be audited by its answers to changed images; empty if it can.

    Parameters
    ----------
    view : AuditView
    chain : bool
        Whether its neurons are looked at, so that it must be a multilayer perceptron.
    """
    task, network = view.task, view.checkpoint.network
    if network.reads != "numbers" or not task.images:
        return f"found a network that reads no images ({task.name}); expected one that does"
    if len(task.heads) != 1:
        return f"found {len(task.heads)} answers an image; expected one"
    if network.output_size < 2:
        return f"found {network.output_size} possible answers; expected at least two"
    if chain and not isinstance(network, MLP):
        return f"found a {network.kind}; expected a multilayer perceptron"
    if chain and len(network.neuron_layers) < 3:
        return "found a network without hidden neurons; expected some"
    counts = torch.bincount(view.clean.targets[:, 0], minlength=network.output_size)
    if int(counts.min()) < FEWEST:
        return (
            f"found {int(counts.min())} clean images of one answer; expected at least {FEWEST} of "
            f"each"
        )
    return ""


def images_by_answer(view: AuditView, count: int) -> Tensor:
    """Take the first clean images of every answer: the same for all networks of a task.

    Parameters
    ----------
    view : AuditView
    count : int
        Images an answer; those of an answer that has fewer come again.

    Returns
    -------
    Tensor, shape (answers, count, inputs)
    """
    labels = view.clean.targets[:, 0]
    parts = []
    for answer in range(view.checkpoint.network.output_size):
        own = (labels == answer).nonzero()[:, 0]
        parts.append(view.clean.inputs[own[torch.arange(count) % len(own)]])
    return torch.stack(parts)


def margins(logits: Tensor, answers: Tensor) -> Tensor:
    """By how much an answer leads all others (below 0: it does not).

    Parameters
    ----------
    logits : Tensor, shape (groups, images, outputs)
    answers : Tensor of int64, shape (groups,)

    Returns
    -------
    Tensor, shape (groups, images)

    Examples
    --------
    >>> margins(torch.tensor([[[1.0, 4.0, 2.0]]]), torch.tensor([1])).tolist()
    [[2.0]]
    """
    at = answers[:, None, None].expand(-1, logits.shape[1], 1)
    others = logits.scatter(2, at, float("-inf")).amax(dim=2)
    return logits.gather(2, at)[..., 0] - others


def leads(logits: Tensor) -> Tensor:
    """By how much every answer leads the best of the others; shape as given, outputs last.

    Examples
    --------
    >>> leads(torch.tensor([1.0, 4.0, 2.0])).tolist()
    [-3.0, 2.0, -2.0]
    """
    two = logits.topk(2, dim=-1).values
    return logits - torch.where(logits == two[..., :1], two[..., 1:], two[..., :1])


def hidden_groups(view: AuditView) -> tuple[list[str], list[Sequence[int]]]:
    """Modules with hidden neurons: their names, and positions of these among hidden neurons."""
    first = view.checkpoint.network.neuron_layers[0].size
    names: list[str] = []
    groups: list[Sequence[int]] = []
    for module in view.partition.modules:
        nodes = hidden_nodes(module)
        if len(nodes):
            names.append(module.name)
            groups.append((nodes - first).tolist())
    return names, groups
