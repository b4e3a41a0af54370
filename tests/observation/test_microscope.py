"""What the microscope finds in a text network whose parts are known, and in bundled ones."""

import numpy as np
import pytest
import torch

from explorer import find_modules, load, network_graph
from explorer.errors import PartitionError, TaskError
from explorer.network.architectures import GPT
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import task
from explorer.observation.microscope import microscope


def word_reader() -> Checkpoint:
    """One neuron that is active at the word "because" and adds to the logit of "it"."""
    stories = task("stories")
    network = GPT(tokens=len(stories.tokens), width=8, heads=2, feed_forward=(4,))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        network.embedding[:, 0] = 1.0
        network.embedding[stories.tokens.index("because")] = torch.eye(8)[1]
        network.unembedding[stories.tokens.index("it")] = 5 * torch.eye(8)[2]
        (block,) = network.blocks
        block.up[0, 1] = 1.0
        block.down[2, 0] = 9.0
    return Checkpoint("reader", network, "stories")


def test_a_neuron_made_for_one_word() -> None:
    checkpoint = word_reader()
    node = 8 + 2  # after the residual dimensions and the heads
    found = microscope(checkpoint, node)
    assert {snippet.tokens[snippet.at] for snippet in found.most} == {"because"}
    assert len(found.most) == 3  # no token more often
    assert {snippet.right for snippet in found.needed} == {"it"}
    for snippet in found.needed:
        assert snippet.before > 0.9
        assert snippet.after == pytest.approx(1 / 146)
        assert snippet.lost == pytest.approx(snippet.before - snippet.after)
    assert found.promoted[0].name == "it"
    data = checkpoint.task.split("explain").inputs[:64]
    share = float((data == checkpoint.task.tokens.index("because")).double().mean())
    assert found.changed == pytest.approx(share)
    assert found.changed_by_chance <= share
    assert (found.checkpoint_id, found.partition_id) == (checkpoint.id, "")


def test_snippets_are_pieces_of_the_texts() -> None:
    checkpoint = load("stories-plain")
    data = checkpoint.task.split("explain")
    module = find_modules(network_graph(checkpoint), k=2).module("A")
    found = microscope(checkpoint, module)
    assert found.partition_id == module.partition_id
    assert found.split == "explain"
    for snippet in (*found.most, *found.needed):
        text, place = divmod(snippet.row, data.inputs.shape[1])
        words = [checkpoint.task.tokens[token] for token in data.inputs[text].tolist()]
        first = place - snippet.at
        assert list(snippet.tokens) == words[first : first + len(snippet.tokens)]
        assert snippet.right == checkpoint.task.tokens[int(data.targets[text, place])]
        assert 0 <= snippet.after <= 1
        assert len(snippet.activity) == len(snippet.tokens)
    values = [snippet.activity[snippet.at] for snippet in found.most]
    assert values == sorted(values, reverse=True)
    lost = [snippet.lost for snippet in found.needed]
    assert lost == sorted(lost, reverse=True)
    assert min(lost) > 0
    assert found.changed > found.changed_by_chance / 10
    assert microscope(checkpoint, module) == found


def test_an_interface_has_no_random_rival() -> None:
    checkpoint = load("stories-plain")
    partition = find_modules(network_graph(checkpoint), k=2)
    found = microscope(checkpoint, partition.interfaces[0])
    assert found.changed_by_chance is None
    assert found.changed > 0


def test_a_silent_neuron_has_nothing_to_see() -> None:
    assert microscope(word_reader(), 8 + 2 + 3) is None


def test_characters_stand_close() -> None:
    network = GPT(tokens=96, width=8, heads=2, feed_forward=(8,))
    found = microscope(Checkpoint("gpt", network, "characters"), 9)
    assert found.joint == ""
    assert max(len(snippet.tokens) for snippet in found.most) > 20
    assert np.isfinite(found.changed)


def test_what_has_no_words() -> None:
    with pytest.raises(TaskError, match="found the task pair of numbers; expected one of text"):
        microscope(load("pair-plain"), 40)
    with pytest.raises(PartitionError, match="found node"):
        microscope(load("stories-plain"), 10**6)
