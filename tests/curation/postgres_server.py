"""A real Postgres server from Debian's package, on loopback, for as long as the tests run."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PASSWORD = "pw-Ähre/@:3"  # must be escaped in a URL, and never be seen anywhere
MISSING = (
    "found no Postgres server on this machine; expected Debian's package: run "
    "'apt-get install postgresql', as make test does where it may"
)


def binaries() -> Path:
    """Folder of initdb and pg_ctl; a sentence if there is none."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    found += [Path(on_path).parent] if on_path else []
    if not found:
        raise RuntimeError(MISSING)
    return found[0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres_server() -> Iterator[int]:
    """Start a server whose superuser is ``explorer``; its port."""
    programs = binaries()
    folder = Path(tempfile.mkdtemp(prefix="explorer-postgres-"))
    as_user: list[str] = []
    secret = folder / "password"
    secret.write_text(PASSWORD, "utf-8")
    if os.getuid() == 0:  # the server refuses to run as root
        owner = pwd.getpwnam("postgres")
        for path in (folder, secret):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        as_user = ["runuser", "-u", "postgres", "--"]

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*as_user, str(programs / program), "-D", str(folder / "data"), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a pipe would be held open by the server
            stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            cwd=folder,
            check=False,
        )
        log = folder / "log"
        said = done.stderr or (log.read_bytes() if log.exists() else b"")
        assert done.returncode == 0, f"{program}: {said.decode(errors='replace')}"

    try:
        run("initdb", "-U", "explorer", "-E", "UTF8", "--locale=C", "--no-sync",
            "--auth=scram-sha-256", "--pwfile", str(secret))  # fmt: skip
        port = free_port()
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} "
            f"-c fsync=off -c max_connections=60 -c shared_buffers=16MB"
        )
        run("pg_ctl", "-w", "-t", "60", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield port
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
