"""How the bundled networks were trained: one recipe each."""

from dataclasses import replace

from explorer.errors import ConfigError
from explorer.training.config import TrainingConfig

_STORIES = TrainingConfig(
    task="stories",
    hidden=(256, 256),
    network="gpt",
    module_count=4,
    steps=2_000,
    batch_size=32,
    optimiser="adamw",
    schedule="cosine",
    seed=20,
)
# The partition is found well this early: see explorer.training.losses.slopes.
_EARLY = (0.1, 0.4)
RECIPES = {
    "digits-plain": TrainingConfig(
        task="digits", hidden=(64, 64), steps=4_000, batch_size=512, seed=1
    ),
    "digits-modular": TrainingConfig(
        task="digits",
        hidden=(64, 64),
        steps=4_000,
        batch_size=512,
        modularity_coefficient=0.1,
        l1_coefficient=5e-5,
        module_count=4,
        penalty_ramp=_EARLY,
        seed=1,
    ),
    "pair-plain": TrainingConfig(task="pair", hidden=(48, 48), steps=4_000, seed=1),
    "pair-modular": TrainingConfig(
        task="pair",
        hidden=(48, 48),
        steps=4_000,
        modularity_coefficient=2.0,
        l1_coefficient=1e-4,
        module_count=2,
        penalty_ramp=_EARLY,
        seed=1,
    ),
    "xor4-modular": TrainingConfig(
        task="xor4",
        hidden=(32, 32),
        modularity_coefficient=1.0,
        l1_coefficient=3e-4,
        module_count=4,
        penalty_ramp=_EARLY,
    ),
    "stories-plain": _STORIES,
    "stories-modular": replace(
        _STORIES,
        loss="between_bins",
        modularity_coefficient=3.0,
        penalty_ramp=(0.4, 0.65),
        gate="labels",
    ),
}


def recipe(name: str) -> TrainingConfig:
    """Return the settings of a bundled network.

    Raises
    ------
    ConfigError
        If there is none of this name.
    """
    if name not in RECIPES:
        raise ConfigError(f"found recipe {name!r:.60}; expected one of {', '.join(RECIPES)}")
    return RECIPES[name]
