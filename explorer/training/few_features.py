"""A small penalty on weights that leaves neurons with fewer unrelated features.

    nu r(t) [ mean_j log N(in_j) + mean_j log N(out_j) ],    N(w) = (sum |w|)^2 / sum w^2

over the hidden neurons j. N is the participation ratio, an effective number: n for n equal entries,
1 for a single one. in_j are the sizes of the weights that lead into j. out_j is what j can promote:
the positive part of the products of weights that lead from j to the outputs, each minus the mean
over the outputs, since softmax does not see what all share; of networks other than an MLP the
second term is left out. Making all weights of a layer smaller changes nothing, so the penalty
shrinks no neuron away and competes with no L1 term: it moves weight together.

Others were tried on pair and digits, and measured as ``explorer bench polysemanticity`` does. An
exclusive lasso, sum_j (sum |w|)^2, and the sum of |w|^(1/2) hardly moved the figure before they
cost as much accuracy; the effective number of outgoing weights did less at the same cost; the
first term here alone cost more accuracy on digits, and the second alone gave less than half.

References
----------
Hoyer (2004), Non-negative matrix factorization with sparseness constraints, JMLR 5: the ratio of
the two norms as a measure of sparseness. Jermyn, Schiefer and Hubinger (2022), Engineering
monosemanticity in toy models, arXiv:2211.09169: training for fewer features a neuron.
"""

import torch
from torch import Tensor

from explorer.network.architectures import MLP, Network

_TINY = 1e-12


def few_features_penalty(network: Network) -> Tensor:
    """Return the penalty before it is weighted: 0 where every neuron reads and promotes one thing.

    Parameters
    ----------
    network : Network

    Returns
    -------
    Tensor
        A scalar with gradient.

    Examples
    --------
    >>> network = MLP([4, 2, 2])
    >>> with torch.no_grad():
    ...     _ = network.weights[0].copy_(torch.tensor([[1.0, -1.0, 0, 0], [0, 0, 0, 3.0]]))
    ...     _ = network.weights[1].copy_(torch.tensor([[2.0, 0.0], [0.0, 1.0]]))
    >>> penalty = few_features_penalty(network)  # of 2 and 1 inputs, and 1 output each
    >>> round(float(penalty.detach().exp()), 3)
    1.414
    """
    roles = [layer.role for layer in network.neuron_layers]
    read = [
        log_effective_number(magnitude, dim=1)
        for (_, target), magnitude in zip(network.links, network.magnitudes(), strict=True)
        if roles[target] == "hidden"
    ]
    if not read:
        return torch.zeros(())
    penalty = torch.cat(read).mean()
    if isinstance(network, MLP):
        penalty = penalty + torch.cat(_promoted(network)).mean()
    return penalty


def log_effective_number(sizes: Tensor, dim: int) -> Tensor:
    """Log of (sum w)^2 / sum w^2 of sizes that are not negative; 0 where all are 0.

    Examples
    --------
    >>> log_effective_number(torch.tensor([[1.0, 1.0], [0.0, 0.0]]), dim=1).exp()
    tensor([2., 1.])
    """
    squares = sizes.square().sum(dim=dim)
    return ((sizes.sum(dim=dim).square() + _TINY) / (squares + _TINY)).clamp(min=1.0).log()


def _promoted(network: MLP) -> list[Tensor]:
    """Log of the effective number of outputs that every hidden neuron promotes."""
    found, slopes = [], torch.eye(network.output_size)
    for weight in reversed(network.weights[1:]):
        slopes = slopes @ weight  # (outputs, neurons)
        found.append(log_effective_number((slopes - slopes.mean(dim=0)).relu(), dim=0))
    return found
