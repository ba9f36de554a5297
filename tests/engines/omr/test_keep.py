"""Kept pages and ballots: by content, never by order; and a full disk loses nothing."""

import resource
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Pictures

from engines.omr.keeping import forget_order
from engines.omr.results import Sheet, settle
from engines.omr.simulate import Simulator
from tests.engines.omr.test_results import LAYOUT, TWO_PAGES
from tests.engines.omr.test_run import read, without_time


@pytest.fixture
def scans(simulators: dict[str, Simulator], tmp_path: Path) -> Path:
    """A clean ballot upside down, one with a doubt, and a back."""
    folder = tmp_path / "scans"
    folder.mkdir()
    for number, kind in enumerate(("upside-down", "ambiguous", "blank-back")):
        cv2.imwrite(str(folder / f"{number}.jpg"), simulators["boxes"].scan(number, kind).picture)
    return folder


def page(key: str, number: int | None, state: str = "read", name: str = "f") -> Sheet:
    return Sheet(name, int(key[1:]), "s", key, state, 0, 1.0, "e", number, {}, ())


def test_pages_are_kept_upright_and_undated(folders: dict[str, Path], scans: Path, tmp_path: Path) -> None:
    results = read(folders, tmp_path / "out", scans, "--keep")
    assert len(list((tmp_path / "out" / "pages").iterdir())) == len(results["sheets"]) == 3
    for sheet in results["sheets"]:
        path = tmp_path / "out" / sheet["picture"]
        assert path.name == f"{sheet['key']}.jpg"
        with Pictures.open(path) as picture:
            assert picture.mode == "L"
            assert not picture.getexif()
            assert max(picture.size) <= 2339
    kept = [*(tmp_path / "out" / "pages").iterdir(), *(tmp_path / "out" / "crops").iterdir()]
    assert {path.stat().st_mtime for path in kept} == {0}
    upright = next(sheet for sheet in results["sheets"] if sheet["rotation"] == 180)
    again = read(folders, tmp_path / "again", tmp_path / "out" / upright["picture"])["sheets"][0]
    assert (again["rotation"], again["read"]) == (0, upright["read"])


def test_without_keep_no_page_is_kept(folders: dict[str, Path], scans: Path, tmp_path: Path) -> None:
    results = read(folders, tmp_path / "out", scans)
    assert not list((tmp_path / "out" / "pages").iterdir())
    assert all(sheet["picture"] is None for sheet in results["sheets"])


def test_a_forgotten_order_is_nowhere(folders: dict[str, Path], scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    before = read(folders, out, scans, "--keep")
    forget_order(out)
    files = [path for path in out.rglob("*") if path.is_file()]
    assert {path.parent.name if path.parent != out else path.name for path in files} == {
        "results.json", "crops", "pages",
    }  # fmt: skip
    assert all(f"{number}.jpg" not in (out / "results.json").read_text(encoding="utf-8") for number in range(3))
    changed = [path.stat().st_ctime_ns for path in sorted((out / "pages").iterdir())]
    assert changed == sorted(changed)
    again = read(folders, out, scans, "--keep")
    assert without_time(again) == without_time(before)


def test_pages_of_a_ballot_share_its_identifier() -> None:
    scans = [page("k1", 2), page("k2", 1), page("k3", None, "blank"), page("k4", 1), page("k5", None, "review"),
             page("k6", 2), page("k7", 1)]  # fmt: skip
    ballots = {sheet.key: sheet.ballot for sheet in settle(scans, TWO_PAGES)}
    assert ballots["k1"] == ballots["k2"] is not None
    assert ballots["k3"] is None
    assert ballots["k6"] == ballots["k7"]
    assert len({ballots[f"k{n}"] for n in (1, 4, 5, 6)}) == 4


def test_the_identifier_tells_nothing_of_order() -> None:
    first = settle([page("k1", 1, name="a"), page("k2", 1, name="b")], LAYOUT)
    second = settle([page("k2", 1, name="a"), page("k1", 1, name="b")], LAYOUT)
    assert [(sheet.key, sheet.ballot) for sheet in first] == [(sheet.key, sheet.ballot) for sheet in second]


def test_the_same_picture_twice_is_two_ballots() -> None:
    done = settle([page("k1", 1, name="a"), page("k1", 1, name="b")], LAYOUT)
    assert len({sheet.ballot for sheet in done}) == 2


@pytest.mark.parametrize("state", ["foreign", "blank", "unreadable"])
def test_what_is_no_ballot_has_no_identifier(state: str) -> None:
    assert settle([page("k1", None, state)], LAYOUT)[0].ballot is None


@pytest.mark.parametrize("room", [0, 900, 20_000])
def test_a_full_disk_is_named_and_a_later_run_goes_on(
    room: int, folders: dict[str, Path], scans: Path, tmp_path: Path
) -> None:
    """No file may grow past `room` bytes: the journal, a picture or the results are cut off in the middle."""
    out = tmp_path / "out"
    command = [sys.executable, "-m", "engines.omr", "read", str(scans), "--keep", "--out", str(out)]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    done = subprocess.run(
        [*command, "--layout", str(folders["boxes"] / "layout.json")],
        preexec_fn=limit, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert str(out) in done.stderr
    assert "Traceback" not in done.stderr
    assert not (out / "results.json").exists()
    assert not list(out.rglob("*.part"))
    whole = read(folders, tmp_path / "whole", scans, "--keep")
    assert without_time(read(folders, out, scans, "--keep")) == without_time(whole)


def test_a_line_torn_in_the_middle_of_the_journal_is_read_again(
    folders: dict[str, Path], scans: Path, tmp_path: Path
) -> None:
    whole = read(folders, tmp_path / "out", scans)
    journal = tmp_path / "out" / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0] + b"\0" * 60 + b"\n" + lines[2])
    again = read(folders, tmp_path / "out", scans)
    assert without_time(again) == without_time(whole)
    assert again["timing"]["pages"] == 3


def test_a_picture_that_is_kept_twice_is_written_once(folders: dict[str, Path], scans: Path, tmp_path: Path) -> None:
    (scans / "copy.jpg").write_bytes((scans / "0.jpg").read_bytes())
    results = read(folders, tmp_path / "out", scans, "--keep")
    keys = [sheet["key"] for sheet in results["sheets"]]
    assert len(list((tmp_path / "out" / "pages").iterdir())) == len(set(keys)) == len(keys) - 1
    assert np.all([sheet["picture"] for sheet in results["sheets"]])
