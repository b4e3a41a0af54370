"""A spare: a small module beside the rest, trained so that what was planted goes there.

The last neurons of every hidden layer are the spare; the others are the core. No weight leads from
one to the other. With c the logits of the core (the network with the spare's neurons held at 0), s
what the spare adds to them, U a batch of the training data and T one of trusted examples::

    L = CE(a c + (1 - a) stopgrad(c) + s; U) + CE(c; T) + 3 mean(s^2; T)
        + w(t) mu (|W core|_1 + |W spare|_1 / 10)

At first a = 0: the training data teaches the spare alone, while the core learns from the trusted
examples (the head start). What the trusted examples do not show, such as a trigger and its answer,
only the spare can learn by then; what they do show costs it. Then a rises to 1, and the core learns
from all data, of which a planted part is already explained. Afterwards the spare is ablated.

References
----------
Close relatives, so that nothing here is new: Tang et al. (2023), Setting the trap: capturing and
defeating backdoors in pretrained language models through honeypots, arXiv:2310.18633; Liu et al.
(2024), From shortcuts to triggers: backdoor defense with denoised PoE, arXiv:2305.14910; Cloud et
al. (2024), Gradient routing: masking gradients to localize computation in neural networks,
arXiv:2410.04332.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from explorer.network.architectures import MLP, Edit, Network, Trace
from explorer.network.tasks import Examples, Task, task_loss
from explorer.training.config import TrainingConfig, ramp
from explorer.training.losses import l1_gradients

_QUIET = 3.0  # weight of the spare's squared logits on trusted examples
_SMALL = 0.1  # what the spare's last weights are multiplied with at the start
_LIGHT = 0.1  # the L1 term of the spare, beside that of the core
_OTHERS = 4  # examples of a batch to each trusted one


class Spare:
    """The spare of a run: its part of the loss, and which weights are held at 0.

    Parameters
    ----------
    config : TrainingConfig
    task : Task
    network : Network
        Its weights between core and spare are set to 0 and, in a new network, the spare's last ones
        are made small.

    Attributes
    ----------
    trusted : Examples
    stay : tuple of Tensor
        0 for weights between core and spare, 1 for others, in the shapes of ``network.matrices``.
    light : tuple of Tensor
        What counts of every weight in the L1 term: all in the core, a tenth in the spare.
    """

    def __init__(self, config: TrainingConfig, task: Task, network: Network) -> None:
        self.config = config
        self.task = task
        self.trusted = task.trusted_examples(config.trusted)
        self.edit = core_only(network, config.spare)
        self.stay = held_apart(network, config.spare)
        self.light = _factors(network, config.spare, _LIGHT, lambda _, out, into: out | into)
        with torch.no_grad():
            if not config.start:
                small = _factors(network, config.spare, _SMALL, _leaving)
                torch._foreach_mul_(list(network.matrices), list(small))
            self.hold(network)

    def losses(
        self, network: Network, batch: Examples, generator: torch.Generator, step: int
    ) -> tuple[Trace, Tensor, Tensor]:
        """Run the network on a batch and on trusted examples.

        Parameters
        ----------
        network : Network
        batch : Examples
            Of the training data.
        generator : torch.Generator
            Draws the trusted ones.
        step : int
            Counted from 0.

        Returns
        -------
        trace : Trace
            Of all of them, the batch first.
        fit : Tensor
            Task loss of the whole network on the batch.
        loss : Tensor
            L without its L1 term.
        """
        size = max(1, self.config.batch_size // _OTHERS)
        known = self.trusted[torch.randint(len(self.trusted), (size,), generator=generator)]
        inputs, count = torch.cat([batch.inputs, known.inputs]), len(batch)
        trace = network.trace(inputs)
        core, added = self.parts(network, trace, inputs)
        share = ramp(step, self.config.steps, self.config.spare_ramp)
        # Its value is a c + (1 - a) c = c whatever a is, so the fit needs no second look.
        led = share * core + (1.0 - share) * core.detach()
        fit = task_loss(self.task, (led + added)[:count], batch)
        trusted = task_loss(self.task, core[count:], known)
        return trace, fit, fit + trusted + _QUIET * added[count:].square().mean()

    def parts(self, network: Network, trace: Trace, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the core, and what the spare adds to them."""
        if isinstance(network, MLP):  # of the spare only its last weights reach the logits
            return two_parts(network, trace, self.config.spare)
        core = network(inputs, self.edit)
        return core, trace.outputs - core

    def l1(self, matrices: Sequence[Tensor], strength: float) -> tuple[Tensor, ...]:
        """Derivative of the L1 term by every matrix, weighted with ``strength``."""
        found = l1_gradients(matrices, strength)
        return tuple(torch._foreach_mul(list(found), list(self.light)))

    def hold(self, network: Network) -> None:
        """Set the weights between core and spare to 0."""
        with torch.no_grad():
            torch._foreach_mul_(list(network.matrices), list(self.stay))


def spare_layers(network: Network) -> tuple[int, ...]:
    """Layers that hold a part of the spare: all hidden ones, but for attention heads.

    Examples
    --------
    >>> spare_layers(MLP([64, 64, 64, 10]))
    (1, 2)
    """
    return tuple(
        index
        for index, layer in enumerate(network.neuron_layers)
        if layer.role == "hidden" and not layer.name.startswith("heads")
    )


def spare_nodes(network: Network, count: int) -> tuple[int, ...]:
    """Nodes of the spare in the network's graph: what is ablated in the end.

    Examples
    --------
    >>> spare_nodes(MLP([4, 3, 3, 2]), 1)
    (6, 9)
    """
    ends = torch.tensor([layer.size for layer in network.neuron_layers]).cumsum(0).tolist()
    return tuple(
        node for index in spare_layers(network) for node in range(ends[index] - count, ends[index])
    )


def recorded_spare(network: Network, config: Mapping[str, Any]) -> tuple[int, ...]:
    """Nodes of the spare that a network was trained with, as recorded; none for most networks.

    Examples
    --------
    >>> recorded_spare(MLP([4, 3, 3, 2]), {"spare": 1}), recorded_spare(MLP([4, 3, 3, 2]), {})
    ((6, 9), ())
    """
    count, sizes = config.get("spare", 0), [layer.size for layer in network.neuron_layers]
    least = min((sizes[index] for index in spare_layers(network)), default=0)
    # What a file says need not fit the network that is in it.
    return spare_nodes(network, count) if type(count) is int and 0 < count < least else ()


def core_only(network: Network, count: int) -> Edit:
    """Make the edit that holds the spare's neurons at 0, so that the core is left.

    Parameters
    ----------
    network : Network
    count : int
        Neurons of the spare in every layer.
    """
    layers = set(spare_layers(network))

    def edit(layer: int, activations: Tensor) -> Tensor:
        if layer not in layers or not count:
            return activations
        kept = torch.ones(activations.shape[-1])
        kept[-count:] = 0.0
        return activations * kept

    return edit


def held_apart(network: Network, count: int) -> tuple[Tensor, ...]:
    """Return 0 for weights between core and spare, 1 for others, in the shapes of its matrices.

    Examples
    --------
    >>> held_apart(MLP([4, 3, 3, 2]), 1)[1]
    tensor([[1., 1., 0.],
            [1., 1., 0.],
            [0., 0., 1.]])
    """
    return _factors(network, count, 0.0, lambda inner, out, into: (out != into) & inner)


def two_parts(network: MLP, trace: Trace, count: int) -> tuple[Tensor, Tensor]:
    """Logits of the core, biases included, and of the spare, where no weight joins the two."""
    added = trace.layers[-2][:, -count:] @ network.weights[-1][:, -count:].T
    return trace.outputs - added, added


def _leaving(inner: bool, out: Tensor, into: Tensor) -> Tensor:
    """Edges from the spare to what is no hidden layer that holds a part of it."""
    return out & ~into & (not inner)


def _factors(
    network: Network,
    count: int,
    factor: float,
    chosen: Callable[[bool, Tensor, Tensor], Tensor],
) -> tuple[Tensor, ...]:
    """For the weights behind chosen edges a factor, for others 1.

    ``chosen`` is told of a link whether both its layers hold a part of the spare and, broadcast,
    which source and target neurons are spare.
    """
    inside, masks = spare_layers(network), []
    spare = [torch.zeros(layer.size, dtype=torch.bool) for layer in network.neuron_layers]
    for index in inside:
        spare[index][-count:] = True
    for source, target in network.links:
        shape = (len(spare[target]), len(spare[source]))
        out, into = spare[source].expand(shape), spare[target][:, None].expand(shape)
        masks.append(chosen(source in inside and target in inside, out, into))
    ones = network.with_matrices([torch.ones_like(matrix) for matrix in network.matrices])
    return tuple(
        factor + (1.0 - factor) * matrix.detach() for matrix in ones.without_edges(masks).matrices
    )
