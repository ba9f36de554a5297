"""The files of the project, as a clone would hold them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {".git", ".venv", "var", "build", "node_modules"}


@cache
def files() -> tuple[Path, ...]:
    """Every file that is or would be committed; without git, every file outside what set-up and runs make."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode == 0:
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        found = [path for path in ROOT.rglob("*") if not NOT_OURS & set(path.relative_to(ROOT).parts)]
    return tuple(sorted(path for path in found if path.is_file() and not path.is_symlink()))


def name(path: Path) -> str:
    """The path as it is written in the project."""
    return path.relative_to(ROOT).as_posix()


def modules(*tops: str) -> list[Path]:
    """The Python files below the given folders, without migrations."""
    chosen = [path for path in files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in tops]
    return [path for path in chosen if "migrations" not in path.parts]


@cache
def import_everything() -> None:
    """Import every module of the rooms: refusals and actions are registered where they are."""
    for path in modules("conventus"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))


@cache
def text_of(path: Path) -> str:
    """What a file says; nothing where it is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def syntax_of(path: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse(text_of(path), filename=name(path))
