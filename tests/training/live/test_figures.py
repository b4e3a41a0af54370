"""What a live run shows is what the rest of the package computes."""

import numpy as np
import pytest
import torch

from explorer.modularity.layered import layered_modularity
from explorer.network.tasks import abilities, mean_losses
from explorer.training.config import TrainingConfig
from explorer.training.live import wire
from explorer.training.live.drawing import Drawer
from explorer.training.live.figures import Observer, alike_labels
from explorer.training.live.history import COLUMNS, MAX_ROWS, History
from explorer.training.live.pace import Pace
from explorer.training.live.publisher import Publisher
from explorer.training.loop import Training


def trained(steps=60, **more):
    training = Training(
        TrainingConfig(**{"task": "xor4", "hidden": (16, 16), "steps": 200, **more})
    )
    for _ in range(steps):
        step = training.step()
    return training, step


@pytest.mark.parametrize("weighting", ["activity", "path", "layer"])
def test_figures_agree_with_those_of_the_graph(weighting):
    training, _ = trained(graph=weighting)
    observer = Observer(training)
    assert np.isnan(observer.figures().layered_modularity)
    observer.search_labels()
    found, graph, labels = observer.figures(), observer.graph(), observer.labels
    assert found.layered_modularity == pytest.approx(layered_modularity(graph, labels), abs=1e-6)
    u, v, mass, block = graph.edges
    same = labels[u] == labels[v]
    assert found.inside == pytest.approx(mass[same].sum() / mass.sum(), abs=1e-6)
    assert found.mass.sum() == pytest.approx(1, abs=1e-5)
    assert np.trace(found.mass) == pytest.approx(found.inside, abs=1e-5)
    assert found.nodes.sum() == (labels >= 0).sum()
    means = np.array([part.mass.mean() for part in graph.blocks])
    assert found.interface_count == (~same & (mass > means[block])).sum()
    able = abilities(training.task, training.network, "validation")
    losses = mean_losses(training.task, training.network, "validation")
    assert found.validation_loss == pytest.approx(losses[""], abs=1e-5)
    shares = [ability.share for ability in able]
    assert found.accuracy == pytest.approx(np.mean(shares), abs=1e-6)


def test_mass_leads_from_source_to_target():
    training, _ = trained(hidden=(2,), task="circle", steps=1)
    weights = training.network.matrices
    with torch.no_grad():
        weights[0].copy_(torch.tensor([[1.0, 1.0], [0.0, 0.0]]))  # into the first neuron alone
    observer = Observer(training)
    observer.weighting = "layer"
    observer._show(np.array([1, 1, 0, 2, 2, 2]))
    mass = observer.figures().mass
    assert mass[1, 0] == pytest.approx(0.5)
    assert mass[0, 1] == 0


def test_many_modules_are_counted_in_the_last_place():
    training, _ = trained(hidden=(64,))
    observer = Observer(training)
    observer._show(np.arange(80) % 12)
    found = observer.figures()
    assert found.nodes.tolist() == [7] * 7 + [31]
    assert found.mass.sum() == pytest.approx(1, abs=1e-5)


def test_modules_keep_their_numbers():
    rng = np.random.default_rng(0)
    before = rng.integers(0, 4, 60)
    swapped = np.array([2, 3, 1, 0])[before]
    assert np.array_equal(alike_labels(swapped, before), before)
    fewer = np.where(before == 3, -1, before)
    assert np.array_equal(alike_labels(fewer, before), fewer)


def test_up_to_eight_modules_have_places_of_their_own():
    before = np.arange(60) % 12
    few = np.where(before < 9, -1, before)  # three are left, which had the numbers 9 to 11
    shown = alike_labels(few, before)
    assert len(np.unique(shown[shown >= 0])) == 3
    assert shown.max() < wire.MAX_MODULES
    assert np.array_equal(shown >= 0, few >= 0)


def test_frames_tell_how_many_modules_there_are():
    training, _ = trained(hidden=(64,))
    sent = []
    publisher = Publisher(training, lambda message, must: sent.append(message))
    publisher.observer._show(np.arange(80) % 12)
    publisher._labels = Pace(1, 0.004, cost=1.0, patience=0.5)  # no other partition
    publisher.show("running")
    shown = wire.parse_frame(sent[-1])
    assert (shown["modules"], shown["found"]) == (8, 12)


def test_a_network_too_large_for_a_search_says_so():
    training, _ = trained(steps=1)
    publisher = Publisher(training, lambda message, must: None)
    assert publisher.about()["searches"] is True
    publisher._labels = Pace(1, 0.004, cost=1.0, patience=0.5)
    assert publisher.about()["searches"] is False
    assert np.isnan(publisher.observer.figures().interface_count)  # 0 would be its best value


def test_watching_changes_nothing():
    settings = {"modularity_coefficient": 1.0, "penalty_ramp": (0.1, 0.2), "module_count": 4}
    plain, _ = trained(100, **settings)
    watched = Training(plain.config)
    sent = []
    publisher = Publisher(watched, lambda message, must: sent.append(message))
    for _ in range(100):
        publisher.after(watched.step())
        publisher.show("running")
    assert len(sent) > 100
    for name, tensor in plain.state().tensors.items():
        assert torch.equal(watched.state().tensors[name], tensor), name


def test_the_grid_holds_what_the_network_decides():
    training, _ = trained(task="spiral-3", hidden=(16, 16))
    grid = Drawer(training).grid()
    # The top left pixel: x smallest, y largest.
    corner = torch.tensor([[-1 + 1 / 32, 1 - 1 / 32]])
    with torch.no_grad():
        shares = training.network(corner).softmax(dim=1)[0]
    assert grid[0, 0] >> 4 == int(shares.argmax())
    assert grid[0, 0] & 15 == round((float(shares.max()) - 1 / 3) / (2 / 3) * 15)


def test_pictures_show_every_neuron_of_a_small_network():
    training, _ = trained(task="circle", hidden=(8, 8))
    chosen, pixels = Drawer(training).pictures()
    assert chosen.tolist() == list(range(20))
    assert pixels.shape == (20, 16, 16)
    assert pixels[0].std() > 0
    assert (pixels[0] == pixels[0][0]).all(), "the input x is the same in every row"
    rising = pixels[0][0].astype(int)
    assert (np.diff(rising) > 0).all()
    assert abs(int(rising[0]) + int(rising[-1]) - 256) <= 1
    hidden = pixels[2:18]
    assert hidden.min() >= 128, "nothing is below 0 after a ReLU"


def test_points_and_names_are_told_once():
    training, _ = trained(task="spiral", hidden=(4,), steps=1)
    about = Drawer(training).about()
    assert [head["classes"] for head in about["heads"]] == [["1", "2"]]
    assert all(abs(x) <= about["reach"] and c in (0, 1) for x, _, c in about["points"])


def test_a_history_stays_short_and_keeps_its_ends():
    history = History()
    for step in range(1, 10_000):
        history.add(wire.build_frame("running", step=step, task_loss=1 / step))
    steps = [row[0] for row in history.rows]
    assert MAX_ROWS / 2 < len(steps) <= MAX_ROWS
    assert steps == sorted(set(steps))
    assert steps[0] == 1
    assert steps[-1] > 9_900
    assert History.from_dict(history.to_dict()).to_dict() == history.to_dict()
    history.add(wire.build_frame("running", step=5_000))  # set back after it diverged
    assert history.rows[-1][0] == 5_000
    assert len(history.rows[-1]) == len(COLUMNS)


def test_a_slider_that_is_drawn_makes_one_change():
    history = History()
    for step in range(20):
        history.add_change(step, "learning_rate", step / 100, 10_000)
    history.add_change(500, "learning_rate", 0.9, 10_000)
    assert [(c["step"], c["value"]) for c in history.changes] == [(0, 0.19), (500, 0.9)]


@pytest.mark.parametrize(
    "damaged", [{}, {"rows": 3}, {"columns": list(COLUMNS), "rows": [[1]], "changes": None}]
)
def test_a_damaged_history_is_an_empty_one(damaged):
    assert History.from_dict(damaged).rows == []


def test_what_costs_more_than_its_share_waits():
    now = [0.0]
    pace = Pace(rate=30, share=0.01, clock=lambda: now[0], meter=lambda: now[0])
    done = 0
    while now[0] < 100:
        now[0] += 0.001  # a step
        if pace.due():
            with pace:
                now[0] += 0.005
            done += 1
    assert done * 0.005 == pytest.approx(1.0, rel=0.05)


def test_the_rate_is_kept_although_steps_take_time():
    now = [0.0]
    pace = Pace(rate=30, share=0.02, clock=lambda: now[0], meter=lambda: now[0])
    done = 0
    while now[0] < 10:
        now[0] += 0.012
        if pace.due():
            with pace:
                now[0] += 0.0001
            done += 1
    assert 295 <= done <= 301


def test_what_takes_too_long_is_never_done_again():
    now = [0.0]
    pace = Pace(rate=1, share=0.01, patience=0.25, clock=lambda: now[0], meter=lambda: now[0])
    with pace:
        now[0] += 0.3
    now[0] += 1e6
    pace.hurry()
    assert not pace.due()
    assert not Pace(
        rate=1, share=0.01, cost=1.0, patience=0.25, clock=lambda: now[0], meter=lambda: now[0]
    ).due()
