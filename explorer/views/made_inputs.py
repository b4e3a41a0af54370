"""Inputs that were made for a part: pictures, a table, a map of the plane, or text."""

from html import escape

import numpy as np
import pandas as pd

from explorer.network.graph import Floats
from explorer.network.tasks import Task
from explorer.observation.feature_visualization import FeatureVisualization
from explorer.observation.polysemanticity import Polysemanticity
from explorer.views.markdown import plain_markdown
from explorer.views.palette import NULL
from explorer.views.png import grey_picture, picture

_SIDE = 128  # pixels of the page that a picture is high


def made_pictures(task: Task, found: FeatureVisualization, color: str) -> str:
    """Draw the input of the data that is best, framed in grey, beside those that were made.

    Parameters
    ----------
    task : Task
        Of images.
    found : FeatureVisualization
    color : str
        Frame of those that were made.

    Returns
    -------
    str
        HTML.
    """
    data = task.split(found.split).inputs[found.best_example].double().numpy()
    shown: list[tuple[str, Floats, float, str, str]] = [
        ("Best in the data", data, found.best_activity, NULL, "dashed")
    ]
    shown += [
        (f"Made {number}", made.values, made.activity, color, "solid")
        for number, made in enumerate(found.made, start=1)
    ]
    tiles = "".join(
        f'<figure style="margin:0"><div style="display:flex;gap:4px;border:2px {line} {frame};'
        f'padding:3px;width:max-content">{image_tags(task, values, name)}</div>'
        f'<figcaption style="font-size:.85rem">{name}<br><strong>{activity:.2f}</strong> times '
        f"the average</figcaption></figure>"
        for name, values, activity, frame, line in shown
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:14px">{tiles}</div>'


def image_tags(task: Task, values: Floats, said: str) -> str:
    """Draw the images of one input side by side, each with a text for who cannot see them."""
    drawn = []
    for image in task.images:
        pixels = values[image.start : image.start + image.rows * image.columns]
        url = grey_picture(pixels.reshape(image.rows, image.columns))
        side = _SIDE if len(task.images) == 1 else _SIDE // 2
        drawn.append(
            f'<img src="{url}" alt="{escape(f"{said}, {image.name}")}" '
            f'style="height:{side}px;width:{side * image.columns // image.rows}px;'
            f'image-rendering:pixelated">'
        )
    return "".join(drawn)


def plane_map(found: FeatureVisualization, color: str) -> str:
    """Draw how active a part is everywhere in the plane: the stronger the colour, the more.

    Returns
    -------
    str
        HTML; empty where there is no map.
    """
    if found.plane is None:
        return ""
    most = float(found.plane.max())
    shares = np.clip(found.plane / most, 0.0, 1.0) if most > 0 else np.zeros_like(found.plane)
    row, column = np.unravel_index(int(found.plane.argmax()), found.plane.shape)
    step = 2 * found.plane_reach / len(found.plane)
    x = -found.plane_reach + (column + 0.5) * step
    y = found.plane_reach - (row + 0.5) * step
    said = f"Most active at {x:.2f}, {y:.2f}: {most:.2f} times the average."
    return (
        f'<figure style="margin:0"><img src="{picture(shares, color)}" alt="{escape(said)}" '
        f'style="width:min(100%,240px);image-rendering:pixelated;border:1px solid {NULL}">'
        f'<figcaption style="font-size:.85rem">{escape(said)} Both coordinates from '
        f"{-found.plane_reach:.1f} to {found.plane_reach:.1f}.</figcaption></figure>"
    )


def made_table(task: Task, found: FeatureVisualization) -> pd.DataFrame:
    """List inputs of numbers: the best of the data, then those that were made."""
    data = task.split(found.split).inputs[found.best_example].tolist()
    rows = [("best in the data", found.best_activity, data)]
    rows += [
        (f"made {number}", made.activity, made.values.tolist())
        for number, made in enumerate(found.made, start=1)
    ]
    return pd.DataFrame(
        [
            {"input": name, "activity": f"{activity:.2f}"}
            | {label: f"{value:.3g}" for label, value in zip(task.inputs, values, strict=True)}
            for name, activity, values in rows
        ]
    )


def made_texts(task: Task, found: FeatureVisualization) -> pd.DataFrame:
    """List token sequences: the best of the data up to its token, then those that were made."""
    joint = task.joint
    inputs = task.split(found.split).inputs
    text, place = divmod(found.best_example, inputs.shape[1])
    longest = max(len(made.values) for made in found.made)
    best = inputs[text, max(0, place + 1 - longest) : place + 1].tolist()
    rows = [("best in the data", found.best_activity, best)]
    rows += [
        (f"made {number}", made.activity, made.values.astype(int).tolist())
        for number, made in enumerate(found.made, start=1)
    ]
    return pd.DataFrame(
        {
            "text": name,
            "activity at its end": f"{activity:.2f}",
            "tokens": joint.join(task.tokens[token] for token in tokens),
        }
        for name, activity, tokens in rows
    )


def describe_visualization(found: FeatureVisualization) -> str:
    """How far the made inputs go beyond the data, in one sentence.

    Examples
    --------
    >>> from explorer.observation.feature_visualization import MadeInput
    >>> made = (MadeInput(np.zeros(2), 3.0),)
    >>> describe_visualization(
    ...     FeatureVisualization("A", "numbers", made, 0, 1.5, None, 0.0, "explain", "", "")
    ... )
    'The best made input reaches 3.00 times the average activity, the best of the data 1.50.'
    """
    what = "text" if found.form == "text" else "input"
    return (
        f"The best made {what} reaches {found.made[0].activity:.2f} times the average activity, "
        f"the best of the data {found.best_activity:.2f}."
    )


def describe_features(found: Polysemanticity, part: str) -> str:
    """How many unrelated features a part has, and what chance would give.

    Parameters
    ----------
    found : Polysemanticity
    part : str
        As a subject: ``Module A``.

    Examples
    --------
    >>> labels = (("digit", "7", 1.0),)
    >>> describe_features(Polysemanticity(1.0, labels, (1.5, 2.5), "explain", ""), "Module A")
    '**Module A stands for about 1.0 unrelated features** (7); chance: 2.0.'
    """
    if found.features is None:
        return (
            f"{part} goes with no single class or token for sure, so its unrelated features cannot "
            f"be counted."
        )
    heads = {head for head, _, _ in found.labels}
    shown = ", ".join(
        f"{head} {label}" if len(heads) > 1 else label for head, label, _ in found.labels[:5]
    )
    more = " and others" if len(found.labels) > 5 else ""
    chance = f"; chance: {found.null_mean:.1f}" if found.null else ""
    return (
        f"**{part} stands for about {found.features:.1f} unrelated features** "
        f"({plain_markdown(shown)}{more}){chance}."
    )
