"""Adjusted mutual information is that of scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_mutual_info_score

from explorer.modularity.agreement import adjusted_mutual_information

LABELS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=2, max_size=40)


@settings(max_examples=60, deadline=None)
@given(LABELS)
def test_it_is_that_of_scikit_learn(pairs):
    first, second = np.array(pairs).T
    wanted = adjusted_mutual_info_score(first, second)
    assert adjusted_mutual_information(first, second) == pytest.approx(wanted, abs=1e-9)
    assert adjusted_mutual_information(second, first) == pytest.approx(wanted, abs=1e-9)


def test_unattached_nodes_do_not_count():
    first, second = np.array([0, 0, 1, 1, -1, 0]), np.array([1, 1, 0, 0, 0, -1])
    assert adjusted_mutual_information(first, second) == pytest.approx(1.0)
    assert adjusted_mutual_information(first[:0], second[:0]) == 1.0
