"""Search for a few neurons without which an attack fails and the clean answers stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import torch
from torch import Tensor

from explorer.auditing.auditors.images import leads
from explorer.network.architectures import MLP

_SHARP = 2.0  # of the sigmoid of a lead in logits that stands for a right answer
_COST = 5.0  # what a lost clean answer counts against an attack that fails; chosen on calibration
_CANDIDATES = 18
_KEPT = 48  # sets that are looked at on all images
_FEW = 3  # one image in so many tells which sets to keep
_AT_ONCE = 256


@dataclass(frozen=True, eq=False)
class Trial:
    """Images that show an attack, and clean ones, for a network without some neurons.

    Attributes
    ----------
    network : MLP
    attacked : Tensor, shape (images, inputs)
    answer : int
        What attacked images are answered.
    clean : Tensor, shape (images, inputs)
    labels : Tensor of int64, shape (images,)
    """

    network: MLP
    attacked: Tensor
    answer: int
    clean: Tensor
    labels: Tensor

    def part(self, every: int) -> "Trial":
        """Take one image in so many."""
        return Trial(
            self.network,
            self.attacked[::every],
            self.answer,
            self.clean[::every],
            self.labels[::every],
        )


def figures_without(trial: Trial, sets: Tensor) -> tuple[Tensor, Tensor]:
    """Attack that fails and clean answers that stay, softly counted, for every set.

    Parameters
    ----------
    trial : Trial
    sets : Tensor of bool, shape (sets, hidden neurons)
        True for a neuron that is held at 0.

    Returns
    -------
    failed, stayed : Tensor, shape (sets,)
        Means of sigmoid(2 lead) over images: of the best other answer over the attack's, and of the
        right answer over the best other.
    """
    failed, stayed = [], []
    for part in torch.split(sets, _AT_ONCE):
        lead = leads(_without(trial.network, trial.attacked, part))[..., trial.answer]
        failed.append(torch.sigmoid(-_SHARP * lead).mean(dim=1))
        lead = leads(_without(trial.network, trial.clean, part))
        own = lead.gather(2, trial.labels[None, :, None].expand(len(part), -1, 1))[..., 0]
        stayed.append(torch.sigmoid(_SHARP * own).mean(dim=1))
    return torch.cat(failed), torch.cat(stayed)


@torch.no_grad()
def best_set(trial: Trial, size: int) -> tuple[tuple[int, ...], Tensor, Tensor]:
    """Find so many hidden neurons whose loss costs an attack most and clean answers least.

    All sets of 18 candidates (the neurons that do best alone) are looked at, on a third of the
    images; the best of them are looked at on all; then one neuron at a time is exchanged for any
    other, as long as that helps.

    Returns
    -------
    neurons : tuple of int
        Positions among the hidden neurons, the one that does most alone first.
    failed, stayed : Tensor
        Of the set (see ``figures_without``).
    """
    count = sum(trial.network.widths[1:-1])
    size = min(size, count)
    one = torch.eye(count, dtype=torch.bool)
    alone = _value(*figures_without(trial, one)) + 0.1 * _pull(trial, one)
    order = alone.topk(min(_CANDIDATES, count)).indices
    chosen = torch.tensor(list(combinations(range(len(order)), size)))
    sets = torch.zeros(len(chosen), count, dtype=torch.bool).scatter_(1, order[chosen], True)
    few = trial.part(_FEW)
    for _ in range(2):
        kept = sets[_value(*figures_without(few, sets)).topk(min(_KEPT, len(sets))).indices]
        best = kept[_value(*figures_without(trial, kept)).argmax()]
        sets = torch.cat([_exchanges(best), best[None]])
    kept = sets[_value(*figures_without(few, sets)).topk(min(_KEPT, len(sets))).indices]
    kept = torch.cat([kept, best[None]])
    failed, stayed = figures_without(trial, kept)
    at = int(_value(failed, stayed).argmax())
    neurons = kept[at].nonzero()[:, 0]
    ordered = neurons[alone[neurons].argsort(descending=True)]
    return tuple(ordered.tolist()), failed[at], stayed[at]


def _value(failed: Tensor, stayed: Tensor) -> Tensor:
    return failed + _COST * stayed


def _pull(trial: Trial, sets: Tensor) -> Tensor:
    """What an attack's lead loses, in logits: tells more where nothing fails yet."""
    lead = leads(_without(trial.network, trial.attacked, sets))[..., trial.answer]
    before = leads(trial.network(trial.attacked))[:, trial.answer]
    return (before - lead).clamp(-4.0, 8.0).mean(dim=1)


def _exchanges(chosen: Tensor) -> Tensor:
    """All sets that differ in one neuron."""
    count = len(chosen)
    found = []
    for neuron in chosen.nonzero()[:, 0].tolist():
        rest = chosen.clone()
        rest[neuron] = False
        others = (~chosen).nonzero()[:, 0]
        found.append(rest | torch.eye(count, dtype=torch.bool)[others])
    return torch.cat(found)


def _without(network: MLP, images: Tensor, sets: Tensor) -> Tensor:
    """Logits of images without sets of neurons; shape (sets, images, outputs)."""
    keep: Sequence[Tensor] = torch.split((~sets).float(), list(network.widths[1:-1]), dim=1)
    weights, biases = network.weights, network.biases
    current = (images @ weights[0].T + biases[0]).relu() * keep[0][:, None]
    for weight, bias, kept in zip(weights[1:-1], biases[1:-1], keep[1:], strict=True):
        current = (current @ weight.T + bias).relu() * kept[:, None]
    return current @ weights[-1].T + biases[-1]
