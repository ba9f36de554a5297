"""Scans for trying the count: written by a command, read by the engine like any other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from .conftest import World
from .scans import ballot_to_scan, form_for


def test_sample_scans_are_ballots_of_the_paper(world: World, tmp_path: Path) -> None:
    from engines.omr.run import read_scans

    ballot = ballot_to_scan(world)
    form = form_for(ballot)
    call_command("sample_scans", str(ballot.pk), out=tmp_path / "scans", count=5)
    (tmp_path / "layout.json").write_text(form.layout, encoding="utf-8")
    read_scans([tmp_path / "scans"], tmp_path / "layout.json", tmp_path / "out")
    sheets = json.loads((tmp_path / "out" / "results.json").read_text())["sheets"]
    assert len(sheets) == 5
    assert [one["state"] for one in sheets].count("read") == 4
    for sheet in (one for one in sheets if one["state"] == "read"):
        chosen = [key for key, mark in sheet["read"].items() if mark == "chosen"]
        assert ballot.seats - 1 <= len(chosen) <= ballot.seats


def test_sample_scans_say_what_is_missing(world: World, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there is no ballot 0"):
        call_command("sample_scans", "0", out=tmp_path)
    ballot = ballot_to_scan(world)
    with pytest.raises(CommandError, match="no paper"):
        call_command("sample_scans", str(ballot.pk), out=tmp_path)
    form_for(ballot)
    with pytest.raises(CommandError, match="at least 1"):
        call_command("sample_scans", str(ballot.pk), out=tmp_path, count=0)
