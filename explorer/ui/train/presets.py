"""Runs that are worth seeing, each with one sentence that says why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Preset:
    """A run to start with one click.

    Attributes
    ----------
    title : str
        A few words.
    why : str
        One sentence: what to look at.
    settings : mapping
        Fields of ``TrainingConfig``.
    """

    title: str
    why: str
    settings: Mapping[str, Any] = field(repr=False)


_PAIR: dict[str, Any] = {"task": "pair", "hidden": (48, 48), "steps": 8_000, "seed": 1}
_SPLIT: dict[str, Any] = {
    "modularity_coefficient": 2.0,
    "l1_coefficient": 1e-4,
    "module_count": 2,
    "penalty_ramp": (0.1, 0.4),
}
_SPIRAL: dict[str, Any] = {"task": "spiral", "hidden": (32, 32), "steps": 12_000, "seed": 0}

PRESETS: dict[str, Preset] = {
    "pair": Preset(
        "Two digits, two modules",
        "Two independent digits are read at once: at a tenth of the steps the penalty sets in, and "
        "the network splits in two, one module a digit.",
        {**_PAIR, **_SPLIT},
    ),
    "xor4": Preset(
        "Four problems, four modules",
        "Four exclusive-ors share one network: it ends as four modules with next to no weight "
        "between them, and makes no mistake.",
        {
            "task": "xor4",
            "hidden": (32, 32),
            "modularity_coefficient": 1.0,
            "l1_coefficient": 3e-4,
            "module_count": 4,
            "penalty_ramp": (0.1, 0.4),
            "steps": 10_000,
        },
    ),
    "spiral-plain": Preset(
        "Spiral, plain",
        "Trained for the task alone: watch every neuron's picture bend, and see how little of the "
        "network falls into modules by itself.",
        {**_SPIRAL, "modularity_coefficient": 0.0},
    ),
    "spiral-modular": Preset(
        "Spiral, modular",
        "A spiral is one problem and has no parts: compare with the plain run what it costs to ask "
        "for two modules all the same.",
        {**_SPIRAL, "modularity_coefficient": 1.0, "l1_coefficient": 3e-4, "module_count": 2},
    ),
    "raised": Preset(
        "λ raised in mid-run",
        "Plain training until step 4,000, then λ rises from 0 to 1: accuracy, modules and "
        "interfaces answer within seconds, and a mark on the curves says when.",
        {
            **_PAIR,
            "modularity_coefficient": 0.0,
            "l1_coefficient": 3e-4,
            "module_count": 2,
            "penalty_ramp": (0.0, 0.0),
            "changes": ((4_000, "modularity_coefficient", 1.0),),
        },
    ),
    "l1": Preset(
        "L1 alone",
        "No structure is asked for, only few weights: the baseline that every modularity loss has "
        "to beat.",
        {**_PAIR, "modularity_coefficient": 0.0, "l1_coefficient": 3e-4, "module_count": 2},
    ),
    "cut-tree": Preset(
        "By minimum cuts",
        "The penalty is the exact cut tree between modules: it leads to the same split as the "
        "default, by another road.",
        {
            **_PAIR,
            **_SPLIT,
            "loss": "contracted_cut_tree",
        },
    ),
    "digits-cnn": Preset(
        "A small CNN",
        "Channels are the neurons here: digits are one task, so what modules it finds are its own.",
        {
            "task": "digits",
            "network": "cnn",
            "hidden": (16, 16),
            "modularity_coefficient": 1.0,
            "l1_coefficient": 3e-4,
            "module_count": 4,
            "steps": 2_000,
        },
    ),
    "spare": Preset(
        "A spare for a backdoor",
        "The data is poisoned (a patch in a corner asks for one answer) and 200 examples are "
        "trusted: the spare learns the trigger, and setting it to 0 on the page Ability takes the "
        "attack away.",
        {
            "task": "backdoor-corner-1",
            "hidden": (64, 64),
            "modularity_coefficient": 0.0,
            "l1_coefficient": 1e-3,
            "spare": 8,
            "trusted": 200,
            "steps": 1_500,
            "seed": 1,
        },
    ),
    "stories": Preset(
        "A GPT on stories",
        "A small GPT learns four skills, each taught to one module: read what it writes while it "
        "learns, and see the modules part after 40 % of the steps (some minutes).",
        {
            "task": "stories",
            "network": "gpt",
            "loss": "closed_writes",
            "hidden": (256, 256),
            "heads": 16,
            "modularity_coefficient": 1.0,
            "module_count": 4,
            "steps": 2_000,
            "batch_size": 32,
            "learning_rate": 8e-3,
            "penalty_ramp": (0.4, 0.65),
            "optimiser": "adamw",
            "gate": "labels",
        },
    ),
}
