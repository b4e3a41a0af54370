"""How the bundled networks were trained: one recipe each."""

from explorer.errors import ConfigError
from explorer.training.config import TrainingConfig

RECIPES = {
    "digits-plain": TrainingConfig(task="digits", hidden=(64, 64)),
    "digits-modular": TrainingConfig(
        task="digits",
        hidden=(64, 64),
        modularity_coefficient=1.0,
        l1_coefficient=3e-4,
        module_count=4,
    ),
    "pair-plain": TrainingConfig(task="pair", hidden=(48, 48), steps=4_000, seed=1),
    "pair-modular": TrainingConfig(
        task="pair",
        hidden=(48, 48),
        steps=4_000,
        modularity_coefficient=1.0,
        l1_coefficient=3e-4,
        module_count=2,
        seed=1,
    ),
    "xor4-modular": TrainingConfig(
        task="xor4",
        hidden=(32, 32),
        modularity_coefficient=1.0,
        l1_coefficient=1e-3,
        module_count=4,
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
