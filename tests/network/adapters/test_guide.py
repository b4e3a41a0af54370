"""The guide to adapters: short, run as it stands, and named where a network is not known."""

import doctest
from importlib import import_module

import pytest
import torch

from explorer.errors import ArchitectureError
from explorer.network import adapters
from explorer.network.load import load

GUIDE = "explorer.network.adapters.guide"


def examples() -> list[doctest.Example]:
    page = import_module(GUIDE).__doc__
    assert page is not None
    return doctest.DocTestParser().get_examples(page)


def test_the_adapter_of_the_guide_has_thirty_lines_at_most() -> None:
    source = next(e.source for e in examples() if e.source.startswith("class GatedAdapter"))
    assert len(source.splitlines()) <= 30


def test_an_adapter_is_asked_before_all_others(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(adapters, "_ADAPTERS", list(adapters.adapters()))
    known = adapters.adapters()
    # The imports and the adapter itself; the rest of the page is run as a doctest.
    made: dict[str, object] = {}
    for example in examples():
        if example.source.startswith(("from explorer.network", "class GatedAdapter")):
            exec(example.source, made)
    adapter = made["GatedAdapter"]()  # type: ignore[operator]
    adapters.register_adapter(adapter)
    assert adapters.adapters() == (adapter, *known)
    state = {
        "stem.weight": torch.ones(3, 2),
        "mix.0.gate.weight": torch.ones(5, 3),
        "mix.0.value.weight": torch.ones(5, 3),
        "mix.0.back.weight": torch.ones(3, 5),
        "head.weight": torch.ones(1, 3),
    }
    torch.save(state, tmp_path / "gated.pt")
    network = load(tmp_path / "gated.pt").network
    x = torch.tensor([[0.5, -0.25]])
    stem = 0.25  # every number of the stem, and three of them in every gate
    opened = 0.75 * torch.sigmoid(torch.tensor(0.75)) * 0.75
    assert network(x).item() == pytest.approx(3 * (stem + 5 * float(opened)), rel=1e-6)
    torch.save({**state, "strange.weight": torch.ones(2, 2)}, tmp_path / "strange.pt")
    with pytest.raises(ArchitectureError, match="no Gated network has"):
        load(tmp_path / "strange.pt")


def test_who_comes_with_an_unknown_network_is_sent_to_the_guide(tmp_path) -> None:
    torch.save({"odd": torch.ones(2, 2, 2), "strange": torch.ones(4)}, tmp_path / "odd.pt")
    with pytest.raises(ArchitectureError, match=r"explorer\.network\.adapters\.guide"):
        load(tmp_path / "odd.pt")
