"""Tasks of the plane: classes where they should be, splits apart, learnt fast."""

from itertools import combinations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from explorer.errors import TaskError
from explorer.network.tasks import SPLITS, is_plane, plane_grid, plane_reach, task, task_from_csv
from explorer.network.tasks.plane import COUNTS, TASKS
from explorer.network.threads import single_threaded

NAMES = [made.name for made in TASKS]


def test_there_are_the_four_of_the_playground_and_two_more_spirals():
    assert NAMES == ["circle", "xor", "gauss", "spiral", "spiral-3", "spiral-5"]
    assert [len(task(name).outputs) for name in NAMES] == [2, 2, 2, 2, 3, 5]


@pytest.mark.parametrize("name", NAMES)
def test_splits_are_apart_balanced_and_within_the_picture(name):
    made = task(name)
    points = {}
    for split in SPLITS:
        examples = made.split(split)
        assert len(examples) == COUNTS[split]
        counts = examples.targets[:, 0].bincount()
        assert int(counts.max() - counts.min()) <= 1
        points[split] = set(map(tuple, examples.inputs.tolist()))
        assert len(points[split]) == len(examples)
        # Of the gaussians, a point in thousands is farther out.
        assert float((examples.inputs.abs() <= 1).all(dim=1).float().mean()) > 0.99
    assert not any(points[a] & points[b] for a, b in combinations(SPLITS, 2))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_points_every_time(name):
    before = task(name).split("score").inputs.clone()
    fresh = next(made for made in TASKS if made.name == name)
    fresh.make.cache_clear()
    assert torch.equal(fresh.split("score").inputs, before)


def test_circle_parts_the_middle_from_the_ring():
    examples = task("circle").split("train")
    radius = 6 * examples.inputs.norm(dim=1)
    middle = examples.targets[:, 0] == 0
    # Radii of 0 to 2.5 and 3.5 to 5, moved by at most .5 in each coordinate.
    assert float(radius[middle].max()) <= 2.5 + 0.5 * 2**0.5
    assert float(radius[~middle].min()) >= 3.5 - 0.5 * 2**0.5


def test_xor_asks_for_the_signs():
    examples = task("xor").split("train")
    differ = examples.inputs[:, 0] * examples.inputs[:, 1] < 0
    assert torch.equal(differ.long(), examples.targets[:, 0])
    for x in (-1, 1):  # all four quarters are used alike
        for y in (-1, 1):
            share = ((examples.inputs.sign() == torch.tensor([x, y])).all(dim=1)).float().mean()
            assert 0.22 < float(share) < 0.28


def test_gauss_has_its_clouds_where_the_playground_has_them():
    examples = task("gauss").split("train")
    for label, centre in ((0, -2 / 6), (1, 2 / 6)):
        cloud = examples.inputs[examples.targets[:, 0] == label]
        assert torch.allclose(cloud.mean(dim=0), torch.full((2,), centre), atol=0.02)
        assert torch.allclose(cloud.var(dim=0) * 36, torch.full((2,), 1.2), rtol=0.12)


@pytest.mark.parametrize("arms", [2, 3, 5, 7])
def test_arms_of_a_spiral_lie_where_its_formula_says(arms):
    examples = task("spiral" if arms == 2 else f"spiral-{arms}").split("train")
    x, y = (6 * examples.inputs.double()).unbind(dim=1)
    radius = torch.hypot(x, y)
    turns = torch.atan2(x, y) / (2 * torch.pi)
    # An arm's own turning taken off, all its points lie in one direction.
    left = turns - 3.5 / arms * radius / 5 - examples.targets[:, 0] / arms
    off = (left - left.round()).abs() * 2 * torch.pi * radius
    assert float(off.median()) < 0.2
    assert float(off[radius > 1].max()) < 1.4 * 0.1 * (1 + 2 * torch.pi * 3.5 / arms)


@pytest.mark.parametrize("name", ["spiral-2", "spiral-03", "spiral-1", "spiral-13", "spiral-x"])
def test_spirals_that_there_are_not(name):
    with pytest.raises(TaskError, match=f"found task '{name}'; expected one of circle"):
        task(name)


@pytest.mark.parametrize(("name", "mark"), [("circle", 0.97), ("xor", 0.97), ("gauss", 0.97)]
                         + [(n, 0.9) for n in ("spiral", "spiral-3", "spiral-5")])  # fmt: skip
def test_the_suggested_network_learns_it_in_some_hundred_steps(name, mark):
    made = task(name)
    torch.manual_seed(0)
    first, second = made.hidden
    network = nn.Sequential(
        *(nn.Linear(2, first), nn.ReLU(), nn.Linear(first, second), nn.ReLU()),
        nn.Linear(second, len(made.outputs)),
    )
    optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
    generator = torch.Generator().manual_seed(0)
    with single_threaded():
        for _ in range(400):
            batch = made.batch(generator, 128)
            optimiser.zero_grad()
            F.cross_entropy(network(batch.inputs), batch.targets[:, 0]).backward()
            optimiser.step()
    test = made.split("test")
    right = network(test.inputs).argmax(dim=1) == test.targets[:, 0]
    assert float(right.float().mean()) >= mark


def test_grid_is_read_like_a_picture():
    grid = plane_grid(3, reach=1.5)
    assert grid.shape == (9, 2)
    assert grid[0].tolist() == [-1.0, 1.0]  # top left
    assert grid[2].tolist() == [1.0, 1.0]  # top right
    assert grid[4].tolist() == [0.0, 0.0]
    assert grid[6].tolist() == [-1.0, -1.0]  # bottom left


def test_which_tasks_are_of_the_plane():
    assert all(is_plane(task(name)) for name in (*NAMES, "spiral-12"))
    assert not any(is_plane(task(name)) for name in ("digits", "xor4", "characters"))
    rows = "\n".join(f"{n},{n * n % 7},{'ab'[n % 2]}" for n in range(40))
    own = task_from_csv(f"width,height,kind\n{rows}".encode(), "own.csv")
    assert is_plane(own) and own.inputs == ("width", "height")
    assert plane_reach(task("circle")) == 1.0
    assert plane_reach(own) == pytest.approx(1.05 * float(own.split("train").inputs.abs().max()))
