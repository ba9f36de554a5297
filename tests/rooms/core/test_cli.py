"""The `conventus` program: exit status 0, 1 or 2, one line on what is wrong, never a traceback for bad input."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conventus import __version__, cli

pytestmark = pytest.mark.once


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An installation with nothing in it."""
    own = {"CONVENTUS_VAR": str(tmp_path), "CONVENTUS_DATABASE": str(tmp_path / "db.sqlite3")}
    return os.environ | own


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a person does."""
    command = [sys.executable, "-m", "conventus.cli", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["nosuch"], 1, "Unknown command: 'nosuch'"),
        (["audit"], 2, "the following arguments are required"),
        (["audit", "verify", "--bogus"], 2, "unrecognized arguments: --bogus"),
        (["audit", "verify"], 1, "Run “conventus migrate” first."),
        (["audit", "verify", "--database"], 1, "--database needs a file path or a URL"),
        (
            ["audit", "verify", "--database", "/nowhere/at/all.sqlite3"],
            1,
            "cannot open the database /nowhere/at/all.sqlite3",
        ),
        (["audit", "verify", "--database", __file__], 1, "file is not a database"),
        (["audit", "verify", "--database", "postgres://nobody@127.0.0.1:1/x"], 1, "connection failed"),
        (["audit", "verify", "--database=oracl://x/y"], 1, "the database address “oracl://x/y” cannot be used"),
        (["audit", "verify", "--database", "postgres://u@h:port/x"], 1, "cannot be used"),
        (["rules", "explain", "elections.majorty"], 1, "has no rule “elections.majorty”. Similar: "),
        (
            ["rules", "explain", "x", "--pack", "nowhere"],
            1,
            "There is no rule pack “nowhere”. Known packs: association",
        ),
    ],
)
def test_bad_input_is_told_in_words(environment: dict[str, str], words: list[str], status: int, said: str) -> None:
    done = run(environment, *words)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == status


def test_a_fault_of_the_program_shows_its_traceback_on_demand(environment: dict[str, str]) -> None:
    done = run(environment, "audit", "verify", "--traceback")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_the_version_is_the_programs(environment: dict[str, str]) -> None:
    assert run(environment, "--version").stdout == f"conventus {__version__}\n"


def test_a_new_database_is_made_checked_and_asked(environment: dict[str, str], tmp_path: Path) -> None:
    other = str(tmp_path / "other.sqlite3")
    assert run(environment, "migrate", "-v", "0", "--database", other).returncode == 0
    done = run(environment, "audit", "verify", f"--database={other}", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == '{"ok": true, "lines": 0, "head": ""}\n'
    assert not (tmp_path / "db.sqlite3").exists()


def test_the_database_is_taken_out_of_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVENTUS_DATABASE", "before")
    assert cli._take_database(["conventus", "migrate", "--database", "a.sqlite3", "-v", "0"]) == [
        "conventus",
        "migrate",
        "-v",
        "0",
    ]
    assert os.environ["CONVENTUS_DATABASE"] == "a.sqlite3"


def test_a_rule_is_explained_with_its_clause(environment: dict[str, str]) -> None:
    names = run(environment, "rules", "list", "--json")
    assert names.returncode == 0
    done = run(environment, "rules", "explain", "elections.majority.first")
    assert done.returncode == 0, done.stderr
    assert "citation" in done.stdout
    assert "confidence" in done.stdout
