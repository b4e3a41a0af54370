"""Everything that decides how a network is trained, in one frozen value."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from explorer.errors import ConfigError
from explorer.network.tasks import task
from explorer.training.checking import check_number, check_ramp, check_text

LOSSES = (
    "layered",
    "contracted_cut_tree",
    "cut_tree_sum",
    "soft_layered",
    "n_cut",
    "fixed_bins",
    "between_bins",
    "closed_writes",
    "bimt",
    "group_lasso",
    "l1",
)
GATES = ("none", "labels", "clusters", "shuffled")
CHANGEABLE = ("modularity_coefficient", "l1_coefficient", "learning_rate")
_WORDS = {
    "network": ("mlp", "cnn", "gpt"),
    "loss": LOSSES,
    "graph": ("activity", "path", "layer"),
    "optimiser": ("adam", "adamw"),
    "schedule": ("hold", "cosine"),
    "gate": GATES,
}
_RANGES = (
    ("modularity_coefficient", 0.0, 1e3),
    ("l1_coefficient", 0.0, 1e3),
    ("polysemanticity_coefficient", 0.0, 1e3),
    ("gate_coefficient", 0.0, 1e3),
    ("balance_coefficient", 0.0, 1e3),
    ("learning_rate", 1e-8, 1e2),
    ("weight_decay", 0.0, 1e2),
    ("input_noise", 0.0, 1e2),
    ("module_count", 0, 64),
    ("width", 1, 1_024),
    ("heads", 1, 64),
    ("steps", 1, 10**7),
    ("batch_size", 1, 10**6),
    ("refresh", 1, 10**7),
    ("cut_at", 0.0, 1.0),
    ("interface_limit", 0, 10**7),
    ("spare", 0, 1_000),
    ("trusted", 0, 10**6),
    ("seed", 0, 2**31 - 1),
)
_MAX_WIDTH = 5_000


@dataclass(frozen=True)
class TrainingConfig:
    """Settings of one training run; the same settings give the same network.

    The loss is task + lambda r(t) penalty + mu r(t) sum |weights| + nu r(t) few-features penalty.

    Attributes
    ----------
    task : str
        What to learn; see ``explorer.network.tasks``.
    hidden : tuple of int
        Widths of the hidden layers: neurons of an MLP, channels of a CNN, feed-forward neurons of
        every block of a GPT.
    network : {"mlp", "cnn", "gpt"}
    loss : str
        What makes it modular, one of ``LOSSES``; see ``explorer.training.losses``.
    graph : {"activity", "path", "layer"}
        Weighting of the graph that the penalty is computed on.
    modularity_coefficient : float
        lambda: how much the penalty counts against the task loss; 0 leaves it out.
    l1_coefficient : float
        mu: weight of the sum of |weights|; 0 leaves it out.
    polysemanticity_coefficient : float
        nu: weight of the penalty that leaves neurons with fewer unrelated features, with the ramp
        of L1; 0 leaves it out. See ``explorer.training.few_features``.
    module_count : int
        Number of modules that the penalty aims at; 0 for the number that
        ``explorer.modularity.finding.choose_count`` finds when the penalty sets in.
    steps, batch_size, learning_rate
        Of the optimiser.
    input_noise : float
        Standard deviation of the noise on the inputs of every batch; 0 for none. See
        ``explorer.training.batches``.
    refresh : int
        The structure (partition, tree) is found anew every so many steps.
    penalty_ramp : pair of float
        Shares of the steps between which the penalty rises from 0 to its full weight. A partition
        chosen too early locks in a wrong split.
    l1_ramp : pair of float
        The same for the L1 term.
    cut_at : float
        Share of the steps from which the modules stay as they are and no more than
        ``interface_limit`` edges between them are left, the heaviest; the others are held at 0.
        1 for never. See ``explorer.training.cutting``.
    interface_limit : int
    spare, trusted : int
        Neurons at the end of every hidden layer that are a spare, and trusted examples that keep
        the task out of it; 0 for none. See ``explorer.training.spare``.
    spare_ramp : pair of float
        Shares of the steps between which the core begins to learn from the training data.
    seed : int
    optimiser : {"adam", "adamw"}
    weight_decay : float
        Of AdamW: weights shrink by this times the learning rate at every step.
    schedule : {"hold", "cosine"}
        Learning rate: held, then falling to 0 over the last fifth of the steps; or falling by half
        a cosine from the start.
    width, heads : int
        Residual dimensions and attention heads of a GPT.
    gate : {"none", "labels", "clusters", "shuffled"}
        Whether a GPT's modules pass a gate, and what its router is taught: the skills of the
        tokens, clusters of a plain network's activity, or shuffled skills (the null).
    gate_coefficient, balance_coefficient : float
        Weight of the router's loss, a layer, and of the balance between modules.
    gate_teacher : str
        A bundled name or a file: the plain network whose activity ``clusters`` are found in.
    start : str
        A bundled name or a file to continue from; empty to start from scratch.
    changes : tuple of (int, str, float)
        Settings that change in mid-run: from this step on, this one of ``CHANGEABLE`` has this
        value.
    """

    task: str
    hidden: tuple[int, ...]
    network: str = "mlp"
    loss: str = "layered"
    graph: str = "activity"
    modularity_coefficient: float = 0.0
    l1_coefficient: float = 0.0
    polysemanticity_coefficient: float = 0.0
    module_count: int = 2
    steps: int = 3_000
    batch_size: int = 128
    learning_rate: float = 3e-3
    input_noise: float = 0.0
    refresh: int = 100
    penalty_ramp: tuple[float, float] = (0.4, 0.7)
    l1_ramp: tuple[float, float] = (0.1, 0.4)
    cut_at: float = 1.0
    interface_limit: int = 0
    spare: int = 0
    trusted: int = 0
    spare_ramp: tuple[float, float] = (0.15, 0.6)
    seed: int = 0
    optimiser: str = "adam"
    weight_decay: float = 0.01
    schedule: str = "hold"
    width: int = 64
    heads: int = 8
    gate: str = "none"
    gate_coefficient: float = 0.3
    balance_coefficient: float = 0.02
    gate_teacher: str = "stories-plain"
    start: str = ""
    changes: tuple[tuple[int, str, float], ...] = ()

    def __post_init__(self) -> None:
        for name in ("task", "start", "gate_teacher"):
            check_text(name, getattr(self, name))
        made = task(self.task)
        for name in ("hidden", "penalty_ramp", "l1_ramp", "spare_ramp", "changes"):
            given = getattr(self, name)
            if isinstance(given, str) or not isinstance(given, Sequence):
                raise ConfigError(f"found {name} = {given!r:.40}; expected a list of numbers")
            object.__setattr__(self, name, tuple(given))
        for name, words in _WORDS.items():
            if getattr(self, name) not in words:
                raise ConfigError(
                    f"found {name} = {getattr(self, name)!r:.40}; expected one of "
                    f"{', '.join(words)}"
                )
        for name, low, high in _RANGES:
            check_number(name, getattr(self, name), low, high)
        if any(type(width) is not int or not 1 <= width <= _MAX_WIDTH for width in self.hidden):
            raise ConfigError(
                f"found hidden = {self.hidden!r:.60}; expected whole numbers from 1 to "
                f"{_MAX_WIDTH:,}"
            )
        for name in ("penalty_ramp", "l1_ramp", "spare_ramp"):
            check_ramp(name, getattr(self, name))
        if self.module_count == 1:
            raise ConfigError("found module_count = 1; expected 0 (automatic) or 2 to 64")
        if self.network not in made.networks:
            raise ConfigError(
                f"found network = {self.network!r} for the task {self.task}; expected one of "
                f"{', '.join(made.networks)}"
            )
        if self.input_noise and made.is_text:
            raise ConfigError(
                f"found input_noise = {self.input_noise:g} for the text {self.task}; expected 0: "
                f"noise is for inputs that are numbers"
            )
        if self.spare:
            self._check_spare()
            made.trusted_examples(self.trusted)
        if self.gate != "none" and self.network == "gpt" and not self.module_count:
            raise ConfigError(
                f"found gate = {self.gate!r} with module_count = 0; expected 2 to 64: a gate is "
                f"made for a number of modules"
            )
        changes = sorted((_checked_change(c) for c in self.changes), key=lambda change: change[0])
        object.__setattr__(self, "changes", tuple(changes))

    def _check_spare(self) -> None:
        if self.spare >= min(self.hidden, default=0):
            raise ConfigError(
                f"found spare = {self.spare} with hidden = {self.hidden!r:.60}; expected hidden "
                f"layers of more neurons than that"
            )
        if not self.trusted:
            raise ConfigError(
                "found a spare without trusted examples; expected some, such as trusted = 200"
            )
        if self.gate != "none":
            raise ConfigError(f"found a spare with gate = {self.gate!r}; expected gate = 'none'")

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for a file.

        Lists stand for tuples, so that the result is what JSON and TOML give back.
        """
        plain = asdict(self)
        return {name: _plain(value) for name, value in plain.items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "TrainingConfig":
        """Make settings of plain data.

        Raises
        ------
        ConfigError
            If a key is unknown, one without a default is missing, or a value is out of range.
        """
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ConfigError(
                f"found unknown settings {', '.join(unknown):.80}; expected some of "
                f"{', '.join(sorted(known))}"
            )
        missing = sorted({"task", "hidden"} - set(values))
        if missing:
            raise ConfigError(f"found no setting {missing[0]}; expected one")
        return cls(**values)


def check_change(name: str, value: object) -> None:
    """Refuse a setting that cannot change in mid-run, or not to this value.

    Raises
    ------
    ConfigError
    """
    if name not in CHANGEABLE:
        raise ConfigError(
            f"found a change of {name!r:.40}; expected one of {', '.join(CHANGEABLE)}"
        )
    low, high = next((low, high) for known, low, high in _RANGES if known == name)
    check_number(name, value, low, high)


def ramp(step: int, steps: int, between: tuple[float, float]) -> float:
    """Weight of a term at a step: 0, then rising linearly to 1.

    Examples
    --------
    >>> [ramp(step, 100, (0.4, 0.8)) for step in (0, 40, 60, 80, 99)]
    [0.0, 0.0, 0.5, 1.0, 1.0]
    """
    start, full = between[0] * steps, between[1] * steps
    if step >= full:
        return 1.0
    return (step - start) / (full - start) if step > start else 0.0


def _checked_change(change: Any) -> tuple[int, str, float]:
    if not isinstance(change, Sequence) or len(change) != 3:
        raise ConfigError(f"found a change {change!r:.60}; expected (step, setting, value)")
    step, name, value = change
    check_number("step of a change", step, 0, 10**7)
    check_change(name, value)
    return (step, name, float(value))


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
