"""Modules that are watched, kept in or choosing: what opens, and what is refused in a sentence."""

import threading

import pytest
import torch
from torch import nn

from explorer.errors import ArchitectureError
from explorer.network.tracing import open_traced
from tests.network.pictures import batch


class Plain(nn.Module):
    """Two layers."""

    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(4, 8), nn.Linear(8, 2)

    def forward(self, x):
        """Run."""
        return self.last(self.within(self.first(x)))

    def within(self, x):
        """What subclasses do in between."""
        return x.relu()


class Keeping(Plain):
    """Keeps what it did."""

    kept = None

    def within(self, x):
        """Keep it, as deep as people do."""
        self.kept = {"here": [(x.relu(), 1)]}
        return x.relu()


class Asserting(Plain):
    """Looks at its numbers."""

    def within(self, x):
        """Look."""
        assert not x.isnan().any(), "not a number"
        return x.relu()


class Attending(Plain):
    """Attention by torch's function."""

    def within(self, x):
        """Attend."""
        return nn.functional.scaled_dot_product_attention(x, x, x)


class Mixing(Plain):
    """Attention by hand."""

    def within(self, x):
        """Attend."""
        return (x @ x.transpose(1, 2)).softmax(-1) @ x


def watched(change=False):
    """A module that somebody looks into by a hook that torch.export cannot follow."""
    module, seen = Plain(), []

    def look(part, inputs, output):
        seen.append(output.detach().numpy().sum())
        return output + 1 if change else None

    module.first.register_forward_hook(look)
    return module, seen


def test_a_module_that_kept_its_last_run_opens():
    module = Keeping()
    module(batch((4,)))
    network, _ = open_traced(module, batch((4,)), "mine")
    assert network.shape == "4-8-2"
    assert module.kept["here"][0][0].grad_fn is not None  # the module itself stays as it is


def test_a_module_with_a_hook_that_looks_opens():
    module, seen = watched()
    network, _ = open_traced(module, batch((4,)), "mine")
    inputs = batch((4,))
    assert torch.allclose(network(inputs), module(inputs), atol=1e-6)
    assert seen


def test_a_hook_that_changes_what_is_passed_on_is_not_left_out_in_silence():
    with pytest.raises(ArchitectureError, match="other outputs"):
        open_traced(watched(change=True)[0], batch((4,)), "mine")


def holding_a_lock():
    module = Plain()
    module.lock = threading.Lock()
    return module


REFUSED = {
    "an assert": (
        Asserting(),
        (4,),
        r"looks at numbers to choose what to do \(line \d+: assert not",
    ),
    "attention": (Attending(), (3, 4), "mine uses attention in the module itself \\(Attending\\)"),
    "own attention": (Mixing(), (3, 4), "two values that both depend on the inputs, as in att"),
    "recurrence": (nn.GRU(4, 4), (3, 4), r"mine is recurrent in the module itself \(GRU\)"),
    "a lock": (holding_a_lock(), (4,), "cannot be copied"),
}


@pytest.mark.parametrize(("module", "shape", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_told_in_one_sentence_and_nothing_else(module, shape, said, capfd):
    with pytest.raises(ArchitectureError, match=said) as raised:
        open_traced(module, batch(shape), "mine")
    assert "expected" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("given", [None, (torch.zeros(2, 3, 8),) * 3])
def test_attention_is_named_whatever_the_example_is(given):
    with pytest.raises(ArchitectureError, match="uses attention in the module itself"):
        open_traced(nn.MultiheadAttention(8, 2), given, "mine")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_compiled_module_is_refused():
    compiled = torch.jit.trace(Plain(), torch.zeros(1, 4))
    with pytest.raises(ArchitectureError, match=r"compiled by torch\.jit; expected the nn\.Module"):
        open_traced(compiled, batch((4,)), "mine")
