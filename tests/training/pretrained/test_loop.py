"""What a step does: plain training without the penalty, and what the penalty adds."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from explorer.errors import ConfigError, TrainingDivergedError
from explorer.network.architectures import Transformer
from explorer.network.checkpoint import Checkpoint
from explorer.network.load import load
from explorer.network.weightings import graph_masses
from explorer.training.losses.layered import layered_modularity
from explorer.training.pretrained.config import ContinuedConfig, rate_share
from explorer.training.pretrained.loop import ContinuedTraining


@pytest.fixture(scope="module")
def checkpoint(llama_folder) -> Checkpoint:
    return load(llama_folder)


def advanced(run: ContinuedTraining, steps: int) -> ContinuedTraining:
    for _ in range(steps):
        run.step()
    return run


def weights(run: ContinuedTraining) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in run.network.named_parameters()}


def test_without_the_penalty_it_is_plain_training_to_the_bit(config, checkpoint) -> None:
    config = replace(config, modularity_coefficient=0.0)
    run = ContinuedTraining(config, checkpoint)
    text = run.text
    plain = checkpoint.network.trainable().eval()
    optimiser = torch.optim.AdamW(plain.parameters(), lr=1.0, weight_decay=config.weight_decay)
    for step in range(config.steps):
        windows = text.batch((config.seed, step, 0), config.batch_size, config.length)
        for group in optimiser.param_groups:
            group["lr"] = config.learning_rate * rate_share(config, step)
        optimiser.zero_grad()
        logits = plain(windows[:, :-1])
        F.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten()).backward()
        torch.nn.utils.clip_grad_norm_(list(plain.parameters()), config.clip)
        optimiser.step()
    run.measure()
    advanced(run, config.steps)
    run.measure()
    own = weights(run)
    assert all(torch.equal(own[name], p) for name, p in plain.named_parameters())


def test_the_network_that_was_opened_is_not_changed(config, checkpoint) -> None:
    before = {k: v.clone() for k, v in checkpoint.network.state_dict().items()}
    advanced(ContinuedTraining(config, checkpoint), 2)
    after = checkpoint.network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_parts_of_a_batch_that_are_accumulated_amount_to_the_whole(config, checkpoint) -> None:
    whole = ContinuedTraining(replace(config, batch_size=8), checkpoint)
    parts = ContinuedTraining(replace(config, batch_size=2, accumulate=4), checkpoint)
    own, other = weights(advanced(whole, 4)), weights(advanced(parts, 4))
    assert all(torch.allclose(own[k], other[k], atol=2e-5) for k in own)


@pytest.mark.parametrize("graph", ["activity", "layer"])
def test_the_penalty_is_the_share_of_weight_between_modules(config, checkpoint, graph) -> None:
    run = ContinuedTraining(replace(config, graph=graph), checkpoint)
    row = run.measure()
    masses = graph_masses(run.network, graph, run.activity)
    parts, links = run.modules.by_layer, run.network.links
    shares = [
        float(mass[parts[target][:, None] == parts[source][None, :]].sum().detach())
        for mass, (source, target) in zip(masses, links, strict=True)
    ]
    assert row.inside == pytest.approx(np.mean(shares), rel=1e-5)
    q_b = layered_modularity(masses, parts, run.modules.count, links)
    assert row.q_b == pytest.approx(float(q_b.detach()), abs=1e-6)
    penalty = run.modules.of_network(run.network, run.activity, 2.0)
    assert penalty.value == pytest.approx((1 - row.inside) / 0.5, rel=1e-5)


def test_link_by_link_has_the_gradient_of_all_links_at_once(config, checkpoint) -> None:
    run = ContinuedTraining(config, checkpoint)
    run.measure()
    streamed = run.modules.of_network(run.network, run.activity, 2.0)
    sizes = run.network.magnitudes(run.activity)
    shares = [run.modules._between(k, size / size.detach().sum()) for k, size in enumerate(sizes)]
    (2.0 * torch.stack(shares).mean() / 0.5).backward()
    found = {id(t): g for t, g in zip(streamed.tensors, streamed.gradients, strict=True)}
    for name, weight in run.network.named_parameters():
        assert (weight.grad is None) == (id(weight) not in found), name
        if weight.grad is not None:
            assert torch.allclose(weight.grad, found[id(weight)], atol=1e-7)
    assert found


def test_it_moves_weight_into_the_modules(config, checkpoint) -> None:
    inside = []
    for coefficient in (0.0, 10.0):
        changed = replace(config, modularity_coefficient=coefficient, steps=40, refresh=20)
        run = ContinuedTraining(changed, checkpoint)
        before = run.measure()
        after = advanced(run, 40).measure()
        assert after.held_out_loss < before.held_out_loss - 0.3
        inside.append(after.inside)
    assert inside[1] > inside[0] + 0.15


def test_modules_that_were_given_stay(config, checkpoint, tmp_path) -> None:
    nodes = 16 + 2 * (4 + 24)
    given = np.random.default_rng(0).integers(3, size=nodes)
    lines = ["node,module", *(f"{k},{'ABC'[m]}" for k, m in enumerate(given))]
    (tmp_path / "partition.csv").write_text("\n".join(lines))
    changed = replace(config, partition=str(tmp_path / "partition.csv"), refresh=1)
    run = advanced(ContinuedTraining(changed, checkpoint), 3)
    assert run.measure().modules == 3
    assert np.array_equal(run.modules.labels, given)
    (tmp_path / "partition.csv").write_text("module\nA\nB\n")
    with pytest.raises(ConfigError, match="partition of 2 nodes; expected one of the 72"):
        ContinuedTraining(changed, checkpoint)


def test_a_run_that_diverges_says_where_and_makes_no_step(config, checkpoint) -> None:
    run = advanced(ContinuedTraining(config, checkpoint), 2)
    before = weights(run)
    name, weight = list(run.network.named_parameters())[3]
    with torch.no_grad():
        weight[0] = float("nan")
    with pytest.raises(TrainingDivergedError, match=rf"at step 3 .*{name} is the first") as caught:
        run.step()
    assert "after step 2" in str(caught.value)
    after = weights(run)
    assert all(torch.equal(before[k], after[k]) for k in before if k != name)


def test_half_precision_changes_little(config, checkpoint) -> None:
    half = replace(config, precision="bfloat16")
    rows = [advanced(ContinuedTraining(c, checkpoint), 3).measure() for c in (config, half)]
    assert rows[0].held_out_loss == pytest.approx(rows[1].held_out_loss, abs=0.02)
    assert rows[0].held_out_loss != rows[1].held_out_loss


def test_only_networks_that_read_text_are_trained_on(config) -> None:
    with pytest.raises(ConfigError, match="xor4-modular, which reads numbers; expected a GPT"):
        ContinuedTraining(config, load("xor4-modular"))
    sizes = {"vocab_size": 30, "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1}
    encoder = Transformer("bert", sizes | {"num_attention_heads": 2})
    encoder.initialise(torch.Generator().manual_seed(0))
    with pytest.raises(ConfigError, match="names the tokens that it reads"):
        ContinuedTraining(config, Checkpoint("encoder", encoder))
    places = {"vocab_size": 30, "n_embd": 8, "n_layer": 1, "n_head": 2, "n_positions": 8}
    short = Transformer("gpt2", places)
    short.initialise(torch.Generator().manual_seed(0))
    with pytest.raises(ConfigError, match="found length = 16; expected at most the 8 tokens"):
        ContinuedTraining(config, Checkpoint("short", short))


def test_our_own_gpt_goes_on_with_its_own_words(config, tmp_path) -> None:
    (tmp_path / "stories.txt").write_text("a lion fed the wolf because it was kind . " * 40)
    stories = ContinuedConfig(
        "stories-plain",
        str(tmp_path / "stories.txt"),
        str(tmp_path / "run"),
        steps=2,
        batch_size=2,
        length=8,
        module_count=4,
    )
    run = ContinuedTraining(stories, load("stories-plain"))
    assert run.text.train[0] == run.text.train[10]
    assert advanced(run, 2).measure().modules == 4
    (tmp_path / "stories.txt").write_text("a xylophone fed the wolf " * 40)
    with pytest.raises(ConfigError, match="the word 'xylophone'"):
        ContinuedTraining(stories, load("stories-plain"))
