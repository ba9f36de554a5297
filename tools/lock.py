"""Choose the versions of all packages and write their hashes: `python -m tools.lock [PACKAGE]`.

Without a package everything moves to its newest version that pyproject.toml allows; with one, only that package.
The lists carry hashes and no address: where packages come from is the machine's affair.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPILE = (
    *(sys.executable, "-m", "piptools", "compile", "--quiet", "--generate-hashes", "--strip-extras", "--allow-unsafe"),
    *("--no-emit-index-url", "--no-emit-find-links", "--no-header", "--build-deps-for=editable"),
)


def main() -> None:
    """Write base.txt, then dev.txt, which carries everything of base.txt in the same versions."""
    newer = [f"--upgrade-package={name}" for name in sys.argv[1:]] or ["--upgrade"]
    compile_list("base", newer)
    compile_list("dev", [*newer, "--extra=dev", "--constraint=requirements/base.txt"])


def compile_list(name: str, options: list[str]) -> None:
    """Write requirements/<name>.txt."""
    quiet = os.environ | {"PYTHONWARNINGS": "ignore"}
    command = [*COMPILE, *options, "-o", f"requirements/{name}.txt", "pyproject.toml"]
    subprocess.run(command, cwd=ROOT, check=True, env=quiet)


if __name__ == "__main__":
    main()
