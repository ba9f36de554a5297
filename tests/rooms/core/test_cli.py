"""The `conventus` program: exit status 0, 1 or 2, one line on what is wrong, never a traceback for bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conventus import __version__, cli
from tests.rooms.core.conftest import START, conventus

pytestmark = [pytest.mark.once, pytest.mark.xdist_group("servers")]


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a person does."""
    return subprocess.run(conventus(*words), env=environment, capture_output=True, text=True, timeout=START)


Said = tuple[int, str, str]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run the program here, for what needs no database: exit status, standard output, standard error."""

    def main(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["conventus", *words])
        try:
            cli.main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
            extra = end.code if isinstance(end.code, str) else ""
        else:
            status, extra = 0, ""
        out, err = capsys.readouterr()
        return status, out, err + extra

    return main


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["nosuch"], 1, "Unknown command: 'nosuch'"),
        (["audit"], 2, "the following arguments are required"),
        (["audit", "verify", "--bogus"], 2, "unrecognized arguments: --bogus"),
        (["audit", "verify", "--database"], 1, "--database needs a file path or a URL"),
        (["rules", "explain", "elections.majorty"], 1, "has no rule “elections.majorty”. Similar: "),
        (
            ["rules", "explain", "x", "--pack", "nowhere"],
            1,
            "There is no rule pack “nowhere”. Known packs: association",
        ),
    ],
)
def test_bad_input_is_told_in_words(call: Callable[..., Said], words: list[str], status: int, said: str) -> None:
    found, _, err = call(*words)
    assert said in err
    assert found == status


@pytest.mark.parametrize(
    ("database", "said"),
    [
        ("", "Run “conventus migrate” first."),
        ("/nowhere/at/all.sqlite3", "cannot open the database /nowhere/at/all.sqlite3"),
        (__file__, "file is not a database"),
        ("postgres://nobody@127.0.0.1:1/x", "connection failed"),
        ("oracl://x/y", "the database address “oracl://x/y” cannot be used"),
        ("postgres://u@h:port/x", "cannot be used"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_words(environment: dict[str, str], database: str, said: str) -> None:
    done = run(environment, "audit", "verify", *([f"--database={database}"] if database else []))
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 1


def test_a_fault_of_the_program_shows_its_traceback_on_demand(environment: dict[str, str]) -> None:
    done = run(environment, "audit", "verify", "--traceback")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_the_version_is_the_programs(call: Callable[..., Said]) -> None:
    assert call("--version") == (0, f"conventus {__version__}\n", "")


def test_a_new_database_is_made_and_checked(environment: dict[str, str], tables: Path) -> None:
    done = run(environment, "audit", "verify", "--database", str(tables), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == '{"ok": true, "lines": 0, "head": ""}\n'


def test_the_database_is_taken_out_of_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVENTUS_DATABASE", "before")
    assert cli._take_database(["conventus", "migrate", "--database", "a.sqlite3", "-v", "0"]) == [
        "conventus",
        "migrate",
        "-v",
        "0",
    ]
    assert os.environ["CONVENTUS_DATABASE"] == "a.sqlite3"


def test_a_rule_is_explained_with_its_clause(call: Callable[..., Said]) -> None:
    status, names, _ = call("rules", "list", "--json")
    assert status == 0
    assert "elections.majority.first" in json.loads(names)
    status, words, _ = call("rules", "explain", "elections.majority.first")
    assert status == 0
    assert "citation" in words
    assert "confidence" in words
