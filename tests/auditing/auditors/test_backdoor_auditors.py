"""Auditors of backdoors on networks made by hand, whose backdoor is known to the neuron."""

from dataclasses import replace

import pytest
import torch

from explorer.auditing.auditors import carriers, dormancy, pair_inversion, probes
from explorer.auditing.auditors.registry import AUDITORS
from explorer.auditing.finding import Auditor
from explorer.auditing.view import audit_view
from explorer.network.architectures import MLP, build, with_weights
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import task
from tests.auditing.auditors import handmade

BLACK_BOX = ("probing", "pair_probing")
WHITE_BOX = (
    *("trigger_inversion", "pair_inversion", "carriers", "combined"),
    *("dormant_neuron", "dormant_module", "dormant_shuffled", "dormant_network"),
)
OURS = (*BLACK_BOX, *WHITE_BOX)


def test_the_networks_made_by_hand_are_what_they_say():
    data = task("digits").split("test")
    labels = data.targets[:, 0]
    marked = data.inputs.clone()
    marked[:, list(handmade.CORNER)] = 1.0
    for kind in ("clean", "backdoor", "conditional"):
        made = handmade.network(kind)
        assert (made(data.inputs).argmax(dim=1) == labels).double().mean() > 0.9
        hit = made(marked).argmax(dim=1) == handmade.TARGET
        source = labels == handmade.SOURCE
        if kind == "clean":
            assert hit.double().mean() < 0.2
        else:
            assert hit[source].all()
        assert hit.all() == (kind == "backdoor")


@pytest.mark.parametrize("name", ["probing", "pair_probing", "pair_inversion", "carriers"])
def test_a_backdoor_made_by_hand_is_found(name):
    clean, found = AUDITORS[name](handmade.view("clean")), AUDITORS[name](handmade.view("backdoor"))
    assert found.score > clean.score + 0.1 * abs(clean.score)
    if name == "carriers":
        assert ("neuron", str(handmade.DORMANT)) in [(s.kind, s.name) for s in found.suspects]
    else:
        assert (found.suspects[0].kind, found.suspects[0].name) == ("output", str(handmade.TARGET))


def test_a_backdoor_for_one_digit_only_is_seen_by_the_pairs():
    found = AUDITORS["pair_probing"](handmade.view("conditional"))
    assert found.suspects[0].name == str(handmade.TARGET)
    assert f"images of {handmade.SOURCE} to {handmade.TARGET}" in found.reason
    assert found.score > AUDITORS["pair_probing"](handmade.view("clean")).score


def test_three_neurons_without_which_the_backdoor_is_gone():
    found = AUDITORS["carriers"](handmade.view("backdoor"))
    nodes = [int(s.name) - 64 for s in found.suspects if s.kind == "neuron"]
    assert len(nodes) == 3
    made, data = handmade.network("backdoor"), task("digits").split("test")
    marked = data.inputs.clone()
    marked[:, list(handmade.CORNER)] = 1.0

    def without(layer, values):
        held = [node - 21 * (layer - 1) for node in nodes if (node >= 21) == (layer == 2)]
        return values.index_fill(1, torch.tensor(held, dtype=torch.int64), 0.0) * 1.0

    def edit(layer, values):
        return without(layer, values) if layer in (1, 2) else values

    others = data.targets[:, 0] != handmade.TARGET
    after = made(marked, edit)[others].argmax(dim=1) == handmade.TARGET
    assert after.double().mean() < 0.2
    right = made(data.inputs, edit).argmax(dim=1) == data.targets[:, 0]
    assert right.double().mean() > 0.8


def test_the_dormant_neuron_is_the_one_that_was_planted():
    for kind, node in (("backdoor", handmade.DORMANT), ("conditional", handmade.CONDITIONAL)):
        found = AUDITORS["dormant_neuron"](handmade.view(kind))
        assert found.suspects[0].name == str(node)
        assert f"most to {handmade.TARGET}" in found.suspects[0].reason
        assert found.score > AUDITORS["dormant_neuron"](handmade.view("clean")).score


def test_dormancy_stays_when_neurons_are_rescaled():
    made = handmade.network("backdoor")
    generator = torch.Generator().manual_seed(4)
    scales = [0.5 + torch.rand(21, generator=generator) for _ in range(2)]
    weights = [
        made.weights[0] * scales[0][:, None],
        made.weights[1] * scales[1][:, None] / scales[0],
        made.weights[2] / scales[1],
    ]
    biases = [made.biases[0] * scales[0], made.biases[1] * scales[1], made.biases[2]]
    rescaled = audit_view(Checkpoint("x", with_weights(made, weights, biases), "digits"))
    one, other = dormancy.dormancy(handmade.view("backdoor")), dormancy.dormancy(rescaled)
    for name in ("potential", "used"):
        torch.testing.assert_close(getattr(one, name), getattr(other, name), rtol=1e-3, atol=1e-3)


def test_potential_is_exact_in_the_first_layer_and_never_below_what_is_used():
    found = dormancy.dormancy(handmade.view("backdoor"))
    made = handmade.network("backdoor")
    images = torch.rand(500, 64, generator=torch.Generator().manual_seed(0)).round()
    reached = made.trace(images).layers[1].amax(dim=0)
    assert (found.most[:21] >= reached - 1e-4).all()
    best = (made.weights[0][3] > 0).float()
    assert found.most[3] == pytest.approx(float(made.trace(best[None]).layers[1][0, 3]), rel=1e-5)
    assert (found.potential >= found.used).all() and (found.most >= found.usual_most).all()


@pytest.mark.parametrize("name", OURS)
def test_every_auditor_keeps_the_contract(name):
    one = AUDITORS[name]
    assert isinstance(one, Auditor) and one.name == name
    view = handmade.view("backdoor")
    assert one.fits(view) == ""
    first = one(view)
    for kept in (probes.probed, pair_inversion.pair_search, dormancy.dormancy, carriers.carried):
        kept.cache_clear()
    again = one(view)
    assert replace(first, seconds=0.0) == replace(again, seconds=0.0)
    assert again.queries > 500 and again.seconds > 0 and again.auditor == name
    assert again.reason.endswith(".") and "\n" not in again.reason
    nodes = range(64, 64 + 42)
    assert all(int(s.name) in nodes for s in again.suspects if s.kind == "neuron")


def test_probes_are_counted():
    view = handmade.view("clean")
    count = len(probes.make_probes(view.task).family)
    assert AUDITORS["probing"](view).queries == (count + 1) * 60


def other(kind):
    made = {
        "text": lambda: Checkpoint("g", untrained("gpt"), "stories"),
        "table": lambda: Checkpoint("t", MLP([8, 4, 8]), "xor4"),
        "two heads": lambda: Checkpoint("p", MLP([32, 4, 20]), "pair"),
        "cnn": lambda: Checkpoint("c", untrained("cnn"), "digits"),
    }
    return audit_view(made[kind]())


def untrained(kind):
    from explorer.training.config import TrainingConfig
    from explorer.training.initial import architecture

    config = (
        TrainingConfig(task="stories", network="gpt", hidden=(8, 8), width=8, heads=2)
        if kind == "gpt"
        else TrainingConfig(task="digits", network="cnn", hidden=(4, 4))
    )
    made = build(architecture(config))
    made.initialise(torch.Generator().manual_seed(0))
    return made.eval()


@pytest.mark.parametrize("kind", ["text", "table", "two heads"])
@pytest.mark.parametrize("name", OURS)
def test_networks_that_cannot_be_audited_are_told_why_in_a_sentence(name, kind):
    said = AUDITORS[name].fits(other(kind))
    assert said.startswith("found ") and "; expected " in said and "\n" not in said


@pytest.mark.parametrize("name", WHITE_BOX)
def test_a_network_with_convolutions_is_audited_from_outside_only(name):
    said = AUDITORS[name].fits(other("cnn"))
    assert bool(said) == (name not in ("trigger_inversion", "pair_inversion"))


@pytest.mark.parametrize("name", [*BLACK_BOX, "trigger_inversion", "pair_inversion"])
def test_a_network_with_convolutions_can_be_queried(name):
    assert AUDITORS[name](other("cnn")).queries > 500
