"""Planted graphs are what they say."""

import numpy as np
import pytest

from explorer.errors import GraphError
from explorer.modularity.planted import (
    planted_flat,
    planted_layered,
    planted_nested,
    planted_noisy,
)

MAKERS = [planted_flat, planted_nested, planted_layered, planted_noisy]


def mean_mass(planted, labels, same: bool) -> float:
    """Mean mass of an edge inside a module, or between two, over all blocks."""
    graph, total, edges = planted.graph, 0.0, 0
    for block in graph.blocks:
        target = labels[graph.offsets[block.target] : graph.offsets[block.target + 1]]
        source = labels[graph.offsets[block.source] : graph.offsets[block.source + 1]]
        chosen = (target[:, None] == source[None, :]) == same
        chosen &= (target[:, None] >= 0) & (source[None, :] >= 0)
        total, edges = total + block.mass[chosen].sum(), edges + chosen.sum()
    return total / edges


@pytest.mark.parametrize("make", MAKERS)
def test_blocks_have_mass_one_and_every_node_a_label(make):
    planted = make(seed=3)
    graph = planted.graph
    assert [float(block.mass.sum()) for block in graph.blocks] == pytest.approx(
        [1.0] * len(graph.blocks)
    )
    assert planted.labels.shape == (graph.node_count,)
    assert ((planted.labels < 0) == (graph.degrees == 0)).all()
    assert graph.layers[0].role == "input"
    assert graph.layers[-1].role == "output"
    assert {layer.role for layer in graph.layers[1:-1]} == {"hidden"}


@pytest.mark.parametrize("make", MAKERS)
def test_the_seed_decides(make):
    assert make(seed=1).graph.id == make(seed=1).graph.id
    assert make(seed=1).graph.id != make(seed=2).graph.id
    assert (make(seed=1).labels == make(seed=1).labels).all()


@pytest.mark.parametrize("make", MAKERS)
def test_values_are_frozen(make):
    planted = make()
    with pytest.raises(ValueError, match="read-only"):
        planted.labels[0] = 1


@pytest.mark.parametrize("ratio", [1.0, 3.0, 20.0])
def test_flat_modules_have_the_given_size_and_ratio(ratio):
    planted = planted_flat(count=3, size=40, layers=3, ratio=ratio)
    assert np.bincount(planted.labels).tolist() == [120, 120, 120]
    assert planted.coarse_labels is None
    found = mean_mass(planted, planted.labels, True) / mean_mass(planted, planted.labels, False)
    assert found == pytest.approx(ratio, rel=0.05)


def test_without_end_of_ratio_nothing_passes_between_modules():
    planted = planted_flat(ratio=float("inf"))
    assert mean_mass(planted, planted.labels, False) == 0


def test_nested_modules_have_two_levels():
    planted = planted_nested(coarse=2, fine=3, size=30, layers=3, ratio=4.0)
    assert (planted.coarse_labels == planted.labels // 3).all()
    fine = mean_mass(planted, planted.labels, True)
    between_coarse = mean_mass(planted, planted.coarse_labels, False)
    assert fine / between_coarse == pytest.approx(16, rel=0.05)
    inside_coarse = mean_mass(planted, planted.coarse_labels, True)
    assert 3 * inside_coarse - fine == pytest.approx(2 * fine / 4, rel=0.05)


def test_layered_modules_are_of_unequal_size():
    planted = planted_layered(widths=(20, 50, 10), shares=(0.5, 0.3, 0.2))
    assert [layer.size for layer in planted.graph.layers] == [20, 50, 10]
    counts = np.bincount(planted.labels) / 80
    assert counts == pytest.approx([0.5, 0.3, 0.2], abs=0.05)


def test_even_the_smallest_module_has_a_neuron_in_each_layer():
    planted = planted_layered(widths=(3, 9, 3), shares=(0.98, 0.01, 0.01))
    assert sorted(planted.labels[:3].tolist()) == [0, 1, 2]


def test_noise_is_everywhere_and_dead_neurons_are_hidden():
    planted = planted_noisy(count=2, size=50, layers=4, noise=0.2, density=0.5, dead=0.1)
    graph = planted.graph
    dead = graph.degrees == 0
    assert dead.sum() == 20
    assert not dead[graph.layer_of == 0].any()
    assert not dead[graph.layer_of == 3].any()
    inside = mean_mass(planted, planted.labels, True)
    outside = mean_mass(planted, planted.labels, False)
    assert inside / outside == pytest.approx((0.5 + 0.2) / 0.2, rel=0.05)


def test_without_noise_only_part_of_the_edges_inside_are_there():
    planted = planted_noisy(count=2, size=50, noise=0, density=0.3, dead=0)
    assert mean_mass(planted, planted.labels, False) == 0
    filled = sum((block.mass > 0).sum() for block in planted.graph.blocks)
    assert filled / (3 * 100 * 100 / 2) == pytest.approx(0.3, abs=0.02)


@pytest.mark.parametrize(
    ("make", "wrong", "message"),
    [
        (planted_flat, {"count": 0}, "found count 0; expected 1 or more"),
        (planted_flat, {"layers": 1}, "found layers 1; expected 2 or more"),
        (planted_flat, {"ratio": 0.5}, "found ratio 0.5; expected 1 or more"),
        (planted_flat, {"ratio": float("nan")}, "found ratio nan; expected 1 or more"),
        (planted_nested, {"fine": 0}, "found fine 0; expected 1 or more"),
        (planted_layered, {"shares": (0.5, 0.4)}, "found shares .*; expected positive ones"),
        (planted_layered, {"shares": ()}, "found shares .*; expected positive ones"),
        (planted_layered, {"widths": (2, 9)}, "found widths .* for 3 modules; expected two"),
        (planted_noisy, {"noise": -0.1}, "found noise -0.1, .*; expected noise >= 0"),
        (planted_noisy, {"density": 0}, "found .* density 0, .*; expected noise >= 0"),
        (planted_noisy, {"dead": 1.0}, "found .* dead 1.0; expected noise >= 0"),
    ],
)
def test_parameters_out_of_range(make, wrong, message):
    with pytest.raises(GraphError, match=message):
        make(**wrong)
