"""The notebooks run from top to bottom, and say what the text around their cells claims."""

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from explorer.auditing.auditors.combining import combining_weights
from explorer.auditing.results import measured_results
from explorer.views.audit_structure import compare_regimes

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
        "04_can_modules_catch_a_backdoor.ipynb",
        "05_open_anything.ipynb",
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


@pytest.fixture(scope="module")
def catching() -> list[str]:
    return executed("04_can_modules_catch_a_backdoor.ipynb")


def printed(shown: list[str], start: str) -> dict[str, Any]:
    """Read the dictionary that a cell printed on a line of its own."""
    lines = (line for text in shown for line in text.splitlines() if line.startswith(start))
    found: dict[str, Any] = ast.literal_eval(next(lines))
    return found


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the kernel's own
def test_can_modules_catch_one_backdoor(catching: list[str]) -> None:
    planted, control = printed(catching, "{'backdoor-corner-300'").values()
    assert planted["success"] > 0.9 > 0.1 > control["success"]
    assert abs(planted["accuracy"] - control["accuracy"]) < 0.04
    verdicts = next(text for text in catching if text.startswith("planted: score")).splitlines()
    assert re.search(r" Flagged\. It flags \d+ of \d{3} clean networks", verdicts[0])
    assert re.search(r" Not flagged\. It flags \d+ of \d{3} clean networks", verdicts[1])
    # Three neurons carry much of the attack, random ones hardly any. How much of it the best module
    # takes along differs from processor to processor, on which training rounds differently.
    left = {name: pair[0] for name, pair in printed(catching, "{'as it is'").items()}
    assert left["three suspects"] < left["random threes"] - 0.3
    assert left["random threes"] > 0.8
    assert left["best module"] < left["as it is"]
    assert left["best shuffled module"] < 0.9
    # The spare takes the attack along and no accuracy; as many random neurons do neither.
    spare = printed(catching, "{'with the spare'")
    assert "16 neurons, 200 trusted examples" in "\n".join(catching)
    assert spare["with the spare"][0] > 0.9
    assert spare["spare ablated"] == spare["repaired network"]
    assert spare["spare ablated"][0] < 0.1
    assert spare["spare ablated"][1] > spare["with the spare"][1] - 0.03
    assert spare["as many random neurons"][0] > 0.5
    assert spare["as many random neurons"][1] < spare["spare ablated"][1] - 0.03


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the kernel's own
def test_can_modules_catch_backdoors_in_general(catching: list[str]) -> None:
    everything = "\n".join(catching)
    which = "report" if measured_results("report") else "calibration"
    results = [r for r in measured_results(which) if r.member.case.family == "backdoor"]
    assert f"{which}: {len(results)} networks" in everything
    areas = printed(catching, "{'combined'")
    assert not any(name.startswith("dormant") for name in combining_weights().weights)
    for regime, (low, value, high) in areas["black box"].items():
        scores: dict[bool, list[float]] = {True: [], False: []}
        for result in results:
            planted = result.member.is_planted
            if result.member.regime == regime and (result.success >= 0.9 or not planted):
                scores[planted].append(result.scores["pair_probing"])
        pairs = [(p > c) + 0.5 * (p == c) for p in scores[True] for c in scores[False]]
        assert value == pytest.approx(sum(pairs) / len(pairs), abs=6e-4)
        assert low <= value <= high
        # Neurons drawn at random detect as well as modules do.
        assert areas["shuffled modules"][regime][1] > areas["dormant module"][regime][1] - 0.05
    removed = printed(catching, "{'plain': {'three neurons")
    assert set(removed) == set(areas["black box"])
    for row in removed.values():  # a module costs more than three neurons
        assert row["best module: accuracy lost"] > row["three neurons: accuracy lost"]
    gap = compare_regimes(results, "combined")[0].difference
    words = "adds to" if gap.low > 0 else "takes from" if gap.high < 0 else "adds nothing over"
    assert f"Modularity {words} " in everything
    assert "The ablated spare leaves" in everything
    # A proxy is seen where inputs are exchanged; this network follows it more when modular.
    proxy = printed(catching, "{'plain': {'success'")
    assert proxy["control"]["swapping"] < 0.3
    assert min(proxy["plain"]["swapping"], proxy["modular"]["swapping"]) > 0.5
    assert proxy["modular"]["success"] > proxy["plain"]["success"] + 0.1


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the kernel's own
def test_open_anything(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    shown = executed("05_open_anything.ipynb")
    everything = "\n".join(shown)
    assert shown[0].endswith("mlp 32-48-48-20\n")
    # A bare file, a module at hand and a file of another library compute what the originals do; the
    # same network is the same whatever it came in.
    assert shown[1] == "mlp 8-16-4 PyTorch\nTrue\n"
    assert "('hidden 1', 12), ('hidden 2', 20), ('hidden 3', 20)" in shown[2]
    assert shown[2].endswith("True\n")
    assert shown[3] == "ONNX True\n"
    assert shown[4].startswith("Hugging Face transformer 32 x 2 blocks of 4 heads and 64")
    # The penalty moves weight inside; what it costs is what the text says.
    rows = printed(shown, "{'lambda 0': {'held_out_loss'")
    plain, modular = rows["lambda 0"], rows["lambda 3"]
    assert modular["inside"] > 0.8 > 0.5 > plain["inside"]
    assert abs(modular["held_out_loss"] - plain["held_out_loss"]) < 0.1
    assert re.search(r"^1,536 of 8,704 edges are kept", shown[8])
    inside = printed(shown, "{'lambda 0': [")
    assert min(inside["lambda 3"]) > 0.7 > 0.5 > max(inside["lambda 0"])
    assert all(nats > 0 for nats in printed(shown, "{'A': ").values())
    assert "3 of 3 modules correspond" in everything
    assert "'partition.csv'" in everything
    assert shown[-2] == "True\nTrue\n"
    assert "not converted yet: explorer.load('gemma-270m') does it" in shown[-1]
