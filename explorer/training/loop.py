"""The training loop: plain staged code, one frozen step after the other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from explorer.errors import TrainingDivergedError
from explorer.network.architectures import Activity, Network, Trace
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Ints, graph_from_masses
from explorer.network.tasks import Examples, metrics, task_loss
from explorer.network.tasks import task as find_task
from explorer.network.threads import single_threaded
from explorer.network.weightings import graph_masses
from explorer.training.batches import training_batch
from explorer.training.config import TrainingConfig, check_change, ramp
from explorer.training.cutting import hold, weights_that_stay
from explorer.training.few_features import few_features_penalty
from explorer.training.initial import initial_network
from explorer.training.losses import (
    Penalty,
    averaged_activity,
    backpropagate,
    l1_gradients,
    make_loss,
    mean_slopes,
)
from explorer.training.optimiser import make_optimiser
from explorer.training.spare import Spare
from explorer.training.state import TrainingState, restore_training, training_state

_LARGEST_LOSS = 1e6  # nats: who is further off never comes back
_KEEP_EVERY = 50  # steps between states that a diverged run can be set back to


@dataclass(frozen=True, eq=False)
class Step:
    """What one optimiser step saw.

    Attributes
    ----------
    number : int
        Counted from 1.
    task_loss : float
        On the batch, in nats.
    penalty : float
        Before it is weighted; NaN while it is switched off.
    strength : float
        What the penalty is weighted with at this step: lambda r(t).
    learning_rate : float
    labels : array of int, shape (nodes,), or None
        Module of every node, as of the last refresh; None before the first.
    network : Network
        The network being trained: the same object at every step.
    """

    number: int
    task_loss: float
    penalty: float
    strength: float
    learning_rate: float
    labels: Ints | None
    network: Network


class Training:
    """A run: everything that changes from step to step.

    With ``modularity_coefficient`` 0 the penalty is not computed at all, so that the run is
    bit-identical to plain training.

    Parameters
    ----------
    config : TrainingConfig
    state : TrainingState, optional
        Where to go on; by default from the start.

    Raises
    ------
    ConfigError
        If the state is that of a run with other settings.

    Examples
    --------
    >>> training = Training(TrainingConfig(task="xor4", hidden=(8,), steps=20))
    >>> [training.step().number for _ in range(3)]
    [1, 2, 3]
    """

    def __init__(self, config: TrainingConfig, state: TrainingState | None = None) -> None:
        self.config = config
        self.task = find_task(config.task)
        self.generator = torch.Generator().manual_seed(config.seed)
        # A state has all weights: the network that they once came from may be gone.
        anew = config if state is None else replace(config, start="")
        self.network = initial_network(anew, self.generator)
        self.spare = Spare(config, self.task, self.network) if config.spare else None
        self.optimiser, self.schedule = make_optimiser(config, self.network)
        self.loss = make_loss(config, self.network)
        self.activity: Activity | None = None
        self.stay: tuple[Tensor, ...] | None = None  # weights that were not cut; None: all
        self.steps_done = 0
        self._good: TrainingState | None = None
        if state is not None:
            restore_training(self, state)

    @property
    def done(self) -> bool:
        """Whether all steps were made."""
        return self.steps_done >= self.config.steps

    def change(self, name: str, value: float) -> None:
        """Change a setting from the next step on; the change becomes part of the settings.

        Raises
        ------
        ConfigError
            If the setting cannot change in mid-run, or not to this value.
        """
        check_change(name, value)
        # What was to change later, or before the run was set back, is overruled.
        before = (c for c in self.config.changes if c[1] != name or c[0] < self.steps_done)
        changes = (*before, (self.steps_done, name, float(value)))
        self.config = replace(self.config, changes=changes)

    def step(self) -> Step:
        """Draw a batch and let the optimiser make one step.

        Raises
        ------
        TrainingDivergedError
            If the loss is no finite number any more, or beyond all measure; the run is then set
            back to the last state in which it was not.
        """
        keep = self.steps_done % _KEEP_EVERY == 0 or self._good is None
        kept_state = self.state() if keep else None
        now = {name: self.setting(name) for name in ("modularity_coefficient", "l1_coefficient")}
        learning_rate = self.setting("learning_rate") * self.schedule(self.steps_done)
        self.optimiser.learning_rate = learning_rate
        batch = training_batch(self.config, self.task, self.generator)
        if self.spare is None:
            trace = self.network.trace(batch.inputs)
            loss = fit = task_loss(self.task, trace.outputs, batch)
        else:
            trace, fit, loss = self.spare.losses(
                self.network, batch, self.generator, self.steps_done
            )
        if self.config.gate != "none":
            from explorer.training.gate_losses import gate_penalty

            loss = loss + gate_penalty(trace, batch, self.config)
        strength = self._ramp(self.config.l1_ramp) * self.config.polysemanticity_coefficient
        if strength > 0:
            loss = loss + strength * few_features_penalty(self.network)
        matrices, penalty = self.network.matrices, None
        tensors: list[Tensor] = []
        gradients: list[Tensor] = []
        strength = self._ramp(self.config.l1_ramp) * now["l1_coefficient"]
        if strength > 0:
            tensors += matrices
            gradients += (l1_gradients if self.spare is None else self.spare.l1)(matrices, strength)
        if self.stay is None and self.loss.labels is not None and self._cuts_now():
            masses = graph_masses(self.network, self.config.graph, self.activity)
            labels, limit = self.loss.labels, self.config.interface_limit
            self.stay = weights_that_stay(self.network, masses, labels, limit)
        strength = self._ramp(self.config.penalty_ramp) * now["modularity_coefficient"]
        if strength > 0:
            penalty = self._penalty(trace, batch, strength)
            tensors += penalty.tensors
            gradients += penalty.gradients
        self.optimiser.zero_grad()
        backpropagate(loss, tensors, gradients)
        value = float(loss.detach()) + (0.0 if penalty is None else penalty.value)
        self._check_finite(value, self._good or kept_state)
        self._good = kept_state or self._good  # only now is its loss known
        self.optimiser.step()
        if self.spare is not None:
            self.spare.hold(self.network)
        for kept in (self.stay, self.loss.held(self.network) if strength > 0 else None):
            if kept is not None:
                hold(self.network, kept)
        self.steps_done += 1
        return Step(
            number=self.steps_done,
            task_loss=float(fit.detach()),
            penalty=float("nan") if penalty is None else penalty.value,
            strength=strength,
            learning_rate=learning_rate,
            labels=self.loss.labels,
            network=self.network,
        )

    def state(self) -> TrainingState:
        """Everything that is needed to go on exactly from here."""
        return training_state(self)

    def checkpoint(self, name: str, measured: bool = False) -> Checkpoint:
        """Return the network as it is now, with its figures on validation and test if wanted."""
        network = self.network.copy()
        found: dict[str, float] = {}
        if measured:
            for split in ("validation", "test"):
                found |= metrics(self.task, network, split)
        return Checkpoint(name, network, self.config.task, self.config.to_dict(), found)

    def setting(self, name: str) -> float:
        """Return what a setting is at the next step, changes in mid-run included."""
        value = float(getattr(self.config, name))
        for step, changed, new in self.config.changes:
            if changed == name and step <= self.steps_done:
                value = new
        return value

    def _ramp(self, between: tuple[float, float]) -> float:
        return ramp(self.steps_done, self.config.steps, between)

    def _penalty(self, trace: Trace, batch: Examples, strength: float) -> Penalty:
        weighting = self.config.graph
        if weighting == "activity":
            self.activity = averaged_activity(self.activity, trace)
        due = self.steps_done % self.config.refresh == 0 and self.stay is None
        if self.loss.labels is None or due:
            masses = graph_masses(self.network, weighting, self.activity)
            slopes = mean_slopes(self.network, batch.inputs) if self.loss.searches_next else None
            self.loss.refresh(graph_from_masses(self.network, masses, weighting), slopes)
        return self.loss.of_network(self.network, self.activity, strength)

    def _cuts_now(self) -> bool:
        return self.config.cut_at < 1 and self.steps_done >= self.config.cut_at * self.config.steps

    def _check_finite(self, loss: float, back: TrainingState | None) -> None:
        if loss < _LARGEST_LOSS:  # NaN is not
            return
        at, changes = self.steps_done, self.config.changes
        assert back is not None
        restore_training(self, back, same_changes=False)
        self.config = replace(self.config, changes=changes)
        raise TrainingDivergedError(
            f"the loss was {loss:.3g} at step {at + 1}; expected a number below "
            f"{_LARGEST_LOSS:.0e}: a smaller learning rate or lambda may help. The run was set "
            f"back to step {self.steps_done}"
        )


def training_steps(config: TrainingConfig, state: TrainingState | None = None) -> Iterator[Step]:
    """Train a network, one step at a time.

    Parameters
    ----------
    config : TrainingConfig
    state : TrainingState, optional
        Where to go on; by default from the start.

    Yields
    ------
    Step
    """
    training = Training(config, state)
    while not training.done:
        yield training.step()


def train(
    config: TrainingConfig,
    name: str = "trained",
    progress: Callable[[Step], None] | None = None,
) -> Checkpoint:
    """Train to the end and measure the result.

    Parameters
    ----------
    config : TrainingConfig
    name : str
        Of the checkpoint.
    progress : callable, optional
        Called with every step.

    Returns
    -------
    Checkpoint
        With its figures on the validation and test splits as metrics; see
        ``explorer.network.tasks.metrics``.

    Examples
    --------
    >>> checkpoint = train(TrainingConfig(task="xor4", hidden=(16,), steps=200))
    >>> checkpoint.metrics["test_accuracy"] > 0.6
    True
    """
    # One thread: sums then add up in one order, whatever the machine, and small steps run faster.
    with single_threaded():
        training = Training(config)
        while not training.done:
            step = training.step()
            if progress is not None:
                progress(step)
        return training.checkpoint(name, measured=True)
