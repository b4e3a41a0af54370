"""Networks of other people on the pages: opened, looked at on data, large ones included."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from streamlit.testing.v1 import AppTest

from explorer.network import graph, pruning
from explorer.network.architectures import MLP
from explorer.network.checkpoint import Checkpoint
from explorer.network.readers.limits import MAX_FILE_BYTES
from explorer.network.tasks.samples import task_from_texts
from explorer.store import keep
from explorer.ui import cache
from explorer.ui.opening import own
from explorer.ui.opening.uploads import MAX_MEGABYTES, open_uploads
from tests.network.tasks.tiny_tokenizers import TEXT
from tests.pages.opened_networks import BLOCKS, sharded_gpt
from tests.pages.test_pages import opened, text

PAGES = ("overview", "modules", "cut_tree", "descriptions", "read", "ability", "audit", "train")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    yield
    cache._handed_over().clear()
    cache._prepared().clear()


def tiny_gpt(on_text: bool = False) -> str:
    """Open the tiny GPT as an upload would, with data if wanted; return its id."""
    checkpoint, _ = open_uploads(sharded_gpt())
    if on_text:
        checkpoint = checkpoint.with_task(task_from_texts(TEXT.encode(), checkpoint, "cats").name)
    return cache.keep_network(checkpoint)


def captions(app: AppTest) -> str:
    return "\n".join(element.value for element in app.caption)


def test_the_limit_on_the_page_is_the_readers() -> None:
    assert MAX_MEGABYTES * 2**20 == MAX_FILE_BYTES


def test_several_files_are_one_network_described_in_words() -> None:
    app = opened(network=tiny_gpt())
    said = text(app)
    assert "transformer of the llama family" in said
    assert f"{BLOCKS} times 4 heads" in said
    assert "Format: Hugging Face." in said
    assert "Its tokenizer came with it." in said
    assert "| architecture | what its file must hold |" in said
    assert "Where do the modules lie?" in [heading.value for heading in app.subheader]
    assert "explorer open PLACE" in captions(app)


@pytest.mark.parametrize("page", ["overview", "modules", "cut_tree", "audit"])
def test_pages_show_an_opened_network_without_data(page: str) -> None:
    app = opened(page, network=tiny_gpt())
    assert not app.error
    if page == "modules":
        assert "Activity on your data" in [box.label for box in app.expander]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_an_opened_network_on_a_text(page: str) -> None:
    app = opened(page, network=tiny_gpt(on_text=True))
    assert not app.error


@pytest.mark.parametrize(("allowed", "shown"), [("1", True), ("0", False), (None, False)])
def test_a_place_can_be_typed_only_where_that_is_switched_on(
    allowed: str | None, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EXPLORER_ALLOW_PATHS", raising=False)
    if allowed is not None:
        monkeypatch.setenv("EXPLORER_ALLOW_PATHS", allowed)
    app = opened(network="xor4-modular")
    assert [box.label == "Path or Hugging Face id" for box in app.text_input] == [True] * shown
    assert ("EXPLORER_ALLOW_PATHS=1" in captions(app)) != shown


def test_a_typed_place_opens_and_a_bad_one_leaves_what_is_in_view(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPLORER_ALLOW_PATHS", "1")
    torch.manual_seed(0)
    torch.save(MLP([5, 7, 3]).state_dict(), tmp_path / "mine.pt")
    app = opened(network="xor4-modular")
    app.text_input(key="place").set_value(str(tmp_path / "none.pt")).run()
    assert "found no file" in app.error[0].value
    assert app.title[0].value == "xor4-modular"
    app.text_input(key="place").set_value(str(tmp_path / "mine.pt")).run()
    assert app.title[0].value == "mine.pt"
    assert not app.exception


def test_data_dropped_as_a_network_is_told_where_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, object] = {}
    monkeypatch.setattr(own.st, "session_state", state)
    for name, content, hint in (("a.csv", b"a,b\n1,2\n", True), ("a.pt", b"none", False)):
        state["upload"] = [SimpleNamespace(name=name, getvalue=lambda content=content: content)]
        own._open_uploads()
        assert f"{name} is a text file" in str(state["upload_problem"])
        assert ("Data goes under *Activity on your data*" in str(state["upload_problem"])) == hint


def test_a_text_that_is_typed_becomes_evidence_with_marked_tokens() -> None:
    app = opened("modules", network=tiny_gpt())
    app.segmented_control(key="samples_kind").set_value("Your own words").run()
    app.text_area(key="samples_words").set_value(TEXT).run()
    app.button(key="samples_run").click().run()
    assert not app.exception
    assert not app.error
    assert "Activity on your data: your words" in [box.label for box in app.expander]
    # The picker tells the network with data from the one without, also after a reload.
    again = opened("modules", network=app.session_state["network"])
    name = again.selectbox(key="network").options[-1]
    assert name.endswith(" on your words")
    app.segmented_control(key="section").set_value("Neurons").run()
    assert not app.exception
    marked = [element for element in app.get("html") if 'title="activity' in element.proto.body]
    assert marked


def test_a_large_network_is_prepared_first_and_says_what_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(graph, "LARGE", 50)
    monkeypatch.setattr(pruning, "MAX_EDGES", 500)
    torch.manual_seed(0)
    name = keep(Checkpoint("large", MLP([20, *[16] * 8, 5])))
    app = opened("modules", network=name, keep="16")
    while app.title[0].value == "large":  # until the job that prepares it has ended
        app.run()
    assert cache.is_prepared(name, ":16", None)
    assert app.title[0].value == "Modules of large"
    assert "16 strongest edges" in captions(app)
    assert app.selectbox(key="keep").value == 16
    tree = opened("cut_tree", network=name, keep="16")
    assert "Drawn are those from the root" in captions(tree)
    over = opened(network=name, keep="16")
    assert not over.error
    assert "takes shortcuts" in captions(over)
    over.button(key="measure_sensitivity").click().run()
    assert not over.exception
    assert "Q_B of the same modules lies between" in text(over)


def test_a_packaged_model_is_not_unpacked_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(*given: object, **more: object) -> None:
        raise AssertionError("nobody asked")

    monkeypatch.setattr("explorer.network.bundled._packaged", lambda: ("gemma-270m",))
    monkeypatch.setattr("explorer.network.load.load", load)
    app = opened(network="gemma-270m")
    assert app.title[0].value == "gemma-270m"
    assert "Gemma Terms of Use" in text(app)
    assert app.button(key="open_packaged").label == "Unpack and open it"
    train = opened("train", network="gemma-270m")
    assert train.title[0].value == "Train"
    assert "explorer.training.pretrained --example" in captions(train)
