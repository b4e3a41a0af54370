"""Scores of a description on data that it was not written from."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from explorer.description.clients.base import Client
from explorer.description.description import Description
from explorer.errors import DescriberError, ScoringError
from explorer.network.checkpoint import Checkpoint
from explorer.observation.parts import Part
from explorer.observation.record import InterfaceEvidence, ModuleEvidence, NeuronEvidence
from explorer.scoring.contrastive import contrastive_score, untold_contrastive
from explorer.scoring.nulls import mean_null, nulls_of
from explorer.scoring.readability import MAX_WORDS, reading_ease, words_of
from explorer.scoring.rule_scores import (
    RULE_SCORES,
    ablation_agreement,
    detection,
    figures,
    simulation,
)
from explorer.scoring.scores import OTHERS, Null, Score, Scores
from explorer.scoring.truth import SCORE, Truth, truth_of

Evidence = ModuleEvidence | InterfaceEvidence | NeuronEvidence
_RULES = (simulation, detection, ablation_agreement)


def score(
    description: Description,
    evidence: Evidence,
    others: Sequence[Description] = (),
    client: Client | None = None,
    checkpoint: Checkpoint | None = None,
) -> Scores:
    """Score a description of a part, each score beside its nulls and its ceiling.

    The text is judged and nothing else of the description: whatever may stand behind it in figures
    does not count. Data are of the score split, which no describer sees.

    Parameters
    ----------
    description : Description
    evidence : ModuleEvidence, InterfaceEvidence or NeuronEvidence
        Of the part that it is to be judged on.
    others : sequence of Description
        Of the other parts of the same partition: foils, and the null *another module*. Without
        them there is neither.
    client : Client, optional
        For the contrastive score: a language model that tells the probability of a text.
    checkpoint : Checkpoint, optional
        The network, needed with the evidence of a neuron only, which does not hold it.

    Returns
    -------
    Scores
        ``contrastive``, ``simulation``, ``detection``, ``ablation_agreement`` and
        ``readability``. One that cannot be told is NaN, and says why.

    Raises
    ------
    ScoringError
        If the network has no task, or is not given for a neuron.

    Examples
    --------
    >>> from explorer import describe, evidence, find_modules, load, network_graph
    >>> checkpoint = load("pair-modular")
    >>> partition = find_modules(network_graph(checkpoint), k=2)
    >>> found = [evidence(checkpoint, module) for module in partition.modules]
    >>> texts = [describe(one) for one in found]
    >>> scores = score(texts[0], found[0], others=texts[1:])
    >>> figure = scores["ablation_agreement"]
    >>> figure.value > 0.5 > figure.nulls[0].mean
    True
    """
    network, part = _subject(evidence, checkpoint)
    truth = truth_of(network, part, evidence.facts)
    foils = [other.text for other in others]
    nulls = all_nulls(network, part, truth, foils)
    ruled = [rule(description.text, truth) for rule in _RULES]
    return Scores(
        scores=(
            _contrastive(description.text, truth, foils, client),
            *(replace(found, nulls=nulls[found.name]) for found in ruled),
            readability(description.text),
        ),
        description_id=description.id,
        facts_id=evidence.facts.id,
        split=SCORE,
    )


def all_nulls(
    checkpoint: Checkpoint, part: Part, truth: Truth, foils: Sequence[str]
) -> Mapping[str, tuple[Null, ...]]:
    """Nulls of every rule-based score: the foils on this part, and parts that stand for chance."""
    by_foil = [figures(foil, truth) for foil in foils]
    general = nulls_of(checkpoint, part)
    return {
        name: (mean_null(OTHERS, [found[name] for found in by_foil]), *general[name])
        for name in RULE_SCORES
    }


def readability(text: str) -> Score:
    """Flesch's reading ease; NaN beyond 20 words, which is the limit of a description.

    ``reason`` tells the number of words.
    """
    count, nothing = len(words_of(text)), float("nan")
    limit = "" if count <= MAX_WORDS else f"; expected at most {MAX_WORDS}"
    value = nothing if limit else reading_ease(text)
    return Score("readability", value, nothing, nothing, None, None, (), f"{count} words{limit}")


def _contrastive(text: str, truth: Truth, foils: Sequence[str], client: Client | None) -> Score:
    if client is None:
        return untold_contrastive("it takes a language model, and none was given")
    try:
        return contrastive_score(text, truth.facts, foils, client)
    except DescriberError as problem:
        return untold_contrastive(str(problem))


def _subject(evidence: Evidence, checkpoint: Checkpoint | None) -> tuple[Checkpoint, Part]:
    if isinstance(evidence, NeuronEvidence):
        if checkpoint is None:
            raise ScoringError(
                f"found the evidence of neuron {evidence.node} without its network; expected "
                f"score(..., checkpoint=...)"
            )
        return checkpoint, evidence.node
    part = evidence.module if isinstance(evidence, ModuleEvidence) else evidence.interface
    network = part.partition.graph.checkpoint
    assert network is not None  # evidence is gathered of a checkpoint
    return network, part
