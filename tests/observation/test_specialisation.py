"""Which module carries which skill: measured on networks where it is known."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from explorer.errors import TaskError
from explorer.network.architectures import GPT
from explorer.network.tasks import mean_losses, task
from explorer.network.tasks.stories_grammar import WORDS
from explorer.observation import specialisation as measuring
from explorer.observation.specialisation import (
    Specialisation,
    couples_right,
    matched_to_skills,
    purity,
    specialisation,
    zeroing,
)


def network() -> GPT:
    made = GPT(len(WORDS), 16, 4, (16,))
    made.initialise(torch.Generator().manual_seed(0))
    return made.eval().requires_grad_(False)


def measured(rise: list[list[float]]) -> Specialisation:
    shares = np.ones((2, 2))
    return Specialisation(("a", "b"), np.array(rise), shares, shares, shares[0], shares[0], "test")


def test_the_diagonal_by_hand() -> None:
    found = measured([[3.0, 1.0], [-5.0, 2.0]])
    assert found.diagonal_by_skill.tolist() == [0.75, 1.0]
    assert found.diagonal == 0.875
    assert found.leaks.tolist() == pytest.approx([1 / 3, 0.0])


def test_skills_that_lose_nothing_have_no_diagonal() -> None:
    found = measured([[0.0, -1.0], [2.0, 0.0]])
    assert found.diagonal_by_skill.tolist() == [0.0, 0.0]
    assert found.leaks.tolist() == [np.inf, np.inf]


def test_zeroing_a_module_is_cutting_what_it_writes() -> None:
    made, stories = network(), task("stories")
    labels = made.bins(4)
    parts = np.split(labels, np.cumsum([layer.size for layer in made.neuron_layers])[:-1])
    for module in range(4):
        masks = [torch.zeros(m.shape, dtype=torch.bool) for m in made.magnitudes()]
        for link, (source, target) in enumerate(made.links):
            if target == 0:
                masks[link][:, torch.from_numpy(parts[source] == module)] = True
        cut = mean_losses(stories, made.without_edges(masks), "validation")
        zeroed = mean_losses(stories, made, "validation", zeroing(made, labels, module))
        assert zeroed == pytest.approx(dict(cut), abs=1e-5)


def test_a_module_that_writes_nothing_is_no_loss() -> None:
    made, stories = network(), task("stories")
    labels = made.bins(4)
    with torch.no_grad():
        made.blocks[0].down[:, labels[-16:] == 2] = 0
        made.blocks[0].out[:, torch.from_numpy(labels[16:20]).repeat_interleave(4) == 2] = 0
    found = specialisation(stories, made, labels, "validation")
    assert np.abs(found.rise[:, 2]).max() < 1e-6
    assert np.abs(found.rise[:, 0]).max() > 1e-3
    np.testing.assert_array_equal(found.pairs[:, 2], found.pairs_before)
    np.testing.assert_array_equal(found.couples[:, 2], found.couples_before)
    assert found.rise.shape == found.pairs.shape == found.couples.shape == (4, 4)


def test_a_network_that_never_reads_the_word_is_right_on_no_couple() -> None:
    made = network()
    everything = [torch.ones(m.shape, dtype=torch.bool) for m in made.magnitudes()]
    blind = made.without_edges(everything)  # only the last token counts
    found = specialisation(task("stories"), blind, blind.bins(4), "validation")
    # Of brackets, the word that differs can be the last one that was read.
    pronoun, count, _, topic = found.couples_before
    assert (pronoun, count, topic) == (0.0, 0.0, 0.0)
    assert found.pairs_before[0] == found.pairs_before[3] == 0.5


def test_modules_get_the_numbers_of_the_skills_that_need_them(monkeypatch) -> None:
    rise = np.array([[1.0, 9.0, 0.0, -2.0], [2.0, 8.0, 0.0, 0.0]])  # by shares, skill 1 needs 0
    monkeypatch.setattr(measuring, "skill_rise", lambda *_: rise)
    skills = SimpleNamespace(skills=("a", "b"))
    labels = np.array([0, 1, 2, 3, 1, -1])
    assert matched_to_skills(skills, network(), labels).tolist() == [1, 0, 2, 3, 0, -1]


def test_couples_need_both_of_their_pairs() -> None:
    assert couples_right(torch.tensor([1.0, 1.0, -1.0, 2.0, 3.0, 0.0, 1.0, 4.0])) == 0.5


def test_purity_by_hand() -> None:
    assert purity([0, 0, 1, 1], [5, 5, 6, 6]) == 1.0
    assert purity([0, 0, 0, 0], [5, 5, 5, 6]) == 0.75


def test_what_has_no_skills_is_refused() -> None:
    made = network()
    with pytest.raises(TaskError, match="a module for each of its skills"):
        specialisation(task("stories"), made, made.bins(3))
