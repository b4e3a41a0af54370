"""What a GPT's gate is taught: which module each token belongs to, and to use all modules.

The loss of the routers, over the layers l with router probabilities g_l (tokens x modules):

    gate_coefficient * sum_l CE(g_l, labels) + balance_coefficient * k * mean_l sum_m f_lm p_lm

where p_lm is the mean probability of module m, and f_lm the share of tokens that go to it. Labels
are of the tokens that are read, so that a router can know them:

- ``labels``: the skill of the sentence, which a grammar tells: these are *taught* modules;
- ``clusters``: clusters of what the neurons of a plain network do at that token, found without any
  label: *self-taught* modules;
- ``shuffled``: the null. Sentences of one skill are dealt to all modules by their first two words,
  so that labels are as easy to learn and say nothing of skills.

References
----------
Fedus et al. (2021), Switch transformers, arXiv:2101.03961, equation 4: the balance.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.errors import ConfigError
from explorer.network.architectures import Trace
from explorer.network.tasks import Examples
from explorer.training.config import TrainingConfig
from explorer.training.gate_clusters import cluster_labels

NONE = -1  # the label of a token that routers are taught nothing about


def gate_penalty(trace: Trace, batch: Examples, config: TrainingConfig) -> Tensor:
    """Loss of the routers on a batch, weighted as the settings say.

    Parameters
    ----------
    trace : Trace
        Of a network with a gate, on ``batch.inputs``.
    batch : Examples
        With skills, but for clusters.
    config : TrainingConfig
        Its ``gate`` is not "none".

    Returns
    -------
    Tensor
        A scalar.

    Raises
    ------
    ConfigError
        If the network has no gate, or the task's tokens have no skills to teach.
    """
    if "gate" not in trace.extra:
        raise ConfigError(f"found gate = {config.gate!r} and a network without; expected a GPT")
    logits = trace.extra["gate"]
    count = logits.shape[-1]
    labels = gate_labels(batch, config, count).flatten()
    known = labels != NONE
    if int(labels.max()) >= count:
        raise ConfigError(
            f"found module_count = {count} and gate = {config.gate!r} for the task {config.task}; "
            f"expected {int(labels.max()) + 1} or more, a module for every skill"
        )
    loss = balance(logits) * config.balance_coefficient * count
    for layer in logits.flatten(1, 2):
        taught = F.cross_entropy(layer[known], labels[known])
        loss = loss + config.gate_coefficient * taught
    return loss


def balance(logits: Tensor) -> Tensor:
    """Sum over modules of share of tokens times mean probability, averaged over layers.

    It is 1 / modules where all are used alike, and 1 where one takes all.

    Parameters
    ----------
    logits : Tensor, shape (layers, examples, positions, modules)

    Examples
    --------
    >>> even = torch.tensor([[[[9.0, 0.0]], [[0.0, 9.0]]]])
    >>> round(float(balance(even)), 3)
    0.5
    """
    probabilities = logits.softmax(dim=-1)
    chosen = F.one_hot(logits.argmax(dim=-1), logits.shape[-1]).to(logits.dtype)
    shares = chosen.mean(dim=(1, 2)) * probabilities.mean(dim=(1, 2))
    return shares.sum(dim=-1).mean()


def gate_labels(batch: Examples, config: TrainingConfig, count: int) -> Tensor:
    """Module that each token that is read belongs to, -1 for none, in the shape of the inputs."""
    if config.gate == "clusters":
        return cluster_labels(batch.inputs, config, count)
    if batch.skills is None:
        raise ConfigError(
            f"found gate = {config.gate!r} for the task {config.task}, whose tokens have no "
            f"skills; expected a task such as stories, or gate = 'clusters'"
        )
    labels = read_labels(batch.skills)
    return shuffled_labels(batch.inputs, labels, count) if config.gate == "shuffled" else labels


def read_labels(skills: Tensor) -> Tensor:
    """Skill of every token that is read, given that of every token to name.

    What is named at one position is read at the next. A first word has no skill when it is to be
    named, for nobody can know it; when it is read it has that of what follows.

    Examples
    --------
    >>> read_labels(torch.tensor([[2, 2, -1, 0]]))
    tensor([[2, 2, 2, 0]])
    """
    read = torch.cat([torch.full_like(skills[:, :1], NONE), skills[:, :-1]], dim=1)
    return torch.where(read == NONE, skills, read)


def shuffled_labels(tokens: Tensor, labels: Tensor, count: int) -> Tensor:
    """Deal runs of one label to all modules by the two tokens that a run starts with.

    The first token of a run has no label, for the second is not yet known there.

    Examples
    --------
    >>> shuffled_labels(torch.tensor([[5, 6, 7, 8, 9]]), torch.tensor([[-1, 0, 0, 0, 1]]), 4)
    tensor([[-1, -1,  3,  3, -1]])
    """
    at = torch.arange(tokens.shape[1]).expand_as(tokens)
    before = torch.cat([torch.full_like(labels[:, :1], -2), labels[:, :-1]], dim=1)
    start = torch.where(labels != before, at, 0).cummax(dim=1).values
    first, second = (
        tokens.gather(1, (start + step).clamp(max=tokens.shape[1] - 1)) for step in (0, 1)
    )
    # A multiplicative hash: neighbours land in any module (Knuth, volume 3, section 6.4).
    mixed = (first * 7_919 + second * 104_729) * 2_654_435_761 % 2**32
    dealt = (mixed * count) >> 32
    return torch.where((labels == NONE) | (at == start), NONE, dealt)
