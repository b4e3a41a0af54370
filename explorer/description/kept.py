"""Descriptions that language models wrote, kept on disk so that none is asked for twice."""

import contextlib
import json
import re
from dataclasses import asdict
from pathlib import Path

from explorer.description.claims import check_claims
from explorer.description.description import Claim, Description
from explorer.network.atomic import write_atomically
from explorer.network.home import home
from explorer.observation.facts import Facts

_KEY = re.compile(r"[0-9a-f]{64}")


def keep(description: Description) -> None:
    """Keep a description; where the disk is full or cannot be written, do without."""
    payload = json.dumps(asdict(description), ensure_ascii=False).encode()
    with contextlib.suppress(OSError):
        write_atomically(_path(description.key), payload)


def kept(key: str, facts: Facts) -> Description | None:
    """Return the description kept under a key; None if there is none or its file is damaged.

    Its claims are checked anew: the file could have been written by anybody.
    """
    try:
        content = json.loads(_path(key).read_text("utf-8"))
        content["claims"] = tuple(Claim(**claim) for claim in content["claims"])
        found = Description(**content)
        texts = all(isinstance(value, str) for k, value in content.items() if k != "claims")
        same = (found.key, found.facts_id) == (key, facts.id)
        holds = all(claim.holds for claim in check_claims(found.text, facts))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return found if texts and same and holds else None


def _path(key: str) -> Path:
    assert _KEY.fullmatch(key), "a key is a sha256"
    return home() / "descriptions" / key[:2] / f"{key}.json"
