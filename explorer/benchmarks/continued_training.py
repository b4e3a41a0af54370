"""What continued training with the penalty gives and costs: the small GPT goes on with its stories.

Every run has a text of its own: new stories, written one after the other and read in windows that
begin anywhere. Without the penalty (lambda 0) the same training is the control. Whether modules
then *mean* something is asked as for taught ones: every module is zeroed, and the losses of the
four skills are matched to modules on the validation split and measured on the test split; random
groups of the same sizes, matched in the same way, say what that gives by chance. The network of the
stories that was taught its modules shows what the measure says where there is something to find.
"""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from explorer.errors import SweepError
from explorer.modularity.finding import find_modules
from explorer.modularity.layered import layered_modularity
from explorer.modularity.partition import Partition
from explorer.modularity.quality import inside_mass
from explorer.network.atomic import write_atomically
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import network_graph
from explorer.network.load import load
from explorer.network.tasks import mean_losses
from explorer.network.tasks.stories import draw_stories
from explorer.network.tasks.stories_grammar import WORDS
from explorer.network.threads import single_threaded
from explorer.observation.functional import random_groups
from explorer.observation.specialisation import (
    diagonal_by_skill,
    matched_to_skills,
    skill_rise,
    specialisation,
)
from explorer.sweeps.executor import run_all
from explorer.training.pretrained.config import ContinuedConfig
from explorer.training.pretrained.keeping import ContinuedFolder
from explorer.training.pretrained.run import continue_training

START, TAUGHT = "stories-plain", "stories-modular"
STRENGTHS = (0.0, 1.0, 2.0, 3.0)
SEEDS = (20, 21, 22, 23, 24)
STEPS = 300
MODULES = 4
STORIES = 20_000  # of a run's text
NULLS = 5  # random groups of every network
_FIRST_TEXT = 2 * 10**6  # seeds of texts, apart from those of the task's splits
_SAVE_SECONDS = 20.0


@dataclass(frozen=True)
class ContinuedJob:
    """A network to measure, after some training or as it is.

    Attributes
    ----------
    folder : str
        Where its run and its figures are kept.
    network : str
        What it begins with.
    strength : float or None
        lambda; None for the network as it is.
    seed : int
        Of the text, and of the order in which it is read.
    steps : int
    stories : int
        Of its text.
    """

    folder: str
    network: str = START
    strength: float | None = None
    seed: int = 0
    steps: int = 0
    stories: int = STORIES

    @property
    def row(self) -> str:
        """What the runs are called that differ from this one by their seed alone."""
        if self.strength is None:
            return "taught modules" if self.network == TAUGHT else "start"
        return f"{self.steps} steps, lambda {self.strength:g}"


@dataclass(frozen=True)
class ContinuedScore:
    """Figures of one network.

    Attributes
    ----------
    row : str
    seed : int
    inside, q_b : float
        Of the modules that are found in it, on the activity graph.
    text_before, text : float or None
        Nats a word on held-out text cut anywhere, before and after training on such text.
    stories : float
        Nats a word on whole stories, the test split.
    pairs : tuple of float
        Share of minimal pairs that are right, skill by skill.
    diagonal : float
        Share of a skill's losses that falls to the module that was matched to it.
    random : tuple of float
        The same of random groups.
    own, other : float
        Couples of pronouns that are right without the pronouns' module, and without the worst
        other one.
    """

    row: str
    seed: int
    inside: float
    q_b: float
    text_before: float | None
    text: float | None
    stories: float
    pairs: tuple[float, ...]
    diagonal: float
    random: tuple[float, ...]
    own: float
    other: float

    @property
    def beyond_chance(self) -> float:
        """How much the diagonal exceeds that of random groups."""
        return self.diagonal - float(np.mean(self.random))


def continued_jobs(
    folder: Path,
    strengths: Sequence[float] = STRENGTHS,
    seeds: Sequence[int] = SEEDS,
    steps: int = STEPS,
) -> tuple[ContinuedJob, ...]:
    """List the runs, and the two networks to hold them against."""
    runs = (
        ContinuedJob(
            str(folder / f"lambda-{strength:g}-steps-{steps}-seed-{seed}"),
            strength=float(strength),
            seed=seed,
            steps=steps,
        )
        for seed in seeds
        for strength in strengths
    )
    return (
        ContinuedJob(str(folder / "start")),
        ContinuedJob(str(folder / "taught"), TAUGHT),
        *runs,
    )


def measure_continued(
    jobs: Sequence[ContinuedJob],
    executor: Executor,
    ahead: int | Callable[[], int],
    found: list[ContinuedScore],
) -> Iterator[int]:
    """Train and measure what is not measured yet, and say how many networks are over.

    Parameters
    ----------
    jobs : sequence of ContinuedJob
    executor : concurrent.futures.Executor
    ahead : int or callable
        How many to have under way at once.
    found : list of ContinuedScore
        What is found is added to it, in no order.

    Raises
    ------
    SweepError
        If a run failed.
    """
    kept = {job: _kept_score(job) for job in jobs}
    found.extend(score for score in kept.values() if score is not None)
    yield len(found)
    missing = [job for job, score in kept.items() if score is None]
    for outcome in run_all(measure_run, missing, executor, ahead):
        if outcome.value is None:
            raise SweepError(f"{Path(outcome.item.folder).name} failed: {outcome.failed}")
        found.append(outcome.value)
        yield len(found)


def measure_run(job: ContinuedJob) -> ContinuedScore:
    """Train to the end, or go on with a run that was stopped, and measure: what a worker does."""
    before, after, place = None, None, job.network
    if job.strength is not None:
        folder = ContinuedFolder(job.folder)
        place = str(continue_training(_config(job)))
        rows = folder.rows()
        before, after = rows[0]["held_out_loss"], rows[-1]["held_out_loss"]
    with single_threaded():
        checkpoint = load(place)
        graph = network_graph(checkpoint, "activity")
        score = _measured(job, checkpoint, find_modules(graph, MODULES), before, after)
    payload = json.dumps(asdict(score), indent=1)
    write_atomically(_score_place(job), payload.encode())
    return score


def _config(job: ContinuedJob) -> ContinuedConfig:
    text = Path(job.folder) / "text.txt"
    if not text.is_file():
        write_atomically(text, story_text(job.seed, job.stories).encode())
    assert job.strength is not None
    return ContinuedConfig(
        network=job.network,
        text=str(text),
        output=job.folder,
        steps=job.steps,
        batch_size=32,
        length=64,
        learning_rate=1e-3,
        modularity_coefficient=job.strength,
        module_count=MODULES,
        held_out=0.02,
        save_seconds=_SAVE_SECONDS,
        seed=job.seed,
    )


def story_text(seed: int, stories: int) -> str:
    """Write new stories, one a line.

    Examples
    --------
    >>> story_text(20, 2).splitlines()[0][:62]
    'in the kitchen . three lemons and six lemons make nine lemons '
    """
    drawn = draw_stories(torch.Generator().manual_seed(_FIRST_TEXT + seed), stories)
    whole = torch.cat([drawn.inputs, drawn.targets[:, -1:]], dim=1)
    return "\n".join(" ".join(WORDS[token] for token in story) for story in whole.tolist())


def _measured(
    job: ContinuedJob,
    checkpoint: Checkpoint,
    partition: Partition,
    before: float | None,
    after: float | None,
) -> ContinuedScore:
    task, network = checkpoint.task, checkpoint.network
    assert task is not None
    labels = matched_to_skills(task, network, partition.labels)
    found = specialisation(task, network, labels)
    rng, random = np.random.default_rng(job.seed), []
    for _ in range(NULLS):
        groups = matched_to_skills(task, network, random_groups(partition, rng))
        random.append(float(diagonal_by_skill(skill_rise(task, network, groups)).mean()))
    return ContinuedScore(
        row=job.row,
        seed=job.seed,
        inside=inside_mass(partition),
        q_b=layered_modularity(partition.graph, partition.labels),
        text_before=before,
        text=after,
        stories=mean_losses(task, network, "test")[""],
        pairs=tuple(found.pairs_before.tolist()),
        diagonal=found.diagonal,
        random=tuple(random),
        own=float(found.couples[0, 0]),
        other=float(np.delete(found.couples[0], 0).min()),
    )


def _score_place(job: ContinuedJob) -> Path:
    return Path(job.folder) / "score.json"


def _kept_score(job: ContinuedJob) -> ContinuedScore | None:
    """The figures of a run that was measured before; None where it was not, or by other code."""
    try:
        values = json.loads(_score_place(job).read_text("utf-8"))
        lists = {name: tuple(map(float, values[name])) for name in ("pairs", "random")}
        score = ContinuedScore(**{**values, **lists})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    whole = len(score.random) == NULLS and math.isfinite(score.stories)
    return score if whole and (score.row, score.seed) == (job.row, job.seed) else None
