"""Colour pictures of an opened network are shown as they lay in their files."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from explorer.network.architectures import CNN
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import task_from_pictures
from explorer.views.charts import example_pictures
from explorer.views.pictures import examples
from explorer.views.png import grey_picture
from tests.network.tasks.test_samples_numbers import zipped


def test_planes_make_one_picture(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    pixels = np.random.default_rng(0).integers(0, 256, size=(6, 8, 3)).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    members = {f"{n}.png": stream.getvalue() for n in range(10)}
    made = task_from_pictures(zipped(members), Checkpoint("c", CNN((6, 8), [3, 4], 2)))
    view = examples(made, [0, 1], [1.0, 2.0])
    assert view.titles[0].endswith("(1.00)") and len(view.pictures) == 2
    assert view.pictures[0].shape == (6, 8, 3)
    assert view.pictures[0] * 255 == pytest.approx(pixels, abs=1e-3)
    url = grey_picture(view.pictures[0])
    drawn = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB")
    np.testing.assert_array_equal(np.asarray(drawn), pixels)
    assert [trace.type for trace in example_pictures(view.pictures, view.titles).data] == [
        "image",
        "image",
    ]


def test_a_large_picture_is_drawn_smaller():
    url = grey_picture(np.ones((300, 200, 3)))
    assert Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).size == (67, 100)
