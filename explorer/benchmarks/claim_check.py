"""A second check of claims, which shares no code with the one that strikes them.

It reads a text by a handful of patterns and looks in the data themselves, on the explain split. To
be active on a class is to be more active there than on average; to be needed for it, to lose at
least 5 points of it when ablated.
"""

import re
from dataclasses import dataclass

from explorer.network.checkpoint import Checkpoint
from explorer.observation.part_examples import PartExamples, part_examples
from explorer.observation.parts import Part
from explorer.observation.record import evidence
from explorer.scoring.drops import Drops, drops

_CLAUSE = re.compile(r"[;.]\s*|,?\s+but\s+|,\s+(?=without (?:it|this)\b)|,\s+(?=needed for\b)")
_POINTS = re.compile(r"(\d+(?:(?:, and |, | and )\d+)*) points?")
_ABOUT = (
    ("needed", re.compile(r"without|needed|need|lost|loses|lose|drops?|required|cut", re.I)),
    ("reads", re.compile(r"\breads?\b|\breading\b", re.I)),
    ("promotes", re.compile(r"promotes?|favou?rs?", re.I)),
    ("size", re.compile(r"\d+ (?:neurons?|weights?)\b", re.I)),
    ("active", re.compile(r"active|responds?|detects?|fires?|carries|activates?|reacts?", re.I)),
)


@dataclass(frozen=True, eq=False)
class _Data:
    examples: PartExamples
    lost: Drops
    inputs: dict[str, float]


def check_again(text: str, checkpoint: Checkpoint, part: Part) -> tuple[int, int]:
    """Count the claims of a text that the data bear out, and all its claims.

    What the patterns cannot read counts as a claim that is not borne out.

    Parameters
    ----------
    text : str
    checkpoint : Checkpoint
        Of a task with heads.
    part : Module or interface or int

    Returns
    -------
    right, claims : int
    """
    found = evidence(checkpoint, part)
    mass = getattr(found, "input_mass", None)
    assert checkpoint.task is not None
    inputs = {}
    if mass is not None:
        total = mass.sum() or 1.0
        inputs = {
            image.name: float(mass[image.start : image.start + image.rows * image.columns].sum())
            / total
            for image in checkpoint.task.images
        } or {
            name: float(one) / total for name, one in zip(checkpoint.task.inputs, mass, strict=True)
        }
    data = _Data(
        part_examples(checkpoint, part, "explain"), drops(checkpoint, part, "explain"), inputs
    )
    verdicts: list[bool] = []
    kind = ""
    for clause in _CLAUSE.split(text):
        if not clause.strip():
            continue
        kind = next((name for name, pattern in _ABOUT if pattern.search(clause)), kind)
        verdicts += _clause(clause, kind, data, evidence_size(found))
    return int(sum(verdicts)), len(verdicts)


def evidence_size(found: object) -> int:
    """Count hidden neurons of a module."""
    facts = getattr(found, "facts", None)
    return int(getattr(facts, "neurons", 0))


def _clause(clause: str, kind: str, data: _Data, size: int) -> list[bool]:
    if kind == "size":
        return [
            int(number) == size for number in re.findall(r"(\d+) (?:neurons?|weights?)", clause)
        ]
    if kind == "reads":
        named = [name for name in data.inputs if re.search(rf"\b{re.escape(name)}\b", clause)]
        if "image" in clause and len(data.inputs) == 1:
            named = list(data.inputs)
        return [data.inputs[name] >= 0.095 for name in named] or [False]
    if kind == "needed" and re.search(r"nothing is lost|needed for nothing", clause, re.I):
        return [bool(data.lost.by_label()[0].max() < 0.05)]
    if kind == "active" and re.search(r"nothing", clause, re.I):
        return [max(_means(data).values()) < 1.2]
    whole = re.search(r"\ball (.+?)(?: except (.+))?$", clause.strip())
    if whole and kind in ("needed", "active"):
        spared = set(re.findall(r"\w+", whole.group(2) or "")) - {"and"}
        return [
            _holds(kind, (head, label), label in spared, data)
            for head, label in data.examples.labels
            if head == whole.group(1)
        ] or [False]
    return _labels(clause, kind, data) or [False]


def _labels(clause: str, kind: str, data: _Data) -> list[bool]:
    """Judge every class that a clause names, and every figure that it gives.

    A head's name counts for all classes that follow it; several figures go with as many classes,
    one figure with all of them.
    """
    heads: dict[str, set[str]] = {}
    for head, label in data.examples.labels:
        heads.setdefault(head, set()).add(label)
    head = next(iter(heads)) if len(heads) == 1 else ""
    verdicts, denied, named = [], False, []
    shown, marks = _POINTS.sub("", clause), {f"head{at}": name for at, name in enumerate(heads)}
    for mark, name in marks.items():  # a head's name may be several words, or end in a number
        shown = re.sub(rf"\b{re.escape(name)}\b", mark, shown)
    for word in re.findall(r"\w+", shown):
        if word in marks:
            head = marks[word]
        elif word.lower() in ("not", "never", "nor"):
            denied = True
        elif head and word in heads[head]:
            named.append((head, word))
            verdicts.append(_holds(kind, named[-1], denied, data))
    for group in _POINTS.findall(clause):
        points = [int(number) for number in re.findall(r"\d+", group)]
        points = points * len(named) if len(points) == 1 else points
        lost = [100 * _lost(data)[label] for label in named]
        fits = [abs(a - b) <= 0.51 for a, b in zip(points, lost, strict=False)]
        verdicts.append(len(points) == len(lost) and all(fits))
    return verdicts


def _holds(kind: str, label: tuple[str, str], denied: bool, data: _Data) -> bool:
    if kind == "needed":
        return bool((_lost(data)[label] >= 0.05) is not denied)
    if kind == "active":
        return (_means(data)[label] > 1) is not denied
    return False


def _lost(data: _Data) -> dict[tuple[str, str], float]:
    return dict(zip(data.lost.labels, data.lost.by_label()[0].tolist(), strict=True))


def _means(data: _Data) -> dict[tuple[str, str], float]:
    """Mean activity on the examples of every class; 1 is the mean over all."""
    activity, has = data.examples.activity, data.examples.has
    return {
        label: float(activity[has[:, at]].mean()) for at, label in enumerate(data.examples.labels)
    }
