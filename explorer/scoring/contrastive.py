"""Whether a language model finds the right description likelier than those of other modules.

This is the doubt that describing modules by a language model starts from: a model that gives the
same probability to any fluent text, whatever the evidence, cannot describe.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from explorer.description.clients.base import Client
from explorer.description.prompts import contrast_prompt
from explorer.errors import ScoringError
from explorer.network.graph import Bools, Floats
from explorer.network.tasks.margins import wilson_interval
from explorer.observation.facts import Facts
from explorer.scoring.scores import OTHERS, Score

CONTRASTIVE = "contrastive"
MAX_FOILS = 16


@dataclass(frozen=True, eq=False)
class Contrast:
    """How likely each description is given each part's evidence.

    Attributes
    ----------
    parts : tuple of str
    likelihood : array, shape (evidence, descriptions)
        log p(description given evidence) in nats, summed over its tokens.
    prior : array, shape (descriptions,)
        log p(description) where no evidence is given.
    """

    parts: tuple[str, ...]
    likelihood: Floats
    prior: Floats

    @property
    def matrix(self) -> Floats:
        """Pointwise mutual information in nats: the likelihood less the prior.

        Without the prior, a text that is likely anyway (short, usual words) would win everywhere.

        References
        ----------
        Church, Hanks (1990), Word association norms, mutual information, and lexicography,
        Computational Linguistics 16, 22-29.
        """
        return np.asarray(self.likelihood - self.prior)

    @property
    def rows_won(self) -> Bools:
        """Of each part: whether its own description gets more than that of any other part."""
        return _diagonal_wins(self.matrix)

    @property
    def columns_won(self) -> Bools:
        """Of each description: whether its own evidence gives it more than any other does."""
        return _diagonal_wins(self.matrix.T)


def _diagonal_wins(matrix: Floats) -> Bools:
    others = np.where(np.eye(len(matrix), dtype=bool), -np.inf, matrix)
    return np.asarray(np.diagonal(matrix) > others.max(axis=1))


def contrast(
    facts: Sequence[Facts],
    texts: Sequence[str],
    client: Client,
    progress: Callable[[float], None] | None = None,
) -> Contrast:
    """Ask a language model how likely every text is given the evidence of every part.

    Parameters
    ----------
    facts : sequence of Facts
    texts : sequence of str
        Of the same parts, in the same order.
    client : Client
        One that tells the probability of a given text.
    progress : callable, optional
        Called with the share that is done.

    Raises
    ------
    ScoringError
        If there are not as many texts as parts, fewer than two, or more than 17.
    DescriberError
        If the model does not tell probabilities.
    """
    if len(facts) != len(texts) or not 2 <= len(facts) <= MAX_FOILS + 1:
        raise ScoringError(
            f"found {len(facts)} parts and {len(texts)} descriptions; expected as many of both, "
            f"from 2 to {MAX_FOILS + 1}"
        )
    rows = [_prior(texts, client)]
    for done, given in enumerate(facts, start=1):
        rows.append(_likelihood(given, texts, client))
        if progress is not None:
            progress(done / len(facts))
    return Contrast(tuple(given.part for given in facts), np.array(rows[1:]), rows[0])


def contrastive_score(text: str, facts: Facts, foils: Sequence[str], client: Client) -> Score:
    """Share of other modules' descriptions that get less than this one, given the evidence.

    A tie counts half, so chance is 1/2; 1 means that the description is the likeliest of all. The
    interval is Wilson's, over foils. The null is the same share for the foils themselves.

    Parameters
    ----------
    text : str
    facts : Facts
        Of the part that it describes.
    foils : sequence of str
        Descriptions of other parts of the same partition; the first 16 count.
    client : Client

    Raises
    ------
    DescriberError
        If the model cannot be asked, or does not tell probabilities.
    """
    from explorer.scoring.nulls import mean_null

    if not foils:
        return untold_contrastive("there is no description of another module to compare with")
    texts = [text, *foils[:MAX_FOILS]]
    row = _likelihood(facts, texts, client) - _prior(texts, client)
    shares = beaten_shares(row)
    low, high = wilson_interval(float(shares[0]), len(texts) - 1)
    null = mean_null(OTHERS, shares[1:].tolist())
    return Score(CONTRASTIVE, float(shares[0]), low, high, 0.5, 1.0, (null,))


def score_of_contrast(found: Contrast, index: int) -> Score:
    """Read the score of one description off a matrix; see ``contrastive_score``."""
    from explorer.scoring.nulls import mean_null

    shares = beaten_shares(found.matrix[index])
    low, high = wilson_interval(float(shares[index]), len(shares) - 1)
    null = mean_null(OTHERS, np.delete(shares, index).tolist())
    return Score(CONTRASTIVE, float(shares[index]), low, high, 0.5, 1.0, (null,))


def untold_contrastive(reason: str) -> Score:
    """Return a contrastive score that cannot be told, and why."""
    nothing = float("nan")
    return Score(CONTRASTIVE, nothing, nothing, nothing, 0.5, 1.0, (), reason)


def beaten_shares(row: Floats) -> Floats:
    """Share of the others that each value exceeds, a tie counting half.

    Examples
    --------
    >>> beaten_shares(np.array([3.0, 1.0, 1.0])).tolist()
    [1.0, 0.25, 0.25]
    """
    wins = (row[:, None] > row).sum(axis=1) + 0.5 * ((row[:, None] == row).sum(axis=1) - 1)
    return np.asarray(wins / (len(row) - 1))


def _likelihood(facts: Facts | None, texts: Sequence[str], client: Client) -> Floats:
    return np.asarray(client.log_probabilities(contrast_prompt(facts), texts))


def _prior(texts: Sequence[str], client: Client) -> Floats:
    return _likelihood(None, texts, client)
