"""The whole suite: on SQLite, and what touches rows again on PostgreSQL (docs/operate/tests.md).

`python -m tools.test [PYTEST ARGUMENT …]`: arguments go to both runs, so `-k ballot` narrows both.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tools import chromium, postgres

ROOT = Path(__file__).resolve().parent.parent
NO_TEST_CHOSEN = 5
"""pytest's exit status when the arguments leave nothing to run; the other database may still have something."""


def main() -> None:
    """Run both halves even when the first one fails; exit with the first failure's status."""
    signal.signal(signal.SIGTERM, _as_exit)
    arguments = sys.argv[1:]
    var = tempfile.mkdtemp(prefix="conventus-test-")
    try:
        os.environ |= {"CONVENTUS_VAR": var, "CONVENTUS_CHROMIUM": chromium.find_or_install()}
        os.environ["CONVENTUS_BOTH_DATABASES"] = "1"
        # The tests start the program dozens of times: it should not be compiled anew each time.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        statuses = [_run("SQLite", f"{var}/conventus.sqlite3", arguments)]
        with postgres.server() as url:
            statuses.append(_run("PostgreSQL", url, arguments))
    finally:
        shutil.rmtree(var, ignore_errors=True)
    sys.exit(_verdict(statuses))


def _run(name: str, database: str, arguments: list[str]) -> int:
    print(f"\n── {name} " + "─" * 60, flush=True)
    began = time.monotonic()
    pytest = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup", *arguments]
    status = subprocess.run(pytest, cwd=ROOT, env=os.environ | {"CONVENTUS_DATABASE": database}).returncode
    print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    return status


def _verdict(statuses: list[int]) -> int:
    failed = [status for status in statuses if status not in (0, NO_TEST_CHOSEN)]
    if failed:
        return failed[0]
    return NO_TEST_CHOSEN if set(statuses) == {NO_TEST_CHOSEN} else 0


def _as_exit(*_: Any) -> None:
    sys.exit(143)


if __name__ == "__main__":
    main()
