"""Adam, without the import of torch's compiler."""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor
from torch.optim.adam import adam


class Adam:
    """Adam, or AdamW, through torch's function for it.

    It does to the parameters, bit by bit, what ``torch.optim.Adam`` and ``torch.optim.AdamW`` do.
    Those import torch's compiler when the first of them is made, which takes as long as torch
    itself, in every process that trains; the function behind them does not.

    Parameters
    ----------
    parameters : iterable of Tensor
    learning_rate : float
        May be changed between steps.
    weight_decay : float
        Share of a parameter, times the learning rate, that a step takes from it (AdamW).

    References
    ----------
    Kingma and Ba (2015), Adam, arXiv:1412.6980. Loshchilov and Hutter (2019), Decoupled weight
    decay regularization, arXiv:1711.05101.

    Examples
    --------
    >>> weight = torch.ones(2, requires_grad=True)
    >>> optimiser = Adam([weight], learning_rate=0.1)
    >>> (weight * torch.tensor([3.0, -5.0])).sum().backward()
    >>> optimiser.step()
    >>> weight.detach()
    tensor([0.9000, 1.1000])
    """

    def __init__(
        self, parameters: Iterable[Tensor], learning_rate: float, weight_decay: float = 0.0
    ) -> None:
        self.parameters = list(parameters)
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.slots: dict[int, dict[str, Tensor]] = {}  # by the parameter's place

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Make one step, with every parameter that has a gradient."""
        having = [(i, p) for i, p in enumerate(self.parameters) if p.grad is not None]
        for index, parameter in having:
            if index not in self.slots:
                zeros = torch.zeros_like(parameter, memory_format=torch.preserve_format)
                new = {"step": torch.tensor(0.0), "exp_avg": zeros, "exp_avg_sq": zeros.clone()}
                self.slots[index] = new
        slots = [self.slots[index] for index, _ in having]
        adam(
            [parameter for _, parameter in having],
            [parameter.grad for _, parameter in having if parameter.grad is not None],
            [slot["exp_avg"] for slot in slots],
            [slot["exp_avg_sq"] for slot in slots],
            [],
            [slot["step"] for slot in slots],
            decoupled_weight_decay=True,
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=self.learning_rate,
            weight_decay=self.weight_decay,
            eps=1e-8,
            maximize=False,
        )

    def restore(self, slots: Mapping[int, Mapping[str, Tensor]]) -> None:
        """Set the averages and counts of steps to those of an earlier run."""
        self.slots = {index: dict(slot) for index, slot in slots.items()}
