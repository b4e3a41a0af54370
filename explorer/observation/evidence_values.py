"""The values in which evidence is kept: one frozen record for each kind of part."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from explorer.modularity.partition import Interface, Module
from explorer.network.graph import Floats
from explorer.observation.effects import Effect
from explorer.observation.facts import Facts


@dataclass(frozen=True)
class Connection:
    """One weight between two nodes, its value, and its mass as a share of the whole graph's."""

    source: int
    target: int
    weight: float
    mass: float


@dataclass(frozen=True)
class NeuronSummary:
    """A neuron at a glance.

    Attributes
    ----------
    node : int
    share : float
        Its weighted degree as a share of its module's volume.
    inside : float
        Share of its edges' mass that stays in its module.
    active_share : float or None
        Share of examples on which it is not zero; None without data.
    """

    node: int
    share: float
    inside: float
    active_share: float | None


class Evidence(ABC):
    """What all evidence has: it is known by its facts and by the weights that it shows.

    Everything else follows from the part, whose network and partition the facts name by content,
    so that evidence that was gathered twice is equal, and can be a key.
    """

    facts: Facts

    @property
    @abstractmethod
    def connections(self) -> tuple[Connection, ...]:
        """All weights that are shown."""

    @property
    def id(self) -> str:
        """Hash of the facts; see ``Facts.id``."""
        return self.facts.id

    def __eq__(self, other: object) -> bool:
        """Tell whether the other is evidence of the same part, with the same facts and weights."""
        if not isinstance(other, Evidence):
            return NotImplemented
        return (self.facts, self.connections) == (other.facts, other.connections)

    def __hash__(self) -> int:
        """Hash what ``==`` compares, roughly."""
        return hash(self.facts)


@dataclass(frozen=True, eq=False)
class ModuleEvidence(Evidence):
    """What a module reads, does and is needed for.

    Attributes
    ----------
    module : Module
    neurons : tuple of NeuronSummary
        By falling share.
    inside, across : tuple of Connection
        Its strongest weights, inside it and to other modules.
    input_mass : array, shape (inputs,)
        Mass from every input into the module's neurons, as a share of the largest; zeros if
        nothing reaches it from the inputs.
    activity : array, shape (examples,), or None
        How active it is on every example of the explain split (1 is its average); None without
        data, without hidden neurons, or for a silent module.
    most, least : tuple of int
        Examples on which it is most and least active, and distinct.
    effect : Effect or None
        What is lost when its hidden neurons are ablated in the usual way of the task: held at their
        mean, or of a text at 0.
    checkpoint_id, partition_id : str
    effects : tuple of Effect
        The same with them at 0, and at their mean; empty without data.
    facts : Facts
    """

    module: Module
    neurons: tuple[NeuronSummary, ...]
    inside: tuple[Connection, ...]
    across: tuple[Connection, ...]
    input_mass: Floats
    activity: Floats | None
    most: tuple[int, ...]
    least: tuple[int, ...]
    effect: Effect | None
    checkpoint_id: str
    partition_id: str
    effects: tuple[Effect, ...]
    facts: Facts

    @property
    def connections(self) -> tuple[Connection, ...]:
        """All weights that are shown."""
        return self.inside + self.across


@dataclass(frozen=True, eq=False)
class InterfaceEvidence(Evidence):
    """What passes between two modules.

    Attributes
    ----------
    interface : Interface
    forward, backward : tuple of Connection
        The strongest weights from the first module to the second, and from the second to the
        first.
    effect : Effect or None
        What is lost when all weights of the interface are set to zero.
    checkpoint_id, partition_id : str
    activity : array, shape (examples,), or None
        How much crosses it on every example (1 is its average); None without data, or if nothing
        does.
    most, least : tuple of int
        Examples on which most and least crosses it, and distinct.
    facts : Facts
    """

    interface: Interface
    forward: tuple[Connection, ...]
    backward: tuple[Connection, ...]
    effect: Effect | None
    checkpoint_id: str
    partition_id: str
    activity: Floats | None
    most: tuple[int, ...]
    least: tuple[int, ...]
    facts: Facts

    @property
    def connections(self) -> tuple[Connection, ...]:
        """All weights that are shown."""
        return self.forward + self.backward


@dataclass(frozen=True, eq=False)
class NeuronEvidence(Evidence):
    """What one neuron does.

    Attributes
    ----------
    node : int
    incoming, outgoing : tuple of Connection
        Its strongest weights.
    activations : array, shape (examples,), or None
        On the explain split; None without data.
    most : tuple of int
        Examples with its largest activations; empty for a neuron that is never active.
    effect : Effect or None
        What is lost when it is ablated in the usual way of the task; None for outputs and without
        data.
    checkpoint_id : str
    effects : tuple of Effect
        The same with it at 0, and at its mean; empty where there is no effect.
    facts : Facts
    """

    node: int
    incoming: tuple[Connection, ...]
    outgoing: tuple[Connection, ...]
    activations: Floats | None
    most: tuple[int, ...]
    effect: Effect | None
    checkpoint_id: str
    effects: tuple[Effect, ...]
    facts: Facts

    @property
    def connections(self) -> tuple[Connection, ...]:
        """All weights that are shown."""
        return self.incoming + self.outgoing
