"""The one registry of auditors."""

from collections.abc import Mapping

from explorer.auditing.finding import Auditor
from explorer.errors import AuditError

_LISTED: tuple[Auditor, ...] = ()

AUDITORS: Mapping[str, Auditor] = {made.name: made for made in _LISTED}


def auditor(name: str) -> Auditor:
    """Look an auditor up by its name.

    Raises
    ------
    AuditError
        If there is none.
    """
    if name not in AUDITORS:
        raise AuditError(f"found the auditor {name!r:.60}; expected one of {', '.join(AUDITORS)}")
    return AUDITORS[name]
