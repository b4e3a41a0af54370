"""Merging clusters of tokens by what follows what."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.training.following_clusters import merge_followers


def sentences(kinds: list[list[int]], seed: int, texts: int = 40) -> np.ndarray:
    """Texts of sentences of random kinds; one kind passes through its phases, of random length."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(texts):
        text: list[int] = []
        while len(text) < 60:
            for phase in kinds[rng.integers(len(kinds))]:
                text += [phase] * int(rng.integers(2, 6))
        made.append(text[:60])
    return np.array(made)


@pytest.mark.parametrize("seed", range(5))
def test_phases_of_one_kind_of_sentence_become_one(seed: int) -> None:
    merged = merge_followers(sentences([[3, 0, 5], [1], [4], [2]], seed), 6, 4)
    assert merged[3] == merged[0] == merged[5]
    assert len({merged[0], merged[1], merged[2], merged[4]}) == 4
    assert set(merged.tolist()) == {0, 1, 2, 3}


@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 5))
def test_there_are_as_many_as_asked_for_and_never_more(
    clusters: int, count: int, seed: int
) -> None:
    labels = np.random.default_rng(seed).integers(clusters, size=(3, 9))
    merged = merge_followers(labels, clusters, count)
    assert merged.shape == (clusters,)
    assert set(merged.tolist()) == set(range(min(clusters, count)))


def test_nothing_is_merged_where_there_are_few_enough() -> None:
    assert merge_followers(np.array([[0, 1, 2, 1]]), 3, 3).tolist() == [0, 1, 2]


def test_clusters_that_never_leave_stay_apart_from_those_that_follow() -> None:
    # 0 and 1 alternate; 2 and 3 each fill a text alone.
    labels = np.array([[0, 1, 0, 1], [2, 2, 2, 2], [3, 3, 3, 3]])
    assert merge_followers(labels, 4, 3).tolist() == [0, 0, 1, 2]
