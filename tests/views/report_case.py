"""A report with texts that mean harm, gathered once for all tests that look at it."""

import tempfile
from functools import cache
from pathlib import Path

from explorer import find_modules, load, network_graph
from explorer.curation.report import Report, gather_report
from explorer.curation.texts import Texts
from explorer.curation.versions import Place

HOSTILE = (
    "</title></style><script>document.title='owned'</script><img src=https://evil.example/x.png "
    "onerror=alert(1)> ![x](https://evil.example/y.png) [a](javascript:alert(1)) | `code` **bold**"
)


@cache
def hostile_report() -> Report:
    """Report of the pair network: a text by a person that harms, one by a model, one rejected."""
    checkpoint = load("pair-modular")
    partition = find_modules(network_graph(checkpoint), k=2)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'texts.sqlite'}"
        texts = Texts(url)
        place = Place.of(partition.module("A"))
        model = texts.add(place, "# Generated text", source='Gemma "3" <270M>').version
        person = texts.add(place, HOSTILE, author="Ann <b>", parents=[model.id], name="left <i>")
        texts.accept(person.version.id, "Ben")
        texts.add(place, "another model's text", source="SmolLM2", scores={"odd": [1]})
        interface = Place.of(partition.interfaces[0])
        refused = texts.add(interface, "a rejected text", source="Gemma").version
        texts.reject(refused.id, "Ann")
        return gather_report(checkpoint, partition, url, null_count=2)
