"""What somebody types while a page still answers is not replaced by what the page remembers.

A value that a script sets is sent to the browser, which then shows it in place of what is in the
field. So no run of a page may set what the field holds already.
"""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.train_form import FRAME, ROOT, field, opened


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))


def sent_values(app: AppTest) -> list[str]:
    """Labels of the fields whose value the last run of the script sent."""
    fields = [*app.text_input, *app.text_area, *app.number_input]
    return [found.label for found in fields if found.proto.set_value]


def test_editing_a_text_sends_no_other_field() -> None:
    app = AppTest.from_file(str(FRAME), default_timeout=60)
    app.query_params["network"] = "xor4-modular"
    app.query_params["module"] = "B"
    app.run()
    app.switch_page(str(ROOT / "pages" / "modules.py")).run()
    (text,) = (found for found in app.text_area if found.label == "Text")
    text.set_value("Active on pair 1").run()
    assert not app.exception
    assert sent_values(app) == []
    (name,) = (found for found in app.text_input if found.label == "Name of this part")
    name.set_value("the first pair").run()
    assert sent_values(app) == []
    (text,) = (found for found in app.text_area if found.label == "Text")
    assert text.value == "Active on pair 1"


def test_a_setting_of_a_run_sends_no_other_field() -> None:
    app = opened()
    app.text_input(key=field(app, "hidden")).set_value("16, 16").run()
    assert not app.exception
    assert sent_values(app) == []
    app.number_input(key=field(app, "seed")).set_value(3).run()
    assert sent_values(app) == []
    assert app.text_input(key=field(app, "hidden")).value == "16, 16"
