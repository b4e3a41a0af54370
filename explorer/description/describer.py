"""Describe a part of a network by its facts, or by a language model that is held to them."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from explorer.description.checking import checked
from explorer.description.clients.base import Client
from explorer.description.description import Description
from explorer.description.exemplars import Exemplar
from explorer.description.kept import keep, kept
from explorer.description.measured import measured_description
from explorer.description.options import options
from explorer.description.prompts import LIMIT, VERSION, exemplars_for, prompt
from explorer.errors import DescriberError
from explorer.observation.facts import Facts
from explorer.observation.record import InterfaceEvidence, ModuleEvidence, NeuronEvidence

Evidence = ModuleEvidence | InterfaceEvidence | NeuronEvidence


def describe(
    evidence: Evidence | Facts,
    client: Client | None = None,
    exemplars: Sequence[Exemplar] = (),
    on_text: Callable[[str], None] | None = None,
) -> Description:
    """Describe a part of a network in one line.

    A language model is shown the facts and writes; then every claim in its text is checked against
    the same facts, and what does not hold is struck. Where nothing is left, or the model cannot be
    asked, the measured text stands, and ``fell_back`` says why. What a model wrote is kept on disk
    and not asked for twice.

    Parameters
    ----------
    evidence : ModuleEvidence, InterfaceEvidence, NeuronEvidence or Facts
    client : Client, optional
        The language model; without one the text is the measured one, at once.
    exemplars : sequence of Exemplar
        Examples of facts and good texts to show the model; by default three that are built in.
    on_text : callable, optional
        Called with all of the text so far, whenever there is more of it. It is not checked yet.

    Returns
    -------
    Description

    Examples
    --------
    >>> from explorer import evidence, find_modules, load, network_graph
    >>> checkpoint = load("xor4-modular")
    >>> module = find_modules(network_graph(checkpoint)).module("A")
    >>> describe(evidence(checkpoint, module)).text
    'Reads bit 3a and bit 3b; active on pair 3 differ; without it pair 3 same loses 100 points.'
    """
    facts = evidence if isinstance(evidence, Facts) else evidence.facts
    measured = measured_description(facts)
    if client is None:
        return measured
    shown = tuple(exemplars) or exemplars_for(facts)
    key = description_key(facts, client, shown)
    if (before := kept(key, facts)) is not None:
        if on_text is not None:
            on_text(before.written)
        return before
    text = ""
    try:
        for piece in _pieces(facts, client, shown):
            text += piece
            if on_text is not None:
                on_text(text)
    except DescriberError as problem:
        return replace(measured, describer=client.name, written=text, fell_back=str(problem))
    made = checked(text, facts, measured, client.name, key)
    keep(made)
    return made


def _pieces(facts: Facts, client: Client, exemplars: Sequence[Exemplar]) -> Iterator[str]:
    if not client.guided:
        return client.complete(prompt(facts, exemplars), LIMIT)
    return client.choose(prompt(facts, exemplars), prompt(None, exemplars), options(facts))


def description_key(facts: Facts, client: Client, exemplars: Sequence[Exemplar]) -> str:
    """Hash of all that decides what a model writes."""
    content = {
        "facts": facts.canonical(),
        "prompt": VERSION,
        "exemplars": [[one.facts_text, one.text] for one in exemplars],
        "client": client.id,
        "decoding": ["guided"] if client.guided else ["greedy", LIMIT],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
