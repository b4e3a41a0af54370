"""Compiled kernels do not outlive their sources."""

from pathlib import Path

from explorer.modularity.kernel_cache import drop_stale_kernels


def test_a_changed_source_throws_all_compiled_kernels_away(tmp_path: Path) -> None:
    source = tmp_path / "some_kernels.py"
    source.write_text("a = 1")
    compiled = tmp_path / "__pycache__" / "other_kernels.f-1.py311.nbi"
    assert not drop_stale_kernels(tmp_path)
    compiled.write_text("machine code")
    assert not drop_stale_kernels(tmp_path)
    assert compiled.exists()
    source.write_text("a = 2")
    assert drop_stale_kernels(tmp_path)
    assert not compiled.exists()
    assert not drop_stale_kernels(tmp_path)


def test_a_folder_that_cannot_be_written_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "some_kernels.py").write_text("a = 1")
    (tmp_path / "__pycache__").write_text("a file where the folder should be")
    assert not drop_stale_kernels(tmp_path)
