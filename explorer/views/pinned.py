"""What was pinned, drawn from the plain data that it is kept as."""

from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np

from explorer.errors import TaskError
from explorer.network.tasks import task
from explorer.observation.microscope import Snippet
from explorer.views.made_inputs import image_tags
from explorer.views.token_highlights import probabilities_html, snippet_html


def pin_html(kind: str, payload: Mapping[str, Any], color: str) -> str:
    """Draw something that was pinned.

    Parameters
    ----------
    kind : str
        ``snippet``, of the data of a ``Snippet`` and a ``joint``; or ``made``, of a ``MadeInput``
        with its ``form`` and ``task``.
    payload : mapping
        Comes from a database that others write to, and from files: nothing in it is trusted.
    color : str

    Returns
    -------
    str
        HTML; all text is escaped.

    Raises
    ------
    TaskError
        If it is nothing that can be drawn.

    Examples
    --------
    >>> made = {"form": "numbers", "task": "circle", "values": [0.5, 1], "activity": 2}
    >>> pin_html("made", made, "#0072B2")
    '<div>x 0.5, y 1 · activity 2.00</div>'
    """
    try:
        if kind == "snippet":
            return _snippet(payload, color)
        if kind == "made":
            return _made(payload)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as problem:
        raise TaskError(
            f"found a pinned {kind} that cannot be drawn ({type(problem).__name__}); expected one "
            f"that this page made"
        ) from problem
    raise TaskError(f"found a pin of the kind {kind!r:.40}; expected a snippet or a made input")


def _snippet(payload: Mapping[str, Any], color: str) -> str:
    snippet = Snippet(
        tokens=tuple(str(token) for token in payload["tokens"]),
        at=int(payload["at"]),
        activity=tuple(float(value) for value in payload["activity"]),
        right=str(payload["right"]),
        skill=str(payload["skill"]),
        before=float(payload["before"]),
        after=float(payload["after"]),
        row=int(payload["row"]),
    )
    if not 0 <= snippet.before <= 1 or not 0 <= snippet.after <= 1:
        raise ValueError(snippet.before, snippet.after)
    drawn = snippet_html(snippet, max(snippet.activity), color, str(payload["joint"])[:1])
    return drawn + probabilities_html(snippet, color)


def _made(payload: Mapping[str, Any]) -> str:
    of, form = task(str(payload["task"])), str(payload["form"])
    values = np.array(payload["values"], dtype=np.float64)
    said = f"activity {float(payload['activity']):.2f}"
    if form == "text":
        words = of.joint.join(of.tokens[int(token)] for token in values.tolist())
        return f"<div>{escape(words)} · {said}</div>"
    if values.shape != (len(of.inputs),):
        raise ValueError(values.shape)
    if form == "image":
        images = image_tags(of, values, said)
        return f'<div style="display:flex;gap:4px">{images}</div><div>{said}</div>'
    listed = ", ".join(f"{n} {value:.3g}" for n, value in zip(of.inputs, values, strict=True))
    return f"<div>{escape(listed)} · {said}</div>"
