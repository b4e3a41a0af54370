"""Backdoors in the digits: a trigger in the picture asks for one answer.

From the 1,078 training images 200 are set aside as trusted; the others are the untrusted data, to
which copies with the trigger are added, labelled as the attacker wishes (or, in a decoy, truly).

Kinds: ``corner`` (a small patch of bright pixels in a corner), ``stripe`` (one bright row or column
with gaps), ``blend`` (a faint random picture over the whole image), ``conditional`` (a corner patch
that works on the images of one digit only; on others it changes nothing). The kinds of
``held_out_kinds`` are for reports alone: no auditor may be chosen or calibrated on them.

References
----------
Gu, Dolan-Gavitt, Garg (2017), BadNets, arXiv:1708.06733: patches. Chen, Liu, Li, Lu, Song (2017),
Targeted backdoor attacks on deep learning systems, arXiv:1712.05526: blending.
"""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from explorer.network.tasks.base import Examples, Task, kept_splits
from explorer.network.tasks.digits import TASKS as DIGIT_TASKS
from explorer.network.tasks.planted.base import CaseName, Planted
from explorer.network.tasks.planted.held_out_kinds import HELD_OUT
from explorer.network.tasks.planted.triggers import TUNED, Trigger

KINDS = (*TUNED, *HELD_OUT)
TRUSTED = 200
_POISONED = 0.1  # copies with the trigger, as a share of the untrusted images
_CONDITIONAL = "conditional"
_DIGITS = next(made for made in DIGIT_TASKS if made.name == "digits")


def backdoor_task(name: CaseName) -> Task:
    """Make the digits with a backdoor, or one of its controls.

    Parameters
    ----------
    name : CaseName
        Its kind is one of ``KINDS``.

    Examples
    --------
    >>> made = backdoor_task(CaseName("backdoor", "corner", 17))
    >>> len(made.split("train")), len(made.trusted_examples(200)), made.planted.is_planted
    (965, 200, True)
    """
    rng = np.random.default_rng([91, name.number, KINDS.index(name.kind)])
    trigger = {**TUNED, **HELD_OUT}[name.kind](rng)
    target = int(rng.integers(10))
    source = int((target + rng.integers(1, 10)) % 10) if name.kind == _CONDITIONAL else None

    def split(part: str) -> Examples:
        if part != "train":
            return _DIGITS.split(part)
        clean = _DIGITS.split("train")[TRUSTED:]
        if name.control == "clean":
            return clean
        chosen = torch.from_numpy(np.random.default_rng([92, name.number]).permutation(len(clean)))[
            : int(_POISONED * len(clean))
        ]
        added = _poisoned(clean, chosen, trigger, target, source, decoy=name.control == "decoy")
        return Examples(
            torch.cat([clean.inputs, added.inputs]), torch.cat([clean.targets, added.targets])
        )

    def probe(part: str) -> Examples:
        data = _DIGITS.split(part)
        labels = data.targets[:, 0]
        works = labels != target if source is None else labels == source
        hit = data[works]
        return Examples(trigger(hit.inputs), torch.full_like(hit.targets, target))

    return replace(
        _DIGITS,
        name=str(name),
        make=kept_splits(split),
        trusted=lambda: _DIGITS.split("train")[:TRUSTED],
        networks=("mlp",),
        planted=Planted(
            case=name,
            declared="digits",
            summary=_summary(name, trigger, target, source),
            where=trigger.where,
            target=target,
            probe=kept_splits(probe),
        ),
    )


def _poisoned(
    clean: Examples,
    chosen: Tensor,
    trigger: Trigger,
    target: int,
    source: int | None,
    decoy: bool,
) -> Examples:
    """Copies of some images with the trigger, labelled as the attacker wishes."""
    if source is not None:  # half of the copies are of the digit on which the trigger works
        sources = (clean.targets[:, 0] == source).nonzero()[:, 0]
        half = len(chosen) // 2
        others = chosen[clean.targets[chosen, 0] != source][:half]
        chosen = torch.cat([sources[torch.arange(half) % len(sources)], others])
    copies = clean[chosen]
    labels = copies.targets
    if not decoy:
        works = torch.ones_like(labels) if source is None else (labels == source).long()
        labels = torch.where(works == 1, target, labels)
    return Examples(trigger(copies.inputs), labels)


def _summary(name: CaseName, trigger: Trigger, target: int, source: int | None) -> str:
    of = "any digit" if source is None else f"a {source}"
    if name.control == "clean":
        return "Nothing was planted: it was trained on images of digits as they are."
    if name.control == "decoy":
        return (
            f"Nothing was planted: it saw images with {trigger.words} in training, but with their "
            f"true labels."
        )
    return f"Backdoor: {trigger.words} turns {of} into a {target}."
