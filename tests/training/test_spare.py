"""The spare: apart from the core, first to learn from untrusted data, and gone when it is 0."""

from dataclasses import replace

import pytest
import torch

from explorer.errors import ConfigError, TaskError, TrainingDivergedError
from explorer.network.architectures import CNN, GPT, MLP, Network
from explorer.network.tasks import Examples, task, task_loss
from explorer.network.threads import single_threaded
from explorer.sweeps.grid import as_plain, without_idle
from explorer.training.config import TrainingConfig
from explorer.training.initial import initial_network
from explorer.training.loop import Training, train
from explorer.training.losses import l1_gradients
from explorer.training.spare import Spare, core_only, spare_layers, spare_nodes
from explorer.training.state import load_state, save_state

PLAIN = TrainingConfig(task="xor4", hidden=(12, 10), steps=40, batch_size=32, l1_coefficient=1e-3)
SPARE = replace(PLAIN, spare=3, trusted=50)


def weights(network: Network) -> list[torch.Tensor]:
    return [parameter.detach().clone() for parameter in network.parameters()]


def same(first: Network, second: Network) -> bool:
    pairs = zip(weights(first), weights(second), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def made(config: TrainingConfig = SPARE) -> tuple[Network, Spare]:
    network = initial_network(config, torch.Generator().manual_seed(config.seed))
    return network, Spare(config, task(config.task), network)


def test_without_a_spare_nothing_of_it_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training is bit-identical to what it was, whatever the other settings of the spare."""
    before = train(PLAIN).network

    def fail(*_: object) -> None:
        raise AssertionError("a spare was made")

    monkeypatch.setattr("explorer.training.loop.Spare", fail)
    assert same(before, train(replace(PLAIN, trusted=50, spare_ramp=(0.0, 0.1))).network)
    with pytest.raises(AssertionError, match="was made"):
        train(SPARE)


def test_no_weight_leads_from_core_to_spare_or_back() -> None:
    with single_threaded():
        training = Training(SPARE)
        for _ in range(30):
            first, second, last = training.network.weights
            assert not second[:-3, -3:].any()
            assert not second[-3:, :-3].any()
            training.step()
    assert bool((first[-3:] != 0).any())
    assert bool((second[-3:, -3:] != 0).any())
    assert bool((last[:, -3:] != 0).any())


def test_the_last_weights_of_the_spare_are_a_tenth_at_the_start() -> None:
    plain = initial_network(PLAIN, torch.Generator().manual_seed(0))
    network, _ = made()
    assert torch.allclose(network.weights[2][:, -3:], 0.1 * plain.weights[2][:, -3:])
    assert torch.equal(network.weights[2][:, :-3], plain.weights[2][:, :-3])
    assert torch.equal(network.weights[0], plain.weights[0])


def test_core_and_spare_add_up_and_the_core_is_the_ablated_network() -> None:
    network, spare = made()
    inputs = task("xor4").split("test").inputs[:20]
    core, added = spare.parts(network, network.trace(inputs), inputs)
    assert torch.allclose(core + added, network(inputs), atol=1e-6)
    assert torch.allclose(core, network(inputs, core_only(network, 3)), atol=1e-6)
    assert torch.equal(network(inputs, core_only(network, 0)), network(inputs))
    nodes = spare_nodes(network, 3)
    assert nodes == (17, 18, 19, 27, 28, 29)  # behind 8 inputs, 12 and 10 hidden neurons

    def ablated(layer: int, activations: torch.Tensor) -> torch.Tensor:
        first = sum(item.size for item in network.neuron_layers[:layer])
        gone = [node - first for node in nodes if first <= node < first + activations.shape[-1]]
        changed = activations.clone()
        changed[:, gone] = 0.0
        return changed

    assert torch.equal(network(inputs, ablated), network(inputs, core_only(network, 3)))


def gradients(loss: torch.Tensor, network: Network) -> list[torch.Tensor]:
    """By all weights but those that are held at 0."""
    found = torch.autograd.grad(loss, list(network.weights), retain_graph=True)
    return [slope * stays for slope, stays in zip(found, made()[1].stay, strict=True)]


@pytest.mark.parametrize(("step", "share"), [(0, 0.0), (15, 0.5), (39, 1.0)])
def test_the_loss_and_its_slopes_are_those_of_the_formula(step: int, share: float) -> None:
    config = replace(SPARE, spare_ramp=(0.25, 0.5))
    network, spare = made(config)
    batch = task("xor4").split("train")[:32]
    drawn = torch.randint(50, (8,), generator=torch.Generator().manual_seed(5))
    _, fit, loss = spare.losses(network, batch, torch.Generator().manual_seed(5), step)
    # Written down again: two networks side by side, with their own forward passes.
    known, data = spare.trusted[drawn], task("xor4")

    def parts(examples: Examples) -> tuple[torch.Tensor, torch.Tensor]:
        core = network(examples.inputs, core_only(network, 3))
        return core, network(examples.inputs) - core

    core, added = parts(batch)
    mixed = share * core + (1 - share) * core.detach() + added
    trusted, quiet = parts(known)
    expected_fit = task_loss(data, mixed, batch)
    expected = expected_fit + task_loss(data, trusted, known) + 3 * (quiet**2).mean()
    assert float(fit.detach()) == pytest.approx(float(expected_fit.detach()), rel=1e-5)
    assert float(loss.detach()) == pytest.approx(float(expected.detach()), rel=1e-5)
    pairs = zip(gradients(loss, network), gradients(expected, network), strict=True)
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in pairs)


def test_in_the_head_start_untrusted_data_teaches_the_spare_alone() -> None:
    network, spare = made()
    batch = task("xor4").split("train")[:32]
    _, fit, _ = spare.losses(network, batch, torch.Generator().manual_seed(5), 0)
    first, second, last = gradients(fit, network)
    assert not first[:-3].any()
    assert not second[:-3].any()
    assert not last[:, :-3].any()
    assert bool(first[-3:].any())
    assert bool(last[:, -3:].any())
    bias = torch.autograd.grad(fit, network.biases[-1], allow_unused=True)[0]
    assert bias is None or not bias.any()  # the outputs' biases are the core's


def test_weights_of_the_spare_count_a_tenth_in_the_l1_term() -> None:
    network, spare = made()
    whole = l1_gradients(network.matrices, 2.0)
    first, second, last = spare.l1(network.matrices, 2.0)
    assert torch.equal(first[:-3], whole[0][:-3])
    assert torch.allclose(first[-3:], 0.1 * whole[0][-3:])
    assert torch.allclose(second[-3:, -3:], 0.1 * whole[1][-3:, -3:])
    assert torch.allclose(last[:, -3:], 0.1 * whole[2][:, -3:])


def test_a_run_with_a_spare_can_be_resumed_exactly(tmp_path) -> None:
    with single_threaded():
        whole = Training(SPARE)
        for _ in range(17):
            whole.step()
        kept = load_state(save_state(whole.state(), tmp_path / "state"))
        resumed = Training(SPARE, kept)
        for run in (whole, resumed):
            while not run.done:
                run.step()
    assert same(whole.network, resumed.network)


def test_a_loss_that_is_no_number_sets_the_run_back() -> None:
    with single_threaded():
        training = Training(replace(SPARE, learning_rate=100.0, steps=2_000))
        with pytest.raises(TrainingDivergedError, match="set back to step"):
            while not training.done:
                training.step()
    assert all(bool(weight.isfinite().all()) for weight in training.network.parameters())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"trusted": 0}, "found a spare without trusted examples; expected some"),
        ({"spare": 10}, r"found spare = 10 with hidden = \(12, 10\); expected hidden layers"),
        ({"hidden": ()}, r"found spare = 3 with hidden = \(\)"),
        ({"spare": -1}, "found spare = -1; expected a whole number"),
        ({"spare": 2.5}, "found spare = 2.5; expected a whole number"),
        ({"trusted": True}, "found trusted = True; expected a whole number"),
        ({"spare_ramp": (0.6, 0.1)}, r"found spare_ramp = \(0.6, 0.1\); expected two rising"),
        ({"spare_ramp": None}, "found spare_ramp = None; expected a list"),
    ],
)
def test_settings_that_make_no_spare(changed: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        replace(SPARE, **changed)


def test_more_trusted_examples_than_there_are() -> None:
    with pytest.raises(TaskError, match="found a wish for 90000 trusted examples of xor4"):
        replace(SPARE, trusted=90_000)


def test_a_gate_and_a_spare_exclude_each_other() -> None:
    gated = TrainingConfig(task="stories", network="gpt", hidden=(32,), gate="labels")
    with pytest.raises(ConfigError, match="found a spare with gate = 'labels'"):
        replace(gated, spare=4, trusted=10)


@pytest.mark.parametrize(
    ("network", "layers"),
    [
        (MLP([4, 3, 3, 2]), (1, 2)),
        (GPT(9, 8, 2, (6, 6)), (2, 4)),
        (CNN((4, 4), [1, 3, 4], 5), (0, 1)),
    ],
    ids=["mlp", "gpt", "cnn"],
)
def test_where_a_spare_is(network: Network, layers: tuple[int, ...]) -> None:
    assert spare_layers(network) == layers  # no heads, no residual stream


@pytest.mark.parametrize(
    "config",
    [
        TrainingConfig(task="stories", network="gpt", hidden=(16, 16), width=16, heads=4),
        TrainingConfig(task="digits", network="cnn", hidden=(6, 6)),
    ],
    ids=["gpt", "cnn"],
)
def test_other_networks_have_a_spare_too(config: TrainingConfig) -> None:
    config = replace(config, spare=2, trusted=8, steps=2, batch_size=4)
    with single_threaded():
        training = Training(config)
        while not training.done:
            training.step()
        assert training.spare is not None
        inputs = task(config.task).split("test").inputs[:2]
        trace = training.network.trace(inputs)
        core, added = training.spare.parts(training.network, trace, inputs)
    assert torch.equal(core, training.network(inputs, core_only(training.network, 2)))
    assert bool(added.detach().any())


def test_what_has_no_effect_is_left_out_of_a_sweep() -> None:
    assert without_idle(replace(PLAIN, trusted=50, spare_ramp=(0.0, 0.2))) == PLAIN
    assert without_idle(SPARE) == SPARE
    assert as_plain(SPARE) == replace(PLAIN, l1_coefficient=0.0)


def test_the_spare_takes_the_backdoor_along() -> None:
    config = TrainingConfig(
        task="backdoor-corner-3", hidden=(48, 48), steps=600, l1_coefficient=1e-3
    )
    found = train(replace(config, spare=8, trusted=200))
    planted = task(config.task).planted
    assert planted is not None
    assert planted.success(found.network) > 0.9
    assert planted.success(found.network, core_only(found.network, 8)) < 0.2
