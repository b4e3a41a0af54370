"""Describe all modules and interfaces of a network: estimate, progress, stop, resume."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from explorer.description.clients.base import Client
from explorer.description.describer import describe, description_key
from explorer.description.description import Description
from explorer.description.exemplars import Exemplar
from explorer.description.kept import kept
from explorer.description.measured import distinct
from explorer.description.prompts import LIMIT, exemplars_for, prompt
from explorer.modularity.partition import Interface, Module, Partition
from explorer.network.checkpoint import Checkpoint
from explorer.observation.facts import Facts
from explorer.observation.gather_facts import gather_facts

SECONDS = 2.5  # of processor, for a text by a model on this machine; see the README
_LETTERS = 3.5  # of a prompt to a token, about
_MILLION = 1e6


@dataclass(frozen=True)
class Estimate:
    """What a batch will take.

    Attributes
    ----------
    texts : int
        All of them.
    asked : int
        How many of them are not kept yet, and will be asked for.
    tokens_read, tokens_written : int
        By the model, at most.
    seconds : float
        Of processor on this machine; 0 for an endpoint, whose pace is not known.
    cost : float or None
        In the currency of the prices; None where no prices were given.
    """

    texts: int
    asked: int
    tokens_read: int
    tokens_written: int
    seconds: float
    cost: float | None


@dataclass(frozen=True)
class BatchProgress:
    """How far a batch is.

    Attributes
    ----------
    done, total : int
    kept : int
        Of those that are done, how many had been kept from before.
    description : Description or None
        The one that was done last; None before the first.
    """

    done: int
    total: int
    kept: int
    description: Description | None


def parts_of(partition: Partition) -> tuple[Module | Interface, ...]:
    """Return the modules and interfaces of a partition, in the order of a batch."""
    return (*partition.modules, *partition.interfaces)


def estimate(
    facts: Sequence[Facts],
    client: Client | None,
    exemplars: Sequence[Exemplar] = (),
    price_read: float | None = None,
    price_written: float | None = None,
) -> Estimate:
    """Estimate what it takes to describe parts, before any is asked for.

    Parameters
    ----------
    facts : sequence of Facts
    client : Client or None
    exemplars : sequence of Exemplar
    price_read, price_written : float, optional
        Of a million tokens.

    Examples
    --------
    >>> from explorer.description.exemplars import EXEMPLARS
    >>> estimate([EXEMPLARS[0].facts], None)
    Estimate(texts=1, asked=0, tokens_read=0, tokens_written=0, seconds=0.0, cost=0.0)
    """
    if client is None:
        return Estimate(len(facts), 0, 0, 0, 0.0, 0.0)
    asked = [one for one in facts if _kept(one, client, exemplars) is None]
    letters = sum(len(prompt(one, tuple(exemplars) or exemplars_for(one))) for one in asked)
    read, written = round(letters / _LETTERS), LIMIT * len(asked)
    cost = None if client.remote else 0.0
    if price_read is not None and price_written is not None:
        cost = (read * price_read + written * price_written) / _MILLION
    seconds = 0.0 if client.remote else SECONDS * len(asked)
    return Estimate(len(facts), len(asked), read, written, seconds, cost)


def describe_all(
    checkpoint: Checkpoint,
    partition: Partition,
    client: Client | None = None,
    exemplars: Sequence[Exemplar] = (),
    parts: Sequence[Module | Interface] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[BatchProgress]:
    """Describe all modules and interfaces of a network, no two with the same text.

    What a model wrote is kept as soon as it is written, so that a batch that was stopped or killed
    goes on where it was. An endpoint is asked for four at once. Where the text of a model is one
    that another part has already, the measured text stands in its place.

    Parameters
    ----------
    checkpoint : Checkpoint
    partition : Partition
    client : Client, optional
        Without one, the measured texts.
    exemplars : sequence of Exemplar
    parts : sequence of Module or Interface, optional
        By default all.
    stop : callable
        Asked before every text whether to end here.

    Yields
    ------
    BatchProgress
        First with nothing done, then after every text.

    Examples
    --------
    >>> from explorer import find_modules, load, network_graph
    >>> checkpoint = load("xor4-modular")
    >>> partition = find_modules(network_graph(checkpoint), k=2)
    >>> [progress.done for progress in describe_all(checkpoint, partition)]
    [0, 1, 2, 3]
    """
    chosen = parts_of(partition) if parts is None else tuple(parts)
    facts = []
    for part in chosen:
        if stop():
            return
        facts.append(gather_facts(checkpoint, part))
    yield from describe_facts(facts, client, exemplars, stop)


def describe_facts(
    facts: Sequence[Facts],
    client: Client | None,
    exemplars: Sequence[Exemplar] = (),
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[BatchProgress]:
    """Describe parts by their facts; see ``describe_all``."""
    plain = distinct(facts)
    taken: set[str] = set()
    done = before = 0
    yield BatchProgress(0, len(facts), 0, None)
    for index, made, was_kept in _made(facts, client, exemplars, stop):
        text = made
        if client is not None and (made.text in taken or made.fell_back):
            reason = made.fell_back or "another part has the same text"
            text = replace(made, text=plain[index].text, fell_back=reason)
        elif client is None:
            text = plain[index]
        taken.add(text.text)
        done, before = done + 1, before + was_kept
        yield BatchProgress(done, len(facts), before, text)


def _made(
    facts: Sequence[Facts],
    client: Client | None,
    exemplars: Sequence[Exemplar],
    stop: Callable[[], bool],
) -> Iterator[tuple[int, Description, bool]]:
    """Texts in the order in which they are done, as many at once as the client can."""
    if client is None or client.at_once == 1:
        for index, one in enumerate(facts):
            if stop():
                return
            was_kept = client is not None and _kept(one, client, exemplars) is not None
            yield index, describe(one, client, exemplars), was_kept
        return
    ended = threading.Event()
    with ThreadPoolExecutor(client.at_once) as pool:
        running: dict[Future[Description | None], tuple[int, bool]] = {}
        for index, one in enumerate(facts):
            was_kept = _kept(one, client, exemplars) is not None
            job = pool.submit(_unless_ended, ended, one, client, exemplars)
            running[job] = (index, was_kept)
        try:
            while running and not stop():
                finished, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                for job in finished:
                    index, was_kept = running.pop(job)
                    made = job.result()
                    assert made is not None
                    yield index, made, was_kept
        finally:
            ended.set()  # what is being asked is still kept; nothing new is


def _unless_ended(
    ended: threading.Event, facts: Facts, client: Client, exemplars: Sequence[Exemplar]
) -> Description | None:
    return None if ended.is_set() else describe(facts, client, exemplars)


def _kept(facts: Facts, client: Client, exemplars: Sequence[Exemplar]) -> Description | None:
    shown = tuple(exemplars) or exemplars_for(facts)
    return kept(description_key(facts, client, shown), facts)
