"""Open the network of a case, which is trained now if it was not before."""

from collections.abc import Callable

from explorer.auditing.zoo.build import train_member
from explorer.auditing.zoo.folder import ZooFolder
from explorer.auditing.zoo.members import Member
from explorer.auditing.zoo.regimes import training_config
from explorer.errors import AuditError
from explorer.network.checkpoint import Checkpoint
from explorer.network.home import home
from explorer.network.tasks.planted.base import CaseName


def kept_zoo() -> ZooFolder:
    """The zoo of this computer, which grows with the cases that are opened."""
    return ZooFolder(home() / "zoo")


def open_case(
    case: CaseName | str, regime: str, progress: Callable[[float], None] | None = None
) -> Checkpoint:
    """Open the network of a case in a regime; its task is the planted one.

    Parameters
    ----------
    case : CaseName or str
    regime : str
    progress : callable, optional
        Told the share of the training that is done, if there is any to do.

    Raises
    ------
    AuditError
        If there is no such case or regime, or the network cannot be kept.
    TaskError
        If the family has no such kind.
    """
    name = CaseName.read(case) if isinstance(case, str) else case
    if name is None:
        raise AuditError(f"found the case {case!r:.60}; expected such as backdoor-corner-17")
    member, folder = Member(name, regime), kept_zoo()
    steps = training_config(name, regime).steps
    try:
        if folder.record(member) is not None:
            return folder.checkpoint(member)
    except AuditError:  # damaged, or failed before: made anew
        folder.forget(member)
    record, network = train_member(
        member, None if progress is None else lambda step: progress(step.number / steps)
    )
    folder.add(record, network)
    return folder.checkpoint(member)
