"""The descriptions that the quiz asks about, and those that fill up."""

from __future__ import annotations

from dataclasses import replace

from explorer.network.bundled import bundled_names
from explorer.ui import cache, text_cache
from explorer.ui.view_state import View
from explorer.views.quiz import OPTIONS

ENOUGH = OPTIONS  # different texts of a network: fewer need those of a like one
_MORE_MODULES = 6  # of the same network, split more finely, where no like one has enough


def texts_of(view: View) -> dict[str, str]:
    """Return the measured text of every module of the network in view."""
    found = cache.partition(view.network, view.edges, view.k)
    names = [module.name for module in found.modules]
    text_cache.prepare(view.network, view.edges, view.k, names)
    return {
        name: text_cache.measured(view.network, view.edges, view.k, name).text for name in names
    }


def foils_of(view: View) -> dict[str, str]:
    """Return texts of networks with the same task, or of finer splits of this one."""
    task = cache.network(view.network).task_name
    own = set(texts_of(view).values())
    foils: dict[str, str] = {}
    like = [
        View(network=name)
        for name in bundled_names()
        if name != view.network and task is not None and cache.network(name).task_name == task
    ]
    for other in (*like, replace(view, k=_MORE_MODULES)):
        for part, text in texts_of(other).items():
            foils[f"{other.network} {other.k} {part}"] = text
        if len(own | set(foils.values())) >= OPTIONS:
            break
    return foils


def plain(text: str) -> str:
    """Take from a text all that Markdown would read as more than letters."""
    return "".join(
        f"\\{letter}" if letter in r"\`*_{}[]()#+-!$:<>|~" else letter for letter in text
    )
