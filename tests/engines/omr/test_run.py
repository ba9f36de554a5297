"""Runs over files: every kind of input, bad input named, killed runs continued, folders watched."""

import json
import threading
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image as Pictures

from engines.omr.__main__ import main
from engines.omr.simulate import Simulator


@pytest.fixture
def scans(simulators: dict[str, Simulator], tmp_path: Path) -> Path:
    """A folder with three JPEG scans."""
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in range(3):
        cv2.imwrite(str(folder / f"{number}.jpg"), simulators["boxes"].scan(number, "clean-150").picture)
    return folder


def read(folders: dict[str, Path], out: Path, *given: object, style: str = "boxes", code: int = 0) -> dict[str, Any]:
    arguments = ["read", *map(str, given), "--layout", str(folders[style] / "layout.json"), "--out", str(out)]
    assert main(arguments) == code
    return json.loads((out / "results.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def without_time(results: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in results.items() if key != "timing"}


def test_all_containers_give_the_same_totals(folders: dict[str, Path], scans: Path, tmp_path: Path) -> None:
    pictures = [Pictures.open(path).convert("L") for path in sorted(scans.iterdir())]
    pictures[0].save(tmp_path / "all.tif", save_all=True, append_images=pictures[1:], compression="tiff_lzw")
    pictures[0].save(tmp_path / "all.pdf", save_all=True, append_images=pictures[1:], resolution=150, quality=95)
    for number, picture in enumerate(pictures):
        (tmp_path / "png").mkdir(exist_ok=True)
        picture.convert("RGB").save(tmp_path / "png" / f"{number}.png")
    given = (scans, tmp_path / "all.tif", tmp_path / "all.pdf", tmp_path / "png")
    totals = [read(folders, tmp_path / f"o{n}", item)["totals"] for n, item in enumerate(given)]
    assert totals[0]["states"]["read"] == 3
    assert all(item == totals[0] for item in totals)


def test_a_cat_and_another_election_are_no_ballots(
    folders: dict[str, Path], simulators: dict[str, Simulator], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cv2.imwrite(str(tmp_path / "cat.png"), simulators["boxes"].scan(1, "foreign-picture").picture)
    cv2.imwrite(str(tmp_path / "other.png"), simulators["strike"].scan(1, "clean-200").picture)
    results = read(folders, tmp_path / "out", tmp_path / "cat.png", tmp_path / "other.png", code=1)
    assert "cat.png: page 1 shows no ballot" in capsys.readouterr().err
    states = {Path(sheet["file"]).name: sheet["state"] for sheet in results["sheets"]}
    assert states == {"cat.png": "unreadable", "other.png": "foreign"}


def test_a_killed_run_goes_on_without_double_count(folders: dict[str, Path], scans: Path, tmp_path: Path) -> None:
    whole = read(folders, tmp_path / "whole", scans)
    out = tmp_path / "out"
    read(folders, out, scans)
    (out / "results.json").unlink()
    journal = out / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:2]) + lines[2][:40])
    again = read(folders, out, scans)
    assert without_time(again) == without_time(whole)
    assert again["timing"]["pages"] == 2
    assert without_time(read(folders, out, scans)) == without_time(whole)


def test_another_layouts_journal_is_refused(
    folders: dict[str, Path], scans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read(folders, tmp_path / "out", scans / "0.jpg")
    arguments = ["read", str(scans), "--layout", str(folders["strike"] / "layout.json"), "--out", str(tmp_path / "out")]
    assert main(arguments) == 1
    assert "another layout" in capsys.readouterr().err


def test_two_workers_read_the_same(folders: dict[str, Path], scans: Path, tmp_path: Path) -> None:
    alone = read(folders, tmp_path / "one", scans)
    assert without_time(read(folders, tmp_path / "two", scans, "--workers", 2)) == without_time(alone)


def test_a_folder_is_watched_while_it_fills(folders: dict[str, Path], scans: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()

    def scanner() -> None:
        for path in sorted(scans.iterdir()):
            data = path.read_bytes()
            with (folder / path.name).open("wb") as file:
                file.write(data[:5000])
                file.flush()
                time.sleep(0.05)
                file.write(data[5000:])

    feeder = threading.Thread(target=scanner)
    feeder.start()
    results = read(folders, tmp_path / "out", folder, "--watch", "--until", 3, "--idle", 15)
    feeder.join()
    assert results["totals"]["states"]["read"] == 3


def test_doubts_have_pictures(folders: dict[str, Path], simulators: dict[str, Simulator], tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), simulators["boxes"].scan(2, "ambiguous").picture)
    out = tmp_path / "out"
    sheet = read(folders, out, tmp_path / "a.png")["sheets"][0]
    assert sheet["state"] == "review"
    for doubt in sheet["doubts"]:
        assert np.asarray(Pictures.open(out / doubt["crop"])).size > 500


def test_missing_things_are_said_plainly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", str(tmp_path), "--layout", str(tmp_path / "no.json"), "--out", str(tmp_path / "o")]) == 1
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    assert main(["read", str(tmp_path), "--layout", str(tmp_path / "bad.json"), "--out", str(tmp_path / "o")]) == 1
    assert main(["print", str(tmp_path / "bad.json"), "--out", str(tmp_path / "o")]) == 1
    said = capsys.readouterr().err
    assert said.count("omr: ") == 3
    assert "Traceback" not in said
