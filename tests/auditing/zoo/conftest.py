"""A zoo of networks that take a moment to train."""

import shutil

import pytest

from explorer.auditing.zoo import regimes
from explorer.auditing.zoo.folder import ZooFolder
from tests.auditing.zoo.tools import SMALL, build


@pytest.fixture
def small(monkeypatch):
    """Let the digits' networks be small."""
    monkeypatch.setitem(regimes.RECIPES, "backdoor", SMALL)


@pytest.fixture(scope="session")
def original(tmp_path_factory):
    """The tiny plan, built once."""
    folder = ZooFolder(tmp_path_factory.mktemp("zoo") / "zoo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(regimes.RECIPES, "backdoor", SMALL)
        build(folder)
    return folder


@pytest.fixture
def built(small, original, tmp_path):
    """The tiny plan, built, to do with what one likes."""
    return ZooFolder(shutil.copytree(original.path, tmp_path / "zoo"))
