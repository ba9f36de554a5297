"""Who may import whom (architecture, sections 2 and 3)."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.house.tree import ROOT, modules, name, syntax_of

OUTSIDE = {
    "random",
    "secrets",
    "time",
    "os",
    "io",
    "pathlib",
    "socket",
    "subprocess",
    "sqlite3",
    "threading",
    "logging",
}
CLOCK = {("date", "today"), ("datetime", "now"), ("datetime", "today"), ("datetime", "utcnow")}
LAW = [
    path for path in modules("conventus") if "rules" in (path.stem, path.parent.name) and "management" not in path.parts
]


def test_the_contracts_of_the_house_are_kept(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == EXIT_STATUS_SUCCESS, capsys.readouterr().out


@pytest.mark.parametrize("path", LAW, ids=name)
def test_law_knows_the_standard_library_and_other_law_only(path: Path) -> None:
    for module in imported(path):
        top = module.partition(".")[0]
        assert top in sys.stdlib_module_names or ".rules" in module, f"{name(path)} imports {module}"
        assert top not in OUTSIDE, f"{name(path)} imports {module}: rules see no clock, no chance and no files"


@pytest.mark.parametrize("path", LAW, ids=name)
def test_law_does_not_look_at_the_clock_or_into_files(path: Path) -> None:
    for node in ast.walk(syntax_of(path)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            assert (node.func.value.id, node.func.attr) not in CLOCK, f"{name(path)}:{node.lineno} asks for the time"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"open", "print", "input"}, f"{name(path)}:{node.lineno} does input or output"


def test_rooms_have_no_signals_and_no_save_of_their_own() -> None:
    for path in modules("conventus"):
        for node in ast.walk(syntax_of(path)):
            if isinstance(node, ast.FunctionDef) and node.name == "save" and path.name.startswith("models"):
                raise AssertionError(f"{name(path)}:{node.lineno}: rows are written by actions, not by save()")
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.db.models.signals"):
                raise AssertionError(f"{name(path)}:{node.lineno}: news travels as lines of the book, not as signals")


def test_rooms_are_asked_through_their_reads_and_changed_through_their_actions() -> None:
    found = []
    for path in modules("conventus"):
        own = path.relative_to(ROOT).parts[1]
        for module in imported(path):
            parts = module.split(".")
            if parts[0] == "conventus" and len(parts) > 2 and parts[1] not in (own, "core") and parts[2] in PRIVATE:
                found.append(f"{name(path)} imports {module}")
    assert not found, "\n".join(found)


PRIVATE = {"views", "forms", "tables", "urls", "migrations", "management"}
"""What no other room may touch; of `models` it may take the classes, for queries that its reads hand out."""


def imported(path: Path) -> list[str]:
    """The modules that a file imports when it runs: what only the type checker sees is left out."""
    found: list[str] = []
    _collect(syntax_of(path), found)
    return found


def _collect(node: ast.AST, found: list[str]) -> None:
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        return
    if isinstance(node, ast.Import):
        found += [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        found += [f"{node.module}.{alias.name}" for alias in node.names]
    for child in ast.iter_child_nodes(node):
        _collect(child, found)
