"""Every loss on every kind of network: what it rewards, and that a run goes on exactly."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.errors import ConfigError
from explorer.network.architectures import CNN, GPT, MLP, Network
from explorer.network.graph import graph_from_masses
from explorer.network.weightings import graph_masses, measure_activity
from explorer.training.config import LOSSES, TrainingConfig
from explorer.training.loop import Training
from explorer.training.losses import MODULARITY_LOSSES, make_loss
from tests.networks import make_network

CONFIG = TrainingConfig(
    task="xor4",
    hidden=(12, 10),
    steps=40,
    batch_size=16,
    module_count=2,
    refresh=5,
    modularity_coefficient=1.0,
    penalty_ramp=(0.1, 0.2),
)
# Their gradient takes the mass of a link as given: see their own tests.
_BETWEEN = ("between_bins", "closed_writes")


def network_of(kind: str) -> tuple[Network, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    if kind == "gpt":
        network: Network = GPT(tokens=9, width=8, heads=4, feed_forward=(12, 12))
        inputs = torch.randint(9, (6, 10), generator=generator)
    elif kind == "cnn":
        network = CNN((6, 6), [2, 6, 8], 5)
        inputs = torch.rand(9, 72, generator=generator)
    else:
        network, inputs = MLP([8, 12, 10, 6]), torch.rand(30, 8, generator=generator)
    network.initialise(generator)
    return network.requires_grad_(True), inputs


def ready(loss_name: str, network: Network, inputs: torch.Tensor, **changes):
    loss = make_loss(replace(CONFIG, loss=loss_name, **changes), network)
    activity = measure_activity(network, inputs)
    masses = graph_masses(network, loss.config.graph, activity)
    loss.refresh(graph_from_masses(network, masses, loss.config.graph))
    return loss, activity


def gradients(loss, network, activity, strength=1.0):
    network.zero_grad()
    found = loss.of_network(network, activity, strength)
    torch.autograd.backward(found.tensors, found.gradients)
    return found.value, [
        torch.zeros_like(w) if w.grad is None else w.grad.clone() for w in network.parameters()
    ]


def test_every_name_has_a_loss_with_words_for_people():
    assert tuple(MODULARITY_LOSSES) == LOSSES
    titles = [made.title for made in MODULARITY_LOSSES.values()]
    assert len(set(titles)) == len(LOSSES)
    for made in MODULARITY_LOSSES.values():
        assert made.summary.endswith(".")
        assert "Penalty" in (made.__doc__ or "")


@pytest.mark.parametrize("kind", ["mlp", "cnn", "gpt"])
@pytest.mark.parametrize("name", [n for n in LOSSES if n not in _BETWEEN])
def test_a_step_down_the_gradient_lowers_the_penalty(name, kind):
    network, inputs = network_of(kind)
    loss, activity = ready(name, network, inputs)
    before, slopes = gradients(loss, network, activity)
    # A sensible start: no loss needs a lambda far from 1.
    assert 0.05 < before < 2.0
    size = sum(float(slope.pow(2).sum()) for slope in slopes)
    assert size > 0
    step = 1e-4 * before / size
    with torch.no_grad():
        for weight, slope in zip(network.parameters(), slopes, strict=True):
            weight.sub_(step * slope)
    after, _ = gradients(loss, network, activity)
    assert after == pytest.approx(before - step * size, abs=0.3 * step * size + 1e-6)


@pytest.mark.parametrize("kind", ["mlp", "gpt"])
@pytest.mark.parametrize("name", LOSSES)
def test_what_is_kept_gives_the_same_loss(name, kind):
    network, inputs = network_of(kind)
    loss, activity = ready(name, network, inputs)
    kept = {key: value.clone() for key, value in loss.state().items()}
    other = make_loss(loss.config, network)
    other.restore(kept)
    first, second = gradients(loss, network, activity), gradients(other, network, activity)
    assert first[0] == second[0]
    assert all(torch.equal(a, b) for a, b in zip(first[1], second[1], strict=True))
    assert other.refreshes == 1
    assert (other.labels == loss.labels).all()


@pytest.mark.parametrize("name", LOSSES)
def test_a_resumed_run_ends_in_the_same_network(name):
    config = replace(CONFIG, loss=name)
    whole = Training(config)
    state = None
    while not whole.done:
        if whole.steps_done == 27:  # between two refreshes
            state = whole.state()
        whole.step()
    parts = Training(config, state)
    while not parts.done:
        parts.step()
    pairs = zip(whole.network.parameters(), parts.network.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize(
    "name",
    [n for n in LOSSES if n not in ("l1", "cut_tree_sum", "fixed_bins", "bimt", *_BETWEEN)],
)
def test_two_parts_with_nothing_between_them_pay_nothing(name):
    block = torch.kron(torch.eye(2), torch.ones(4, 4))
    order = torch.randperm(8, generator=torch.Generator().manual_seed(0))
    apart = make_network([block, block[order], block[:, order]]).requires_grad_(True)
    even = make_network([torch.ones(8, 8)] * 3).requires_grad_(True)
    inputs = torch.ones(4, 8)
    loss, activity = ready(name, apart, inputs)
    paid = loss.of_network(apart, activity, 1.0).value
    if name == "soft_layered":  # shares stay soft
        assert 0 < paid < 0.1
    elif name == "group_lasso":
        assert paid == pytest.approx(0.0, abs=1e-7)
    else:
        assert paid == pytest.approx(0.0, abs=1e-6)
    full = measure_activity(even, inputs)
    assert loss.of_network(even, full, 1.0).value > 0.4


def test_a_graph_that_has_no_meaning_is_refused_before_the_run():
    network, _ = network_of("gpt")
    with pytest.raises(ConfigError, match=r"found graph = 'path' for a gpt; expected one of act"):
        make_loss(replace(CONFIG, graph="path"), network)
    make_loss(replace(CONFIG, graph="path", modularity_coefficient=0.0), network)


@pytest.mark.parametrize("name", ["layered", "contracted_cut_tree", "n_cut", "fixed_bins"])
def test_the_number_of_modules_may_be_chosen_automatically(name):
    block = torch.kron(torch.eye(3), torch.ones(4, 4))
    apart = make_network([block, block, block]).requires_grad_(True)
    loss, _ = ready(name, apart, torch.ones(4, 12), module_count=0)
    assert loss.count == 3
    other = make_loss(loss.config, apart)
    other.restore(loss.state())
    assert other.count == 3


def test_labels_lie_in_layers_as_the_network_has_them():
    network, inputs = network_of("gpt")
    loss, _ = ready("fixed_bins", network, inputs, module_count=4)
    assert [len(part) for part in loss.by_layer] == [8, 4, 12, 4, 12]
    assert np.array_equal(loss.labels, network.bins(4))
