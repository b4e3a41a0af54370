"""Which module of a network an operation of an ONNX graph is a part of."""

import re
from collections.abc import Iterable
from typing import Any

_SCOPES = "pkg.torch.onnx.name_scopes"
_QUOTED = re.compile(r"'([^']*)'")
_LONGEST = 4_000  # characters of a path


class Modules:
    """Tells the module of an operation by its name or by what is noted beside it.

    ``torch.onnx.export`` notes the modules that an operation is in; its older form, by TorchScript,
    names the operation after them: ``/model/layers.0/mlp/up_proj/MatMul``. The older form passes
    over modules that are never called, such as the ``transformer`` of nanoGPT, which is but a
    dictionary. The names of tensors tell where these belong.

    Parameters
    ----------
    names : iterable of str
        Of tensors, as in a ``state_dict``.

    Examples
    --------
    >>> from onnx import helper
    >>> modules = Modules(["transformer.h.0.attn.c_attn.bias"])
    >>> modules.of(helper.make_node("MatMul", [], [], "/h.0/attn/c_attn/MatMul"))
    'transformer.h.0.attn.c_attn'
    """

    def __init__(self, names: Iterable[str]) -> None:
        parts = [path.split(".") for path in {name.rpartition(".")[0] for name in names}]
        self._all = {".".join(one[:count]) for one in parts for count in range(1, len(one) + 1)}
        self._leads: dict[str, str] = {}

    def of(self, node: Any) -> str:
        """Return the path of the module; "" where nothing tells, or for the network itself."""
        path = module_of(node)
        first = path.split(".", maxsplit=1)[0]
        if first not in self._leads:
            longer = {one.removesuffix(first) for one in self._all if one.endswith(f".{first}")}
            is_whole = first in self._all or len(longer) != 1
            self._leads[first] = "" if is_whole else longer.pop()
        return self._leads[first] + path


def module_of(node: Any) -> str:
    """Return the path as the operation gives it.

    Examples
    --------
    >>> from onnx import helper
    >>> module_of(helper.make_node("Conv", [], [], "/layer1/layer1.0/conv1/Conv"))
    'layer1.0.conv1'
    """
    for noted in node.metadata_props:
        if noted.key == _SCOPES and isinstance(noted.value, str):
            scopes = _QUOTED.findall(noted.value[:_LONGEST])
            return scopes[-2] if len(scopes) > 1 else ""
    path: list[str] = []
    for part in node.name[:_LONGEST].split("/")[1:-1]:
        if path and part.startswith(f"{path[-1]}."):  # a list of modules is named twice
            path.pop()
        path.append(part)
    return ".".join(path)
