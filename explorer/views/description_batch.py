"""A batch of descriptions in words: what it takes beforehand, and how far it is."""

from explorer.description.batch import SECONDS
from explorer.description.prompts import LIMIT
from explorer.views.description_text import duration

_READ = 500  # tokens of a prompt, about
_AT_ONCE = 4
_BUNDLED = ("embedded", "smollm2")


def describe_estimate(count: int, spec: str) -> str:
    """Say what it takes to describe so many parts.

    Parameters
    ----------
    count : int
        Of modules and interfaces.
    spec : str
        Of the client.

    Examples
    --------
    >>> describe_estimate(10, "embedded")
    '10 texts, about 25 s on this computer. It costs nothing.'
    """
    if spec.startswith("endpoint:"):
        return (
            f"{count:,} texts, {_AT_ONCE} at once: about {_READ * count:,} tokens to read and "
            f"{LIMIT * count:,} to write at most. What that costs is up to the endpoint."
        )
    if spec in _BUNDLED:
        time = duration(SECONDS * count)
        return f"{count:,} texts, about {time} on this computer. It costs nothing."
    return f"{count:,} texts. How long a model of your own takes is only known once it has begun."


def describe_batch(done: int, total: int, pace: float | None) -> str:
    """Say how far a batch is, and how long the rest will take.

    Parameters
    ----------
    done, total : int
    pace : float or None
        Seconds a text, without the opening of the model; None while that is not known.

    Examples
    --------
    >>> describe_batch(4, 10, 5.0)
    '4 of 10 texts are written, about 30 s to go …'
    >>> describe_batch(1, 10, None)
    '1 of 10 texts are written …'
    >>> describe_batch(0, 10, None)
    'Opening the language model: 0 of 10 texts are written …'
    """
    if not done:
        return f"Opening the language model: 0 of {total} texts are written …"
    if done >= total:
        return f"All {total} texts are written; finishing …"
    rest = "" if pace is None else f", about {duration(pace * (total - done))} to go"
    return f"{done} of {total} texts are written{rest} …"
