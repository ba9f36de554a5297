"""Make `.venv` and install what a requirements file lists, every file checked against its hash.

Runs under any Python from 3.11 on, with the standard library only: `python3 tools/install.py requirements/base.txt`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def main() -> None:
    """Install the packages, then the project itself as an editable install built by the listed setuptools."""
    if sys.version_info < (3, 11):  # noqa: UP036  (this file runs before anything could have checked it)
        sys.exit(f"Conventus needs Python 3.11 or newer; this is {sys.version.split()[0]}. Set PYTHON=… for make.")
    (listed,) = sys.argv[1:]
    if not PYTHON.exists():
        make_venv()
    pip = pip_of_venv()
    run(*pip, "install", "--no-deps", "--require-hashes", "--no-compile", "--prefer-binary", "-r", str(ROOT / listed))
    run(*pip, "install", "--no-deps", "--no-build-isolation", "--no-index", "-e", str(ROOT))


def make_venv() -> None:
    """A virtual environment; without a pip of its own where Debian's python3-venv is not installed."""
    print(f"Making {VENV.relative_to(ROOT)} …", flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if made.returncode:
        run(sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV))


def pip_of_venv() -> list[str]:
    """The pip command that installs into the environment: its own, or else the system's, told where to install."""
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    own = [str(PYTHON), "-m", "pip"]
    if subprocess.run([*own, "--version"], capture_output=True).returncode == 0:
        return [*own, *quiet]
    system = [sys.executable, "-m", "pip"]
    if subprocess.run([*system, "--version"], capture_output=True).returncode:
        sys.exit("pip is missing. On Debian: apt-get install python3-pip")
    return [*system, "--python", str(PYTHON), *quiet]


def run(*command: str) -> None:
    """Run a command; end with its status when it fails. An editable install warns of itself, which helps nobody."""
    status = subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONWARNINGS": "ignore"}).returncode
    if status:
        sys.exit(status)


if __name__ == "__main__":
    main()
