"""A network whose weights live in a module of the transformers library."""

import threading
from collections.abc import Mapping
from typing import Any, Self

import torch
from torch import Tensor

from explorer.errors import ArchitectureError
from explorer.network.architectures.base import Network
from explorer.network.architectures.families import FAMILIES
from explorer.network.architectures.transformer_hooks import watch
from explorer.network.architectures.transformer_module import heads_of, module_of, settings_of
from explorer.network.architectures.transformer_single import LookedUp, Unembedding

_MAKING = threading.Lock()  # of copies in single precision: one at a time


class KeptInModule(Network):
    """Keeps weights as they came, ties those that are one, and makes the copy that runs.

    Parameters
    ----------
    family : str
        One of ``FAMILIES``.
    config : mapping
        Settings as in a ``config.json``.
    head : bool
        Whether the network has its head.

    Raises
    ------
    ArchitectureError
        If there is no such family, or the settings make no network.
    """

    def __init__(self, family: str, config: Mapping[str, Any], head: bool = True) -> None:
        super().__init__()
        if family not in FAMILIES:
            raise ArchitectureError(
                f"found a transformer of the family {family!r:.60}; expected one of "
                f"{', '.join(FAMILIES)}"
            )
        self.family = FAMILIES[family]
        self.head = head or not self.family.bare
        self.settings = settings_of(self.family, config)
        self.inner = self._module()
        self._single: tuple[Any, ...] = ()  # the copy in single precision, hidden from nn.Module
        self._cut: dict[str, Tensor] = {}  # of a network without some edges: masks by parameter

    def trainable(self) -> Self:
        """Copy the network in single precision, its weights ready to be trained."""
        copy = self._like(
            {name: tensor.detach().float().clone() for name, tensor in self.state_dict().items()}
        )
        copy.inner.requires_grad_(True)
        return copy.train()

    def copy(self) -> Self:
        """Copy the network, in eval mode and without gradients."""
        return self._like({k: v.detach().clone() for k, v in self.state_dict().items()})

    def initialise(self, generator: torch.Generator) -> None:
        """Draw all weights anew: matrices with a deviation of .02, gains 1 and biases 0."""
        drawn = {}
        for name, tensor in self.state_dict().items():
            new = torch.zeros(tensor.shape)
            if tensor.dim() > 1:
                new.normal_(0.0, 0.02, generator=generator)
            elif name.endswith("weight"):
                new.fill_(1.0 - self.family.unit_gain)
            drawn[name] = new
        self.load_state_dict(drawn)

    def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]
        """All weights by their names in transformers; one that is tied to another appears once."""
        state: dict[str, Any] = self.inner.state_dict(*args, **kwargs)
        for name, _ in self._tied():
            state.pop(f"{kwargs.get('prefix', '')}{name}", None)
        return state

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = True
    ) -> Any:
        """Take weights as they are, in their kind of number; nothing is copied with ``assign``."""
        tied = dict(self._tied())
        whole = {k: v.detach() for k, v in state_dict.items() if k not in tied}
        found = self.inner.load_state_dict(
            {**whole, **{k: whole[v] for k, v in tied.items() if v in whole}},
            strict=strict,
            assign=assign,
        )
        self._tie(self.inner)
        self._single = ()
        return found

    def _apply(self, fn: Any, recurse: bool = True) -> Any:
        self._single = ()  # weights that move or change their kind: the copy would be another's
        return super()._apply(fn, recurse)  # type: ignore[no-untyped-call]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_single": ()}

    @property
    def width(self) -> int:
        """Residual dimensions."""
        return int(self._config.hidden_size)

    @property
    def heads(self) -> int:
        """Heads of a block."""
        return heads_of(self._config)[0]

    @property
    def block_count(self) -> int:
        """Blocks."""
        return int(self._config.num_hidden_layers)

    @property
    def body(self) -> Any:
        """The module of transformers without its head."""
        return getattr(self.inner, self.family.body) if self.head else self.inner

    @property
    def _prefix(self) -> str:
        """What the names of all tensors of the body begin with."""
        return f"{self.family.body}." if self.head else ""

    @property
    def _config(self) -> Any:
        return self.inner.config

    def _module(self) -> Any:
        module = module_of(self.family, self.settings, self.head)
        self._tie(module)
        watch(getattr(module, self.family.body) if self.head else module, self.family)
        return module

    def _like(self, state: Mapping[str, Tensor]) -> Self:
        made = type(self)(self.family.model_type, self.settings, self.head)
        made.load_state_dict(state)
        return made.eval().requires_grad_(False)

    def _tied(self) -> tuple[tuple[str, str], ...]:
        if not self.head:
            return ()
        tied = self.family.tied if self.settings["tie_word_embeddings"] else ()
        return (*tied, *self.family.always_tied)

    def _tie(self, module: Any) -> None:
        for name, other in self._tied():
            place, _, leaf = name.rpartition(".")
            setattr(module.get_submodule(place), leaf, module.get_parameter(other))

    def _running(self) -> Any:
        """The module that runs: in single precision, and with all weights there."""
        state = self.state_dict()
        if all(tensor.dtype == torch.float32 for tensor in state.values()):
            return self.inner
        with _MAKING:
            if not self._single:
                self._single = (self._in_single(state),)
            return self._single[0]

    def _in_single(self, state: Mapping[str, Tensor]) -> Any:
        module = self._module()
        place, _, leaf = f"{self._prefix}{self.family.embedding}".rpartition(".")
        embedding = state[f"{place}.{leaf}"]
        rest = {k: v.float() for k, v in state.items() if k != f"{place}.{leaf}"}
        if self.head:
            (head, _), always = self.family.tied[0], dict(self.family.always_tied)
            bias = head.removesuffix("weight") + "bias"
            unembedding = Unembedding(state.get(head, embedding), state.get(always.get(bias, bias)))
            rest.pop(head, None)
            module.set_submodule(head.removesuffix(".weight"), unembedding)
        module.set_submodule(place, LookedUp(module.get_submodule(place), embedding))
        module.load_state_dict(rest, assign=True)
        return module.eval().requires_grad_(False)

    def _running_body(self) -> Any:
        """The same without its head."""
        running = self._running()
        return getattr(running, self.family.body) if self.head else running
