"""What goes wrong while ballots are scanned: kills, a full disk, jams, double feeds, files that are no scans."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conventus.core.jobs import silent
from conventus.core.rules import Refusal
from conventus.elections import actions, jobs, reads
from conventus.elections.models import ScanBatch, Sheet
from conventus.elections.scans import devices
from conventus.elections.scans.folder import Folder
from conventus.elections.scans.reading import progress_of
from tests.engines.omr.test_bad_input import locked_pdf
from tests.rooms.core.conftest import START, conventus, environment, tables

from .conftest import World, refused
from .scans import MIXED, Scanned, ballot_to_scan, form_for, read_now, scanned, write_scans
from .test_scanning import settle

__all__ = ["environment", "scanned", "tables"]

PATIENCE = 240.0
"""Seconds that real processes may take on a busy machine; a quiet one needs ten."""


def opened(world: World, **more: Any) -> ScanBatch:
    """A stack whose reading is about to begin."""
    form = form_for(ballot_to_scan(world, issued=12))
    batch = actions.open_batch(world.people["one"], form, **more)
    return actions.start_reading(world.people["one"], batch)


def engines_of(pid: int) -> list[int]:
    """The engine's processes among the children of a process."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(one) for one in children if b"engines.omr" in Path(f"/proc/{one}/cmdline").read_bytes()]


# Kills --------------------------------------------------------------------------------------------


def test_an_engine_that_is_killed_is_started_again_and_reads_on(world: World) -> None:
    batch = opened(world)
    write_scans(batch.directory / "inbox", batch.form, MIXED)
    killed: list[int] = []

    def kill_once(*_: object) -> None:
        if not killed and pages(batch.directory) >= 2:
            killed.extend(engines_of(os.getpid()))
            os.kill(killed[0], signal.SIGKILL)
        if killed and pages(batch.directory) == len(MIXED):
            (batch.directory / "complete").touch()

    jobs.read_batch(world.people["one"], kill_once, batch=batch.pk)
    assert len(killed) == 1
    assert batch.sheets.count() == len(MIXED)
    assert set(batch.sheets.values_list("state", flat=True)) == {"read", "review"}


def test_an_engine_that_dies_again_and_again_ends_the_reading_with_words(world: World) -> None:
    batch = opened(world)

    def kill(*_: object) -> None:
        for pid in engines_of(os.getpid()):
            os.kill(pid, signal.SIGKILL)

    with pytest.raises(Refusal) as found:
        jobs.read_batch(world.people["one"], kill, batch=batch.pk)
    assert found.value.code == "elections.engine_failed"
    batch.refresh_from_db()
    assert batch.state == "reading"
    assert engines_of(os.getpid()) == []


@pytest.fixture
def installed(environment: dict[str, str], tables: Path) -> Iterator[SimpleNamespace]:
    """An installation of its own with a ballot to scan, and what can be started in it."""
    shutil.copy(tables, environment["CONVENTUS_DATABASE"])
    environment = environment | {"CONVENTUS_TODAY": "2025-02-24"}
    started: list[subprocess.Popen[str]] = []

    def call(*words: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "tests.rooms.elections.installation", *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def start(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            conventus(*words), env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield SimpleNamespace(call=call, start=start, var=Path(environment["CONVENTUS_VAR"]), **call("build"))
    for process in started:
        for end in (signal.SIGTERM, signal.SIGKILL):
            with _gone():
                os.killpg(process.pid, end)
        process.communicate(timeout=START)


@contextmanager
def _gone() -> Iterator[None]:
    try:
        yield
    except ProcessLookupError:
        return


def until(true: Callable[[], Any]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.2)


def pages(directory: Path | str) -> int:
    return int(progress_of(Folder(Path(directory)))["pages"])


@pytest.mark.once
@pytest.mark.xdist_group("servers")
def test_two_stacks_are_read_at_once_and_one_outlives_the_kill_of_the_other(installed: SimpleNamespace) -> None:
    """Real worker, real jobs in processes of their own: one is killed, goes on, and counts nothing twice."""
    form = SimpleNamespace(layout=installed.layout)
    one, two = installed.call("ask", str(installed.form)), installed.call("ask", str(installed.form))
    installed.start("worker")
    for stack, first in ((one, 0), (two, 20)):
        write_scans(Path(stack["directory"], "inbox"), form, MIXED[:3], first)  # type: ignore[arg-type]
    until(lambda: pages(one["directory"]) == 3 and pages(two["directory"]) == 3)
    victim = _job_process(one["job"])
    engines = engines_of(victim)
    os.kill(victim, signal.SIGKILL)
    until(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() and _cmdline(pid) for pid in engines))
    write_scans(Path(one["directory"], "inbox"), form, MIXED[3:], 3)  # type: ignore[arg-type]
    Path(two["directory"], "complete").touch()
    until(lambda: installed.call("show", str(two["stack"]))["state"] == "read")
    again = installed.call("ask", str(installed.form), str(one["stack"]))
    assert again["directory"] == one["directory"]
    until(lambda: pages(one["directory"]) == 6)
    Path(one["directory"], "complete").touch()
    until(lambda: installed.call("show", str(one["stack"]))["state"] == "read")
    shown = installed.call("show", str(one["stack"]))
    assert (shown["pages"], shown["sheets"], shown["keys"]) == (6, 6, 6)
    until(lambda: installed.call("show", str(one["stack"]))["jobs"] == ["failed", "done"])
    assert installed.call("show", str(two["stack"]))["sheets"] == 3


def _cmdline(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


def _job_process(job: int) -> int:
    wanted = f"worker\0--job\0{job}\0".encode()
    running = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    return next(pid for pid in running if wanted in _cmdline(pid))


@pytest.mark.once
@pytest.mark.xdist_group("servers")
def test_the_command_line_is_killed_and_goes_on(installed: SimpleNamespace, tmp_path: Path) -> None:
    target = tmp_path / "scanner"
    form = SimpleNamespace(layout=installed.layout)
    write_scans(target, form, MIXED[:3])  # type: ignore[arg-type]
    process = installed.start(
        "scan", "--ballot", str(installed.ballot), "--as", "one", "--watch", str(target), "--expected", "6"
    )
    until(lambda: any(pages(one) == 3 for one in (installed.var / "scans").glob("*")))
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    write_scans(target, form, MIXED[3:], 3)  # type: ignore[arg-type]
    again = installed.start("scan", "--stack", "1", "--as", "one", "--watch", str(target), "--complete", "--json")
    said, _nothing = again.communicate(timeout=PATIENCE)
    assert again.returncode == 0, said
    found = json.loads(said.splitlines()[-1])
    assert (found["pages"], found["ballots"], found["missing"], found["refused"]) == (6, 6, 0, [])
    assert list(target.iterdir()) == []
    unknown = installed.start("scan", "--ballot", "99", "--as", "one", "--folder", str(target))
    said, _nothing = unknown.communicate(timeout=PATIENCE)
    assert (unknown.returncode, said.strip()) == (1, "CommandError: there is no ballot 99")


# The disk -----------------------------------------------------------------------------------------


def test_a_full_disk_takes_nothing_in_and_loses_nothing(world: World) -> None:
    """The engine may not write files of more than 20 kB: what a full disk does to it."""
    batch = opened(world)
    write_scans(batch.directory / "inbox", batch.form, MIXED[:3])
    (batch.directory / "complete").touch()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(Refusal) as found:
            jobs.read_batch(world.people["one"], silent, batch=batch.pk)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert found.value.code == "elections.disk_full"
    assert "cannot be written" in str(found.value)
    batch.refresh_from_db()
    assert (batch.state, Sheet.objects.count()) == ("reading", 0)
    assert len(Folder(batch.directory).waiting()) + len(list((batch.directory / "inbox").iterdir())) == 3
    jobs.read_batch(world.people["one"], silent, batch=batch.pk)
    assert Sheet.objects.count() == 3


# The scanner --------------------------------------------------------------------------------------


def test_a_jam_with_a_second_try_is_found_by_the_numbers(scanned: Scanned) -> None:
    """Two ballots go through twice. No two scans have the same pixels, so only counting by hand can tell."""
    settle(scanned)
    head = scanned.world.people["head"]
    actions.void_batch(head, scanned.batch, reason="Bắt đầu lại")
    jammed = scanned.stack([*MIXED, *MIXED[:2]], first=200, expected=6)
    assert not [
        one for one in jammed.sheets.all() if any(doubt["reason"] == "same-picture-twice" for doubt in one.doubts)
    ]
    assert reads.stack_of(jammed).missing == -2
    for who in ("one", "two"):
        for sheet in jammed.sheets.filter(state="review"):
            marks = {str(one.pk): "rejected" for one in scanned.ballot.names()} | {
                str(scanned.ballot.names()[0].pk): "chosen"
            }
            actions.adjudicate(scanned.world.people[who], sheet, ruling="valid", marks=marks)
        for sheet in jammed.sheets.exclude(state="review"):
            if all(mark == "chosen" for mark in sheet.marks.values()):
                actions.adjudicate(scanned.world.people[who], sheet, ruling="invalid", ground="too_many")
    scanned.ballot.refresh_from_db()
    with refused("elections.E05"):
        actions.close_scan(head, scanned.ballot)
    actions.void_batch(head, jammed, reason="Kẹt giấy: hai phiếu quét hai lần")
    again = scanned.stack(MIXED, first=300, expected=6)
    assert reads.stack_of(again).missing == 0


def test_two_sheets_at_once_go_to_people(world: World) -> None:
    batch = opened(world, expected=3)
    write_scans(batch.directory / "inbox", batch.form, ["1110", "double-feed"], first=4)
    read_now(batch)
    actions.take_in(world.people["one"], batch)
    double = batch.sheets.get(state="review")
    assert "two-sheets-at-once" in [doubt["reason"] for doubt in double.doubts]
    assert reads.stack_of(batch).missing == 1


def test_what_is_no_scan_is_named_and_the_rest_is_read(world: World, tmp_path: Path) -> None:
    batch = opened(world)
    good = write_scans(tmp_path / "good", batch.form, ["1110", "1101", "foreign-picture"])
    inbox = batch.directory / "inbox"
    (inbox / "cut off.jpg").write_bytes(good[0].read_bytes()[:20_000])
    (inbox / "note.txt").write_text("no picture")
    with zipfile.ZipFile(inbox / "pictures.zip", "w") as archive:
        archive.write(good[0], "a.jpg")
    (inbox / "locked.pdf").write_bytes(locked_pdf())
    for path in good:
        path.rename(inbox / path.name)
    (batch.directory / "complete").touch()
    jobs.read_batch(world.people["one"], silent, batch=batch.pk)
    batch.refresh_from_db()
    said = dict(batch.refused)
    assert said.keys() == {"cut off.jpg", "note.txt", "pictures.zip", "locked.pdf"}
    assert "truncated" in said["cut off.jpg"]
    assert "archive" in said["pictures.zip"]
    assert "encrypted" in said["locked.pdf"]
    states = sorted(batch.sheets.values_list("state", flat=True))
    assert states[-2:] == ["read", "unreadable"] or states == ["foreign", "read", "read"]
    assert batch.sheets.filter(state="read").count() == 2


def test_a_file_that_is_still_written_is_left_alone(world: World) -> None:
    """Half a JPEG that stands still is not taken at once; when the rest has come it is read whole."""
    batch = opened(world)
    (made,) = write_scans(batch.directory / "elsewhere", batch.form, MIXED[:1])
    whole = made.read_bytes()
    slow = batch.directory / "inbox" / "slow.jpg"
    slow.write_bytes(whole[: len(whole) // 2])
    looks: list[int] = []

    def go_on(*_: object) -> None:
        looks.append(pages(batch.directory))
        if len(looks) == 6:
            slow.write_bytes(whole)
        if looks[-1]:
            (batch.directory / "complete").touch()

    jobs.read_batch(world.people["one"], go_on, batch=batch.pk)
    batch.refresh_from_db()
    assert (batch.pages, batch.refused) == (1, [])
    assert batch.sheets.get().state == "read"


# SANE ---------------------------------------------------------------------------------------------


@pytest.fixture
def sane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of SANE's settings, with nothing but the scanner in software that comes with SANE."""
    if not devices.installed():
        pytest.skip("scanimage is not installed (Debian package sane-utils)")
    folder = tmp_path / "sane"
    folder.mkdir()
    (folder / "dll.conf").write_text("test\n")
    monkeypatch.setenv("SANE_CONFIG_DIR", str(folder))
    return folder


@pytest.fixture
def scanner(sane: Path) -> str:
    """The scanner in software; its feeder holds ten sheets."""
    if "test:0" not in [one.name for one in devices.devices()]:
        pytest.skip("SANE's own test scanner is not there (Debian package libsane1)")
    return "test:0"


def test_a_feeder_is_emptied_into_the_stack(world: World, scanner: str) -> None:
    assert devices.settings_of(scanner, both_sides=False) == [
        "--source=Automatic Document Feeder", "--mode=Gray", "--resolution=200",
    ]  # fmt: skip
    batch = opened(world)
    seen: list[int] = []
    result = jobs.feed_batch(
        world.people["one"], lambda done, *_: seen.append(done), batch=batch.pk, device=scanner, both_sides=False
    )
    assert (result["pages"], seen) == (10, list(range(1, 11)))
    assert len(list((batch.directory / "inbox").glob("*.jpg"))) == 10
    with pytest.raises(Refusal) as found:
        jobs.feed_batch(world.people["one"], silent, batch=batch.pk, device="test:7", both_sides=False)
    assert found.value.code == "elections.scanner_gone"


def test_a_scanner_that_jams_says_so(sane: Path, scanner: str, tmp_path: Path) -> None:
    """SANE's test scanner jams when its settings say so; the words are those of SANE."""
    (sane / "test.conf").write_text('read-status-code "SANE_STATUS_JAMMED"\n')
    with pytest.raises(devices.DeviceFault, match="jammed"):
        devices.feed(scanner, tmp_path, lambda _pages: None)


def test_a_stop_stops_the_scanner(scanner: str, tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stop(pages: int) -> None:
        if pages == 2:
            raise Stop

    with pytest.raises(Stop):
        devices.feed(scanner, tmp_path, stop)
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    assert not [one for one in children if b"scanimage" in _cmdline(int(one))]
