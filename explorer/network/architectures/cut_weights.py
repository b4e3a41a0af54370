"""Run a module as if some of its weights were 0, without a copy of them and without a change."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor
from torch.overrides import TorchFunctionMode


class CutWeights(TorchFunctionMode):
    """Within it, every function of torch that is given a weight reads it with entries set to 0.

    One weight at a time is copied, for as long as the function runs; what the module holds is
    never touched, so that nothing must be put back and other threads may run it meanwhile.

    Parameters
    ----------
    weights : sequence of Tensor
        The very tensors that the module reads.
    masks : sequence of Tensor of bool
        One a weight, of its shape: True where it is cut.

    Examples
    --------
    >>> import torch
    >>> linear = torch.nn.Linear(2, 1, bias=False).requires_grad_(False)
    >>> inputs = torch.tensor([[0.0, 3.0]])
    >>> with CutWeights([linear.weight], [torch.tensor([[False, True]])]):
    ...     float(linear(inputs))
    0.0
    >>> torch.equal(linear(inputs), 3 * linear.weight[:, 1:])
    True
    """

    def __init__(self, weights: Sequence[Tensor], masks: Sequence[Tensor]) -> None:
        super().__init__()
        self._cut = {id(w): (w, mask) for w, mask in zip(weights, masks, strict=True)}

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call a function of torch, with the weights among its arguments cut."""
        named = kwargs or {}
        if getattr(func, "__name__", "") == "__get__":  # a shape or a kind of number
            return func(*args, **named)
        return func(*map(self._read, args), **{key: self._read(v) for key, v in named.items()})

    def _read(self, given: Any) -> Any:
        found = self._cut.get(id(given))
        return given if found is None else found[0].masked_fill(found[1], 0.0)
