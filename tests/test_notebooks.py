"""The notebooks run from top to bottom, and say what the text around their cells claims."""

import ast
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"


def executed(name: str) -> list[str]:
    """Run a notebook and return what each of its code cells printed or showed, as text."""
    notebook = nbformat.read(FOLDER / name, as_version=4)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(FOLDER)}})
    client.execute()
    shown = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            shown.append(
                "".join(
                    output.get("text", "") or str(output.get("data", {}).get("text/plain", ""))
                    for output in cell.outputs
                )
            )
    return shown


def test_every_notebook_is_tested_and_kept_without_outputs() -> None:
    names = sorted(path.name for path in FOLDER.glob("*.ipynb"))
    assert names == [
        "01_from_weights_to_modules.ipynb",
        "02_training_for_modularity.ipynb",
        "03_are_the_descriptions_faithful.ipynb",
    ]
    for name in names:
        cells = nbformat.read(FOLDER / name, as_version=4).cells
        assert not any(cell.get("outputs") for cell in cells)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the kernel's own
def test_from_weights_to_modules() -> None:
    shown = executed("01_from_weights_to_modules.ipynb")
    everything = "\n".join(shown)
    assert "pair-modular: **Clearly modular.** It falls into two modules" in everything
    assert "pair-plain: **Not modular beyond chance.**" in everything
    assert "pair-plain: **The tree is a star:**" in everything
    assert "pair-modular: **1 of its" in everything
    lost = next(ast.literal_eval(text) for text in shown if text.startswith("{'A': {'left'"))
    assert sorted(max(heads, key=heads.get) for heads in lost.values()) == ["left", "right"]
    for heads in lost.values():
        assert max(heads.values()) > 0.7
        assert min(heads.values()) < 0.02


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the kernel's own
def test_training_for_modularity() -> None:
    shown = executed("02_training_for_modularity.ipynb")
    everything = "\n".join(shown)
    assert "((900, 'modularity_coefficient', 1.0),)" in everything
    # Plain training to the bit; a run that goes on as if it had never stopped.
    assert shown.count("True") == 2
    assert "pair-modular: **Clearly modular.**" in everything
    assert "pair-plain: **Not modular beyond chance.**" in everything
    rows = next(text for text in shown if text.startswith("xor4"))
    assert all(loss in rows for loss in ("plain", "layered", "l1", "fixed_bins"))
    left = next(ast.literal_eval(text) for text in shown if text.startswith("{'A': {"))
    pronouns = sorted(skills["pronoun"] for skills in left.values())
    assert pronouns[0] < 0.6 < 0.9 < pronouns[1]  # one module carries the pronoun, no other does


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the kernel's own
def test_are_the_descriptions_faithful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXPLORER_DESCRIBER", raising=False)
    shown = executed("03_are_the_descriptions_faithful.ipynb")
    texts = shown[0].splitlines()
    assert len(texts) == len(set(texts)) == 6
    assert "correlates with the truth at" in shown[1]
    mean = next(ast.literal_eval(text) for text in shown if text.startswith("{'own text'"))
    assert mean["own text"] > 0.3
    assert abs(mean["other texts"]) < 0.1
    table = next(text for text in shown if text.startswith("{'simulation'"))
    rows = ast.literal_eval(table.splitlines()[0])
    for name in ("simulation", "detection"):  # as high where there is nothing to find
        assert abs(rows[name]["another module"] - rows[name]["chance"]) < 0.1
        assert rows[name]["random partition"] > 0.8 * rows[name]["these texts"]
        assert rows[name]["untrained network"] > 0.8 * rows[name]["these texts"]
    agreement = rows["ablation_agreement"]
    assert agreement["these texts"] > agreement["untrained network"] + 0.2
    lies = next(text for text in shown if "Fires on" in text).splitlines()
    true, same, wrong = (float(line.split()[0]) for line in lies)
    assert true == same > wrong + 0.1
    assert "set EXPLORER_DESCRIBER=embedded" in shown[-1]
