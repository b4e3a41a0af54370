"""Layered modularity of a chain of layers and its gradient, and averages of activity, compiled.

Torch spends some microseconds on every operation, however small its matrices; a penalty that takes
a hundred of them costs more than the network itself. Here each is one pass over flat arrays.
"""

import numpy as np
from numba import njit

from explorer.network.graph import Floats, Ints


@njit(cache=True, fastmath={"reassoc", "contract", "arcp"})
def average_activity(
    site: Floats, mean: Floats, share: Floats, keep: float, new_mean: Floats, new_share: Floats
) -> None:
    """Mix mean |activation| and the share of examples with one into moving averages.

    Parameters
    ----------
    site : array, shape (examples, neurons)
    mean, share : arrays, shape (neurons,)
        The averages so far.
    keep : float
        Weight of these.
    new_mean, new_share : arrays, shape (neurons,)
        Filled with the new averages.
    """
    examples, neurons = site.shape
    new_mean[:] = 0
    new_share[:] = 0
    for row in range(examples):
        for i in range(neurons):
            new_mean[i] += abs(site[row, i])
            new_share[i] += site[row, i] != 0
    new = (1.0 - keep) / examples
    for i in range(neurons):
        new_mean[i] = keep * mean[i] + new * new_mean[i]
        new_share[i] = keep * share[i] + new * new_share[i]


@njit(cache=True, fastmath={"reassoc", "contract", "arcp"})
def layered_value_and_gradient(
    weights: Floats,
    widths: Ints,
    labels: Ints,
    count: int,
    means: Floats,
    shares: Floats,
    forward_norms: bool,
    backward_norms: bool,
    factor: float,
    gradient: Floats,
) -> float:
    """Q_B of a chain of layers from its weights, and its derivative by every weight.

    The mass of a weight is f_i |W_ji| b_j over its sum in the layer, see
    ``explorer.network.weightings``. The derivative of Q_B by a mass is Barber's matrix,
    1(c_i = c_j) - (mass into module c_j from sources in it) - (the same of targets in c_i); the
    rest is the chain rule through the sums, the b (from the inputs on) and the f (from the outputs
    back).

    Parameters
    ----------
    weights : array
        All matrices, one behind the other, each by rows of (target, source).
    widths : array of int
        Neurons of every layer.
    labels : array of int
        Module of every neuron; -1 for none.
    count : int
        Number of modules.
    means : array
        f of every neuron, unless ``forward_norms``.
    shares : array
        What b of a hidden neuron is multiplied by.
    forward_norms, backward_norms : bool
        Whether f and b are path norms; without, f are the means and b is 1.
    factor : float
        What the derivatives are multiplied by.
    gradient : array
        Filled with the derivatives, in the order of ``weights``.

    Returns
    -------
    float
    """
    layers = len(widths) - 1
    first = np.zeros(layers + 2, np.int64)  # of the neurons
    at = np.zeros(layers + 1, np.int64)  # of the weights
    for layer in range(layers + 1):
        first[layer + 1] = first[layer] + widths[layer]
        if layer < layers:
            at[layer + 1] = at[layer] + widths[layer] * widths[layer + 1]
    nodes = first[layers + 1]
    kind = weights.dtype
    zero = kind.type(0)
    f, b = np.empty(nodes, kind), np.ones(nodes, kind)
    for i in range(nodes):
        f[i] = means[i] if not forward_norms else 1.0
    if forward_norms:
        for layer in range(layers):
            for j in range(widths[layer + 1]):
                row = at[layer] + j * widths[layer]
                total = zero
                for i in range(widths[layer]):
                    total += abs(weights[row + i]) * f[first[layer] + i]
                f[first[layer + 1] + j] = total
    if backward_norms:
        for layer in range(layers - 1, -1, -1):
            low = first[layer]
            b[low : low + widths[layer]] = 0
            for j in range(widths[layer + 1]):
                row, by = at[layer] + j * widths[layer], b[first[layer + 1] + j]
                for i in range(widths[layer]):
                    b[low + i] += abs(weights[row + i]) * by
            if layer > 0:
                for i in range(low, low + widths[layer]):
                    b[i] *= shares[i]
    f_slope, b_slope = np.zeros(nodes, kind), np.zeros(nodes, kind)
    value = 0.0
    into, out = np.empty(count), np.empty(count)
    out_slope = np.empty(np.max(widths), kind)
    for layer in range(layers):
        value += _one_layer(
            weights[at[layer] : at[layer + 1]],
            labels[first[layer] : first[layer + 1]],
            labels[first[layer + 1] : first[layer + 2]],
            f[first[layer] : first[layer + 1]],
            b[first[layer + 1] : first[layer + 2]],
            gradient[at[layer] : at[layer + 1]],
            f_slope[first[layer] : first[layer + 1]],
            b_slope[first[layer + 1] : first[layer + 2]],
            into,
            out,
            out_slope,
            layers,
        )
    # Masses of a layer depend on the b of its targets, and these on all layers behind.
    if backward_norms:
        for layer in range(1, layers):
            low = first[layer]
            for i in range(low, low + widths[layer]):
                b_slope[i] *= shares[i]
            for j in range(widths[layer + 1]):
                row, target = at[layer] + j * widths[layer], first[layer + 1] + j
                by, total = b[target], zero
                for i in range(widths[layer]):
                    gradient[row + i] += by * b_slope[low + i]
                    total += abs(weights[row + i]) * b_slope[low + i]
                b_slope[target] += total
    if forward_norms:
        for layer in range(layers - 2, -1, -1):
            low = first[layer]
            for j in range(widths[layer + 1]):
                row, by = at[layer] + j * widths[layer], f_slope[first[layer + 1] + j]
                for i in range(widths[layer]):
                    gradient[row + i] += by * f[low + i]
                    f_slope[low + i] += by * abs(weights[row + i])
    for e in range(at[layers]):  # of |weights| so far
        gradient[e] *= factor * np.sign(weights[e])
    return value / layers


@njit(cache=True, fastmath={"reassoc", "contract", "arcp"})
def _one_layer(
    weights: Floats,
    source_labels: Ints,
    target_labels: Ints,
    f: Floats,
    b: Floats,
    gradient: Floats,
    f_slope: Floats,
    b_slope: Floats,
    into: Floats,
    out: Floats,
    out_slope: Floats,
    layers: int,
) -> float:
    """Add the Q_B of one layer, with its derivatives by |weights|, f and b.

    Edges at a neuron of no module count in the sum of all masses alone.
    """
    sources, targets = len(f), len(b)
    zero = f.dtype.type(0)
    column = out_slope[:sources]
    column[:] = 0
    into[:] = 0.0
    out[:] = 0.0
    total, inside = 0.0, 0.0
    for j in range(targets):
        row, label = j * sources, target_labels[j]
        mass, known, own = zero, zero, zero
        for i in range(sources):
            m = abs(weights[row + i]) * f[i] * b[j]
            mass += m
            known += m if source_labels[i] >= 0 else zero
            own += m if source_labels[i] == label else zero
            column[i] += m if label >= 0 else zero
        total += mass
        if label >= 0:
            into[label] += known
            inside += own
    if total <= 0.0:
        gradient[:] = 0
        return 0.0
    for i in range(sources):
        if source_labels[i] >= 0:
            out[source_labels[i]] += column[i]
    chance = 0.0
    for c in range(len(into)):
        into[c] /= total
        out[c] /= total
        chance += into[c] * out[c]
    # Mass adds up to 1 whatever the weights are: the mean of the derivative drops out.
    mean = inside / total - 2.0 * chance
    scale = 1.0 / (total * layers)
    rest = zero + mean * scale
    for i in range(sources):
        column[i] = into[source_labels[i]] * scale if source_labels[i] >= 0 else zero
    for j in range(targets):
        row, label = j * sources, target_labels[j]
        slope = zero
        of_row = zero + (out[label] * scale if label >= 0 else 0.0)
        same = zero + scale
        for i in range(sources):
            h = -rest
            if label >= 0 and source_labels[i] >= 0:
                h -= of_row + column[i]
                if source_labels[i] == label:
                    h += same
            w = abs(weights[row + i])
            gradient[row + i] = h * f[i] * b[j]
            slope += h * w * f[i]
            f_slope[i] += h * w * b[j]
        b_slope[j] += slope
    return inside / total - chance
