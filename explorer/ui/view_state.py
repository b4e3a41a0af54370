"""What is in view, in one frozen value that stands in the URL: every view is a link."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# Written out here, because to import them would import torch before the first paint; a test
# holds them against ``explorer.network.weightings`` and ``explorer.modularity.finding``.
WEIGHTINGS = ("activity", "path", "layer")
MAX_COUNT = 64
# What can be kept of the edges of a network that has too many: so many strongest of every neuron,
# or the strongest that hold this share of the weight.
KEEPS: tuple[int | float, ...] = (16, 32, 64, 0.98)
DEFAULT_NETWORK = "pair-modular"
PARAMETERS = ("network", "weighting", "keep", "k", "module", "interface", "run", "case", "with")
_RUN = re.compile(r"[A-Za-z0-9_-]{8,64}")
_CASE = re.compile(r"[a-z]{1,20}\.[a-z0-9]{1,20}\.[a-z0-9]{1,20}\.[0-9]{1,5}")


@dataclass(frozen=True)
class View:
    """The network in view and how it is looked at.

    Attributes
    ----------
    network : str
        A bundled name, or the id of a network that was opened.
    weighting : str or None
        None for the default: activity where the task is known, else path or layer.
    k : int or None
        Number of modules, at most; None to choose it.
    part : str or None
        The module (``A``) or interface (``A-B``) that was clicked.
    run : str or None
        Id of the live run that is watched on the page *Train*.
    case : str or None
        The blind case on the page *Audit*: what was asked for and a number, which tell nothing of
        what was drawn (see ``explorer.ui.audit.drawing``).
    keep : int, float or None
        Which edges the graph keeps, as ``network_graph`` takes it; None for all where they are few,
        else the 32 strongest of every neuron.
    other : str or None
        The network beside it on the page *Compare*: a bundled name or an id.
    """

    network: str = DEFAULT_NETWORK
    weighting: str | None = None
    k: int | None = None
    part: str | None = None
    run: str | None = None
    case: str | None = None
    keep: int | float | None = None
    other: str | None = None

    @property
    def edges(self) -> str | None:
        """The weighting and what is kept, in one key for all that is made of the graph.

        Examples
        --------
        >>> View(weighting="layer", keep=64).edges, View().edges, View(keep=0.98).edges
        ('layer:64', None, ':0.98')
        """
        if self.keep is None:
            return self.weighting
        return f"{self.weighting or ''}:{self.keep}"

    def to_query(self) -> dict[str, str]:
        """Return the view as query parameters; what is left at its default is left out.

        Examples
        --------
        >>> View(network="xor4-modular", k=4, part="A-B").to_query()
        {'network': 'xor4-modular', 'k': '4', 'interface': 'A-B'}
        """
        query = {"network": self.network}
        if self.weighting is not None:
            query["weighting"] = self.weighting
        if self.keep is not None:
            query["keep"] = str(self.keep)
        if self.k is not None:
            query["k"] = str(self.k)
        if self.part is not None:
            query["interface" if "-" in self.part else "module"] = self.part
        if self.run is not None:
            query["run"] = self.run
        if self.case is not None:
            query["case"] = self.case
        if self.other is not None:
            query["with"] = self.other
        return query


def read_edges(edges: str | None) -> tuple[str | None, int | float | None]:
    """Return the weighting and what is kept, of a key that ``View.edges`` made.

    Examples
    --------
    >>> read_edges("layer:64"), read_edges(None), read_edges(":0.98")
    (('layer', 64), (None, None), (None, 0.98))
    """
    weighting, _, keep = (edges or "").partition(":")
    number = float(keep or 0)
    return weighting or None, (int(number) if number >= 1 else number or None)


def read_query(query: Mapping[str, str]) -> tuple[View, tuple[str, ...]]:
    """Read a view from the parameters of a link.

    Parameters
    ----------
    query : mapping of str to str

    Returns
    -------
    View
        With the default in the place of whatever could not be read.
    tuple of str
        A sentence for each thing that could not be read. Whether there is a network or module of
        the name is for others to say.

    Examples
    --------
    >>> read_query({"network": "digits-plain", "k": "many"})[1]
    ("The link asks for k = 'many'; expected a whole number from 1 to 64.",)
    """
    problems = [
        f"The link has a parameter {name!r:.40} that is not known; expected "
        f"{', '.join(PARAMETERS)}."
        for name in query
        if name not in PARAMETERS
    ]
    weighting = query.get("weighting")
    if weighting is not None and weighting not in WEIGHTINGS:
        problems.append(
            f"The link asks for the weighting {weighting!r:.40}; expected one of "
            f"{', '.join(WEIGHTINGS)}."
        )
        weighting = None
    k = None
    text = query.get("k")
    if text is not None:
        if text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= MAX_COUNT:
            k = int(text[:6])
        else:
            problems.append(
                f"The link asks for k = {text!r:.40}; expected a whole number from 1 to "
                f"{MAX_COUNT}."
            )
    keep = next((keep for keep in KEEPS if str(keep) == query.get("keep")), None)
    if "keep" in query and keep is None:
        problems.append(
            f"The link asks to keep {query['keep']!r:.40} of the edges; expected one of "
            f"{', '.join(str(keep) for keep in KEEPS)}."
        )
    part = query.get("module") or query.get("interface")
    run = query.get("run")
    if run is not None and not _RUN.fullmatch(run):
        problems.append(f"The link asks for the run {run!r:.40}; expected the id of a run.")
        run = None
    case = query.get("case")
    if case is not None and not _CASE.fullmatch(case):
        problems.append(f"The link asks for the case {case!r:.40}; expected the name of a case.")
        case = None
    network, other = query.get("network") or DEFAULT_NETWORK, query.get("with") or None
    view = View(network, weighting, k, part, run, case, keep, other)
    return view, tuple(problems)
