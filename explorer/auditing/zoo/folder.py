"""The folder of a zoo: its members, and one record and one network for each.

::

    members.json               which members it is to have
    members/NAME.json          settings and figures of a member, or why it failed
    members/NAME.safetensors   its network
    lock, stop                 see ``explorer.sweeps.work_folder``

A zoo half built, or with damaged files, can be read: what is there is used, and one sentence says
what is not.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from explorer.auditing.zoo.members import Member, MemberRecord
from explorer.auditing.zoo.regimes import training_config
from explorer.errors import AuditError, ExplorerError
from explorer.network.checkpoint import Checkpoint
from explorer.network.load import load_bytes
from explorer.sweeps.work_folder import WorkFolder

_VERSION = 1


@dataclass(frozen=True)
class ZooContent:
    """What is in a zoo, as far as it is built.

    Attributes
    ----------
    members : tuple of Member
        What it is to have.
    records : mapping of Member to MemberRecord
        Of those that are there.
    failed : mapping of Member to str
        Why the training of others failed, a sentence each.
    damaged : mapping of Member to str
        What is wrong with the files of others, a sentence each.
    """

    members: tuple[Member, ...]
    records: Mapping[Member, MemberRecord]
    failed: Mapping[Member, str]
    damaged: Mapping[Member, str]

    @property
    def missing(self) -> int:
        """Members that nothing is there of yet."""
        return len(self.members) - len(self.records) - len(self.failed) - len(self.damaged)

    @property
    def partial(self) -> str:
        """One sentence that says what is not there; empty where all is."""
        counts = {
            "not built yet": self.missing,
            "failed": len(self.failed),
            "damaged": len(self.damaged),
        }
        said = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        here = f"{len(self.records)} of {len(self.members)} networks are here"
        return f"The zoo is partial: {here}; {said}." if said else ""


class ZooFolder(WorkFolder):
    """A zoo on disk.

    Parameters
    ----------
    path : path

    Examples
    --------
    >>> import tempfile
    >>> folder = ZooFolder(tempfile.mkdtemp())
    >>> folder.write_members([Member.read("backdoor-corner-17.plain")])
    >>> folder.content().partial
    'The zoo is partial: 0 of 1 networks are here; 1 not built yet.'
    """

    what, parts, error = "zoo", "members", AuditError

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__(path)
        self._checked: dict[Member, MemberRecord] = {}

    @property
    def exists(self) -> bool:
        """Whether there is a zoo."""
        return (self.path / "members.json").is_file()

    def members(self) -> tuple[Member, ...]:
        """Read which members it is to have.

        Raises
        ------
        AuditError
            If there is no zoo here, or its list was damaged.
        """
        try:
            names = json.loads((self.path / "members.json").read_bytes())
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise ValueError("no list of names")
        except OSError as problem:
            raise AuditError(
                f"found no zoo in {str(self.path)!r:.200}; expected a folder with a members.json, "
                f"as explorer zoo build makes it"
            ) from problem
        except ValueError as problem:
            raise AuditError(
                f"the list of members in {str(self.path)!r:.200} was damaged; expected a list of "
                f"names (building it again repairs it)"
            ) from problem
        return tuple(Member.read(name) for name in names)

    def write_members(self, members: Iterable[Member]) -> None:
        """Say which members it is to have; those of an earlier list stay built."""
        names = [str(member) for member in members]
        self._write("members.json", json.dumps(names, indent=0).encode())

    def content(self, members: Iterable[Member] | None = None) -> ZooContent:
        """Read what is there of the members, in their order.

        A damaged file is known by its hash; no network is opened for that.
        """
        wanted = self.members() if members is None else tuple(members)
        records: dict[Member, MemberRecord] = {}
        failed: dict[Member, str] = {}
        damaged: dict[Member, str] = {}
        for member in wanted:
            try:
                record = self.record(member)
            except AuditError as problem:
                damaged[member] = str(problem)
                continue
            if record is None:
                continue
            if record.failed is not None:
                failed[member] = record.failed
            else:
                records[member] = record
        return ZooContent(wanted, records, failed, damaged)

    def record(self, member: Member) -> MemberRecord | None:
        """Read the record of a member; None where there is none, or of other settings.

        Raises
        ------
        AuditError
            If its files were damaged.
        """
        if member in self._checked:
            return self._checked[member]
        path = self.path / "members" / f"{member}.json"
        try:
            data = path.read_bytes()
        except OSError:
            return None
        try:
            kept: dict[str, Any] = json.loads(data)
            record = MemberRecord.from_dict(kept["record"])
            settings, version = dict(kept["settings"]), kept["version"]
        except (ValueError, KeyError, TypeError, AttributeError, ExplorerError) as problem:
            raise AuditError(
                f"the record of {member} was damaged; expected figures (building the zoo again "
                f"makes them anew)"
            ) from problem
        if record.member != member:
            raise AuditError(f"the record of {member} is that of {record.member}; expected its own")
        now = training_config(member.case, member.regime).to_dict()
        if version != _VERSION or any(now.get(key) != value for key, value in settings.items()):
            return None
        if record.failed is not None:
            return record
        try:
            found = digest_of(path.with_suffix(".safetensors").read_bytes())
        except OSError as problem:
            raise AuditError(
                f"the network of {member} cannot be read ({problem.strerror}); expected a file "
                f"(building the zoo again makes it anew)"
            ) from problem
        if found != record.digest:
            raise AuditError(
                f"the network of {member} was damaged; expected the file that was written "
                f"(building the zoo again makes it anew)"
            )
        self._checked[member] = record
        return record

    def add(self, record: MemberRecord, network: bytes = b"") -> None:
        """Keep a member: first its network, then the record that says it is done.

        Raises
        ------
        AuditError
            If it cannot be written.
        """
        member = record.member
        kept = {
            "version": _VERSION,
            "settings": training_config(member.case, member.regime).to_dict(),
            "record": record.to_dict(),
        }
        self._checked.pop(member, None)
        if record.failed is None:
            self._write(f"members/{member}.safetensors", network)
        text = json.dumps(kept, indent=1, allow_nan=False)
        self._write(f"members/{member}.json", text.encode())

    def checkpoint(self, member: Member) -> Checkpoint:
        """Open the network of a member; its task is the planted one.

        Raises
        ------
        AuditError
            If there is none, or it was damaged.
        """
        path = self.path / "members" / f"{member}.safetensors"
        record = self.record(member)
        if record is None or record.failed is not None:
            why = "nothing" if record is None else record.failed
            raise AuditError(f"found no network of {member} ({why}); expected a zoo that has it")
        try:
            found = load_bytes(path.read_bytes(), path.name, recorded_name=True)
        except (OSError, ExplorerError) as problem:
            raise AuditError(
                f"the network of {member} cannot be opened ({problem}); expected the one that was "
                f"trained (building the zoo again makes it anew)"
            ) from problem
        return found

    def forget(self, member: Member) -> None:
        """Take a member out, so that it is made anew."""
        self._checked.pop(member, None)
        (self.path / "members" / f"{member}.json").unlink(missing_ok=True)


def digest_of(data: bytes) -> str:
    """Hash the content of a file, to tell whether it was damaged."""
    return hashlib.sha256(data).hexdigest()[:16]
