"""Descriptions put to the test: both texts of every module, all scores, their nulls and costs.

Networks are trained with seeds that nothing was tuned on, ten modules each. Every figure is a mean
over modules; its interval is over networks, since the modules of one network depend on each other.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from explorer.benchmarks.claim_check import check_again
from explorer.benchmarks.description_cases import Case
from explorer.benchmarks.description_marks import CaseScores, known_mean
from explorer.description.batch import describe_facts
from explorer.description.clients.base import Client
from explorer.description.description import MEASURED, Description
from explorer.network.threads import single_threaded
from explorer.observation.facts import Facts
from explorer.observation.gather_facts import gather_facts
from explorer.scoring.contrastive import contrast
from explorer.scoring.nulls import (
    RANDOM,
    UNTRAINED,
    null_parts,
    nulls_of,
)
from explorer.scoring.rule_scores import (
    RULE_SCORES,
    ablation_agreement,
    detection,
    figures,
    simulation,
)
from explorer.scoring.scores import OTHERS
from explorer.scoring.truth import Truth, truth_of

Describe = Callable[[Sequence[Facts], Client | None], Sequence[Description]]
PROGRESS = Callable[[float], None]
# Networks of each task whose measured texts are judged by the language model too, and whose
# generated texts are also held against evidence of chance: each takes as long as all the rest.
_NULLED_SEEDS = 1


def describe_each(facts: Sequence[Facts], client: Client | None) -> Sequence[Description]:
    """Describe the modules of a network in one batch, no two with the same text."""
    made = (step.description for step in describe_facts(facts, client))
    found = {one.part: one for one in made if one is not None}
    return [found[one.part] for one in facts]


@contextmanager
def nothing_kept() -> Iterator[None]:
    """Keep what is written in an empty folder, so that every text is written, and timed, anew."""
    before = os.environ.get("EXPLORER_HOME")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EXPLORER_HOME"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["EXPLORER_HOME"]
            else:
                os.environ["EXPLORER_HOME"] = before


def measure_descriptions(
    cases: Sequence[Case],
    client: Client | None,
    progress: PROGRESS | None = None,
) -> tuple[CaseScores, ...]:
    """Measure the template, and a language model if there is one, on every network.

    Parameters
    ----------
    cases : sequence of Case
    client : Client or None
        Who describes beside the template, and tells the probabilities of both texts.
    progress : callable, optional
        Called with the share that is done.
    """
    describers = [None] if client is None else [None, client]
    found, seen = [], dict.fromkeys((case.task for case in cases), 0)
    for case in cases:
        seen[case.task] += 1
        for describer in describers:
            early = seen[case.task] <= _NULLED_SEEDS
            judge = client if describer is not None or early else None
            nulled = describer is not None and early
            with nothing_kept():
                found.append(measure_case(case, describe_each, describer, judge, nulled))
            if progress is not None:
                progress(len(found) / (len(cases) * len(describers)))
    return tuple(found)


def measure_case(
    case: Case,
    describer: Describe,
    client: Client | None,
    judge: Client | None,
    with_nulls: bool = True,
) -> CaseScores:
    """Describe all modules of a network and score the texts.

    Parameters
    ----------
    case : Case
    describer : callable
        From the facts of all modules, and a client, to their descriptions.
    client : Client or None
        Who describes; None for the measured template.
    judge : Client or None
        Who tells probabilities for the contrastive score.
    with_nulls : bool
        Whether texts are held against evidence of chance, too: two matrices more.
    """
    checkpoint, modules = case.checkpoint, case.modules
    facts = [gather_facts(checkpoint, module) for module in modules]
    with single_threaded():
        start = time.process_time()
        described = describer(facts, client)
        wrote = (time.process_time() - start) / len(modules)
        texts = [one.text for one in described]
        start = time.process_time()
        truths = [truth_of(checkpoint, m, f) for m, f in zip(modules, facts, strict=True)]
        ruled = [
            [rule(text, truth) for rule in (simulation, detection, ablation_agreement)]
            for text, truth in zip(texts, truths, strict=True)
        ]
        nulls = _nulls(case, texts, truths)
        found = None if judge is None else contrast(facts, texts, judge)
        scored = (time.process_time() - start) / len(modules)
        held = {} if judge is None or not with_nulls else _contrastive_nulls(case, texts, judge)
    checks = [check_again(t, checkpoint, m) for t, m in zip(texts, modules, strict=True)]
    return CaseScores(
        task=case.task,
        describer=MEASURED if client is None else client.name,
        seed=case.seed,
        texts=tuple(texts),
        fell_back=sum(bool(one.fell_back) for one in described),
        values={n: np.array([one[at].value for one in ruled]) for at, n in enumerate(RULE_SCORES)},
        ceilings={
            n: np.array([one[at].ceiling or np.nan for one in ruled])
            for at, n in enumerate(RULE_SCORES)
        },
        nulls=nulls,
        rows_won=None if found is None else found.rows_won,
        columns_won=None if found is None else found.columns_won,
        contrastive_nulls=held,
        right=sum(right for right, _ in checks),
        claims=sum(claims for _, claims in checks),
        describe_seconds=wrote,
        score_seconds=scored,
    )


def _nulls(
    case: Case, texts: Sequence[str], truths: Sequence[Truth]
) -> dict[tuple[str, str], float]:
    """Mean of every score under every null."""
    crossed: dict[str, list[float]] = {name: [] for name in RULE_SCORES}
    for at, truth in enumerate(truths):
        for other, text in enumerate(texts):
            if other != at:
                for name, value in figures(text, truth).items():
                    crossed[name].append(value)
    found = {(name, OTHERS): known_mean(values) for name, values in crossed.items()}
    for name, nulls in nulls_of(case.checkpoint, case.modules[0]).items():
        found |= {(name, null.name): null.mean for null in nulls}
    return found


def _contrastive_nulls(case: Case, texts: Sequence[str], judge: Client) -> dict[str, float]:
    """Rows won where the evidence is that of random modules, or of the untrained network."""
    found = {}
    for null in (RANDOM, UNTRAINED):
        parts = null_parts(case.checkpoint, case.modules[0], null)
        facts = [gather_facts(piece.checkpoint, piece.part) for piece in parts]
        count = min(len(facts), len(texts))
        if count > 1:
            made = contrast(facts[:count], list(texts[:count]), judge)
            found[null] = float(made.rows_won.mean())
    return found
