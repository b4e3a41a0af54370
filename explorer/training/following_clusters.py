"""Clusters that follow one another in every text are phases of one thing: merge them."""

import numpy as np

from explorer.network.graph import Floats, Ints


def merge_followers(labels: Ints, clusters: int, count: int) -> Ints:
    """Merge clusters of tokens until ``count`` are left, by what comes after what.

    A sentence passes through phases, each a cluster of its own: what is fed to whom, and then who
    it was. Where texts go from one cluster to another, nearly all ways out of the first, or nearly
    all ways into the second, are the same if both are phases of one kind of sentence; sentences of
    two kinds follow each other by chance. The pair of clusters with the largest such share becomes
    one, again and again.

    Parameters
    ----------
    labels : array of int, shape (texts, positions)
        Cluster of every token.
    clusters : int
        How many there are.
    count : int
        How many to leave.

    Returns
    -------
    array of int, shape (clusters,)
        What becomes of every cluster, from 0 to ``count`` - 1.

    Examples
    --------
    0 is always followed by 1; from 1, texts go on to 2 and 3 alike:

    >>> merge_followers(np.array([[0, 1, 2, 3, 0, 1, 3, 2, 0, 1, 2]]), 4, 3).tolist()
    [0, 0, 1, 2]
    """
    passes = np.zeros((clusters, clusters))
    np.add.at(passes, (labels[:, :-1].ravel(), labels[:, 1:].ravel()), 1)
    merged = np.arange(clusters)
    while len(passes) > count:
        np.fill_diagonal(passes, 0)  # to stay says nothing about what follows
        first, second = sorted(_closest(passes))
        passes[first] += passes[second]
        passes[:, first] += passes[:, second]
        passes = np.delete(np.delete(passes, second, axis=0), second, axis=1)
        merged = np.where(merged == second, first, merged - (merged > second))
    return merged


def _closest(passes: Floats) -> tuple[int, int]:
    """Pair with the largest share of the ways out of one that lead to the other, or of ways in."""
    out = passes / np.maximum(passes.sum(axis=1, keepdims=True), 1)
    into = passes / np.maximum(passes.sum(axis=0, keepdims=True), 1)
    place = int(np.maximum(out, into).argmax())
    return place // len(passes), place % len(passes)
