"""The compare page: any two networks side by side, the second one in the link."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from explorer import save
from explorer.network import graph
from explorer.network.architectures import MLP
from explorer.network.checkpoint import Checkpoint
from explorer.store import keep
from explorer.ui import cache
from tests.pages.test_pages import opened


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    yield
    cache._handed_over().clear()
    cache._prepared().clear()


def said(app) -> str:
    return "\n".join(e.value for e in (*app.markdown, *app.caption, *app.info, *app.error))


def beside(app) -> str:
    """The second network in the link."""
    found = app.query_params["with"]
    return found if isinstance(found, str) else found[0]


def test_nothing_is_compared_before_a_choice() -> None:
    app = opened("compare", network="xor4-modular")
    assert app.title[0].value == "Compare xor4-modular"
    assert "Choose another network" in said(app)
    assert app.selectbox(key="compare_other").value is None
    assert "xor4-modular" not in app.selectbox(key="compare_other").options


def test_two_networks_of_a_link_are_matched_and_forced() -> None:
    app = opened("compare", network="pair-plain", **{"with": "pair-modular"})
    assert "2 of 2 modules correspond" in said(app)
    assert "neurons correspond" in said(app)
    assert "What moved?" in [heading.value for heading in app.subheader]
    assert beside(app) == "pair-modular"
    app.selectbox(key="compare_way").set_value("function").run()
    assert not app.exception
    assert "Matched by function, as asked for" in said(app)
    assert "What moved?" not in [heading.value for heading in app.subheader]


def test_another_network_is_chosen_and_stays_in_the_link() -> None:
    app = opened("compare", network="xor4-modular")
    app.selectbox(key="compare_other").set_value("digits-plain").run()
    assert not app.exception
    assert "only figures can be compared" in said(app)
    assert beside(app) == "digits-plain"
    app.selectbox(key="compare_way").set_value("neurons").run()
    assert "cannot be matched by neurons" in app.error[0].value


def test_large_networks_are_prepared_and_compared_beside_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(graph, "LARGE", 30)
    names = []
    for seed in range(2):
        torch.manual_seed(seed)
        names.append(keep(Checkpoint(f"large-{seed}", MLP([8, *[16] * 4, 8]), "xor4")))
    app = opened("compare", network=names[0], **{"with": names[1]})
    for _ in range(4):  # jobs: modules of one and of the other, and the comparison
        app.run()
    assert not app.exception
    assert all(cache.is_prepared(name, None, None) for name in names)
    assert app.title[0].value == "Compare large-0"
    assert "on the same examples of the task xor4" in said(app)
    assert "Which module is which?" in [heading.value for heading in app.subheader]


def test_a_packaged_model_is_unpacked_beside_the_network_in_view_when_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def load(name: str, progress: object) -> Checkpoint:
        return Checkpoint(name, MLP([8, 4, 8]))

    monkeypatch.setattr("explorer.network.bundled._packaged", lambda: ("gemma-270m",))
    monkeypatch.setattr("explorer.network.load.load", load)
    app = opened("compare", network="xor4-modular", **{"with": "gemma-270m"})
    assert app.title[0].value == "Compare xor4-modular"
    assert "Gemma Terms of Use" in said(app)
    app.button(key="open_packaged").click().run()
    app.run()
    assert not app.exception
    assert "cannot be matched" in said(app)


def test_an_opened_network_is_offered_and_a_hostile_name_is_text() -> None:
    network = Checkpoint("<script>alert(1)</script>", MLP([8, 4, 8]), "xor4")
    app = opened("compare", network="xor4-modular", **{"with": keep(network)})
    assert "<script>" not in "".join(html.value for html in app.html)
    assert app.selectbox(key="compare_other").value == network.id


def test_a_link_to_what_is_not_there_says_so() -> None:
    app = opened("compare", network="xor4-modular", **{"with": "0" * 16})
    assert "cannot be opened" in app.warning[0].value
    assert "with" not in app.query_params


def test_a_kept_run_is_offered(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "mine"
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text('task = "xor4"\n')
    save(Checkpoint("mine", MLP([8, 4, 8]), "xor4"), folder / "network.safetensors")
    app = opened("compare", network="xor4-modular")
    app.selectbox(key="compare_other").set_value("run: mine").run()
    assert not app.exception
    assert not app.error
    assert len(beside(app)) == 16
    assert app.selectbox(key="compare_other").value == beside(app)
