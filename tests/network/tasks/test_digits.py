"""The digits are those of scikit-learn, however they are read."""

import numpy as np
from sklearn.datasets import load_digits

from explorer.network.tasks import digits


def test_they_are_those_of_scikit_learn(monkeypatch):
    images, labels = load_digits(return_X_y=True)
    ours = digits._read_digits()
    assert np.array_equal(ours[0], images)
    assert np.array_equal(ours[1], labels)
    monkeypatch.setattr(digits, "find_spec", lambda name: None)
    elsewhere = digits._read_digits()
    assert np.array_equal(elsewhere[0], images)
