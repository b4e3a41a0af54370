"""The id of a network: a hash of its weights, taken piece by piece, and a look at every number."""

import hashlib
import json
import math
from collections.abc import Iterator
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from explorer.errors import WeightError
from explorer.network.architectures import Network

_PIECE = 2**20  # numbers
_LARGE = 50_000_000  # numbers from which on the hash of the weights is kept


class _Digest(Protocol):
    def update(self, data: Any, /) -> None: ...


_kept: WeakKeyDictionary[Network, tuple[tuple[Any, ...], str]] = WeakKeyDictionary()


def content_hash(network: Network, task_name: str | None, name: str) -> str:
    """Hash architecture, weights and task; numbers of any size count as in single precision.

    Parameters
    ----------
    network : Network
    task_name : str or None
    name : str
        Of the network, for messages.

    Raises
    ------
    WeightError
        If a weight is no finite number.
    """
    digest = hashlib.sha256()
    digest.update(json.dumps([network.describe(), task_name], sort_keys=True).encode())
    state = network.state_dict()
    if sum(tensor.numel() for tensor in state.values()) > _LARGE:
        digest.update(_weights_hash(network, state, name).encode())
    else:
        _add_weights(digest, state, name)
    return digest.hexdigest()[:16]


def _weights_hash(network: Network, state: dict[str, Tensor], name: str) -> str:
    """Hash the weights of a large network, once as long as none of its tensors is changed."""
    now: tuple[Any, ...] | None = None
    if not any(tensor.is_inference() for tensor in state.values()):
        now = tuple((key, t.data_ptr(), t._version) for key, t in state.items())
    before = _kept.get(network)
    if before is not None and before[0] == now:
        return before[1]
    digest = hashlib.sha256()
    _add_weights(digest, state, name)
    if now is not None:
        _kept[network] = (now, digest.hexdigest())
    return digest.hexdigest()


def _add_weights(digest: _Digest, state: dict[str, Tensor], name: str) -> None:
    for key, tensor in sorted(state.items()):
        digest.update(key.encode())
        for piece in _pieces(tensor):
            # A sum is quick, and finite only where every number is; it may overflow by itself.
            if not math.isfinite(piece.sum()) and not piece.isfinite().all():
                raise _not_finite(tensor, key, name)
            digest.update(piece.numpy())


def _pieces(tensor: Tensor) -> Iterator[Tensor]:
    """Cut a tensor into pieces in the order of its numbers, in single precision."""
    whole = tensor.detach()
    if whole.numel() == 0:
        return
    rows = whole.view(-1) if whole.is_contiguous() else whole
    step = max(_PIECE * len(rows) // rows.numel(), 1)
    for at in range(0, len(rows), step):
        yield rows[at : at + step].to(torch.float32).contiguous()


def _not_finite(tensor: Tensor, key: str, name: str) -> WeightError:
    bad = sum(int((~piece.isfinite()).sum()) for piece in _pieces(tensor))
    return WeightError(
        f"found {bad} of {tensor.numel()} numbers that are NaN or infinite in {key} of {name}; "
        f"expected finite numbers only"
    )
