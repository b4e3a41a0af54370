"""Labels for a gate that come from no grammar: clusters of what a plain network does.

At every token the residual stream of a trained plain network (the teacher) holds what all its
neurons wrote. Averaged over the last few tokens, scaled to length 1 and reduced to its principal
components, these patterns fall into clusters, one more than there are modules; two that follow one
another become one. The cluster of a token is its label. Clusters see no skill.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from explorer.errors import ConfigError
from explorer.modularity.k_means import k_means
from explorer.network.architectures import Network
from explorer.network.load import load
from explorer.training.config import TrainingConfig
from explorer.training.following_clusters import merge_followers

MEMORY = 0.8  # of the running mean of activations over tokens
_COMPONENTS = 16
_STARTS = 10
_MORE = 1  # clusters beyond those wanted: sentences of the commonest kind pass through phases


@dataclass(frozen=True, eq=False)
class TokenClusters:
    """Clusters of the tokens that a network has read.

    Attributes
    ----------
    teacher : Network
    mean, components, centres : Tensor
        Of the patterns of its activations: their mean, principal components as columns, and the
        centres of the clusters among these.
    merged : Tensor of int64
        What cluster each of these counts as.
    """

    teacher: Network
    mean: Tensor
    components: Tensor
    centres: Tensor
    merged: Tensor

    @torch.no_grad()
    def labels(self, tokens: Tensor) -> Tensor:
        """Cluster of every token, in the shape of ``tokens``."""
        places = (patterns(self.teacher, tokens) - self.mean) @ self.components
        flat = torch.cdist(places.flatten(0, 1), self.centres).argmin(dim=1)
        return self.merged[flat].reshape(tokens.shape)


def find_clusters(teacher: Network, tokens: Tensor, count: int, seed: int = 0) -> TokenClusters:
    """Cluster the tokens of some texts by what a network does at them.

    Parameters
    ----------
    teacher : Network
        Trained, of text.
    tokens : Tensor of int64, shape (texts, positions)
    count : int
        Number of clusters.
    seed : int

    References
    ----------
    k-means from several starts, the one of the least sum of squares: Arthur and Vassilvitskii
    (2007), k-means++.
    """
    with torch.no_grad():
        found = patterns(teacher, tokens).flatten(0, 1)
        mean = found.mean(dim=0)
        # Eigenvectors of a few hundred dimensions: exact, and with no random start.
        _, vectors = torch.linalg.eigh((found - mean).T @ (found - mean))
        components = vectors[:, -_COMPONENTS:]
        places = (found - mean) @ components
    points, finer = places.double().numpy(), count + _MORE
    best, least = points[:finer], np.inf
    for start in range(_STARTS):
        labels = k_means(points, finer, np.random.default_rng([seed, start]))
        centres = np.stack(
            [points[labels == c].mean(axis=0) for c in range(finer) if (labels == c).any()]
        )
        spread = float(((points - centres[np.unique(labels, return_inverse=True)[1]]) ** 2).sum())
        if spread < least:
            best, least = centres, spread
    placed = torch.from_numpy(best).float()
    fine = TokenClusters(teacher, mean, components, placed, torch.arange(len(best)))
    merged = merge_followers(fine.labels(tokens).numpy(), len(best), count)
    return replace(fine, merged=torch.from_numpy(merged))


def patterns(teacher: Network, tokens: Tensor) -> Tensor:
    """Running mean over tokens of the residual stream, which all layers write to, at length 1.

    Parameters
    ----------
    teacher : Network
    tokens : Tensor of int64, shape (texts, positions)

    Returns
    -------
    Tensor, shape (texts, positions, dimensions)
    """
    roles = [layer.role for layer in teacher.neuron_layers]
    residual = teacher.trace(tokens).layers[roles.index("residual")]
    active = residual / residual.norm(dim=-1, keepdim=True).clamp(min=1e-9)
    # A causal mean by a matrix of weights: what was read long ago counts ever less.
    back = torch.arange(tokens.shape[1])[:, None] - torch.arange(tokens.shape[1])[None, :]
    weights = torch.where(back >= 0, MEMORY ** back.clamp(min=0).float(), 0.0)
    smooth = (weights / weights.sum(dim=1, keepdim=True)) @ active
    scaled: Tensor = smooth / smooth.norm(dim=-1, keepdim=True).clamp(min=1e-9)
    return scaled


def cluster_labels(tokens: Tensor, config: TrainingConfig, count: int) -> Tensor:
    """Label the tokens of a batch by the clusters of the run's teacher (``gate_teacher``)."""
    return _clusters_of(config.gate_teacher, config.task, count, config.seed).labels(tokens)


@lru_cache(maxsize=4)
def _clusters_of(teacher: str, task: str, count: int, seed: int) -> TokenClusters:
    checkpoint = load(teacher)
    known = checkpoint.task
    if known is None or known.name != task or checkpoint.network.reads != "tokens":
        raise ConfigError(
            f"found gate_teacher = {teacher!r:.60}, a network for the task "
            f"{checkpoint.task_name}; expected a trained GPT for the task {task}"
        )
    return find_clusters(checkpoint.network, known.split("train").inputs[:500], count, seed)
