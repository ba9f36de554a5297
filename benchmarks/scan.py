"""A timed walk: ballots out of a simulated feeder, read while they are scanned, judged, to the draft of the record.

`python -m benchmarks.scan` walks in real time (`--per-minute`, `--feeders`; `--fast` compresses it).
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.box import Paper
    from benchmarks.hall import Hall
    from conventus.elections.models import ScanBatch

GOAL = 600
"""Seconds: the goal of the house for 350 ballots with 55 names."""


@dataclass(frozen=True)
class Plan:
    """How the walk goes: the ballots, the feeders and their speed, ballots to a stack, seconds that a verdict takes."""

    ballots: int = 350
    names: int = 55
    seats: int = 48
    feeders: int = 1
    per_minute: float = 30
    stack: int = 70
    verdict: float = 10
    fast: float = 1
    seed: int = 1

    @property
    def interval(self) -> float:
        """Seconds between two sheets of a feeder."""
        return 60 / self.per_minute / self.fast


@dataclass
class Times:
    """What was measured, in seconds since the first sheet; pages by stack, in the order of the sheets."""

    start: float = field(default_factory=time.monotonic)
    written: dict[int, list[float]] = field(default_factory=dict)
    read: dict[int, list[float]] = field(default_factory=dict)
    complete: dict[int, float] = field(default_factory=dict)
    taken_in: dict[int, float] = field(default_factory=dict)
    events: dict[str, float] = field(default_factory=dict)

    def now(self) -> float:
        """Seconds since the first sheet."""
        return time.monotonic() - self.start

    def lags(self) -> list[float]:
        """How long each page waited between the feeder and its line in the journal."""
        pairs = ((written, self.read[stack]) for stack, written in self.written.items())
        return [after - before for written, read in pairs for before, after in zip(written, read, strict=False)]


def walk(plan: Plan) -> Times:
    """Walk it, on the database that Django is set up for; whatever does not add up raises."""
    from benchmarks.box import box
    from benchmarks.hall import hall

    place = hall(plan.names, plan.seats, plan.ballots)
    papers = box(place.paper.layout, plan.ballots, plan.seed)
    times, done = Times(), threading.Event()
    faults: list[BaseException] = []

    def beside(work: Callable[[], None]) -> threading.Thread:
        return _started(work, faults)

    with _worker():
        times.start = time.monotonic()
        shares = [papers[number :: plan.feeders] for number in range(plan.feeders)]
        feeders = [beside(lambda share=share: _feed(plan, place, share, times)) for share in shares]  # type: ignore[misc]
        judges = [beside(lambda one=one: _judge(plan, place, papers, one, done)) for one in place.members]  # type: ignore[misc]
        _watch(feeders, judges, times, faults)
        times.events["all taken in"] = times.now()
        done.set()
        for thread in judges:
            thread.join()
        times.events["all judged"] = times.now()
        if faults:
            raise faults[0]
        _finish(place, papers, times)
    return times


def _started(work: Callable[[], None], faults: list[BaseException]) -> threading.Thread:
    def run() -> None:
        from django.db import connection

        try:
            work()
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@contextmanager
def _worker() -> Iterator[None]:
    """The worker of the jobs as `conventus runserver` starts it."""
    worker = subprocess.Popen([sys.executable, "-m", "conventus.cli", "worker"], start_new_session=True)
    try:
        yield
    finally:
        os.killpg(worker.pid, 15)
        worker.wait()


def _feed(plan: Plan, place: Hall, papers: list[Paper], times: Times) -> None:
    """One feeder: stack after stack, a sheet at each tick, whatever the reading does meanwhile."""
    for first in range(0, len(papers), plan.stack):
        part = papers[first : first + plan.stack]
        batch = _opened(place, len(part))
        times.written[batch.pk], times.read[batch.pk] = [], []
        began = time.monotonic()
        for number, paper in enumerate(part, 1):
            time.sleep(max(0.0, began + number * plan.interval - time.monotonic()))
            path = batch.directory / "inbox" / f"scan-{number:04d}.jpg"
            path.with_suffix(".part").write_bytes(paper.jpeg)
            path.with_suffix(".part").rename(path)
            times.written[batch.pk].append(times.now())
        (batch.directory / "complete").touch()
        times.complete[batch.pk] = times.now()


_opening = threading.Lock()


def _opened(place: Hall, expected: int) -> ScanBatch:
    from conventus.elections import actions, jobs

    with _opening:
        place.paper.refresh_from_db()
        batch = actions.open_batch(place.members[0], place.paper, expected=expected)
        jobs.ask_to_read(place.members[0], batch)
        return batch


def _watch(
    feeders: list[threading.Thread], judges: list[threading.Thread], times: Times, faults: list[BaseException]
) -> None:
    """Note when each page was read and each stack taken in, until every feeder is empty and every stack is in."""
    from conventus.core.models import Job
    from conventus.elections.models import ScanBatch
    from conventus.elections.scans.folder import Folder
    from conventus.elections.scans.reading import progress_of

    while any(one.is_alive() for one in feeders) or len(times.taken_in) < len(times.complete):
        if faults or Job.objects.filter(state="failed").exists():
            raise RuntimeError(f"{faults} {list(Job.objects.filter(state='failed').values_list('result', flat=True))}")
        for batch in ScanBatch.objects.filter(pk__in=list(times.written)).exclude(pk__in=list(times.taken_in)):
            taken = batch.state == ScanBatch.State.READ
            pages = batch.pages if taken else progress_of(Folder(batch.directory))["pages"]
            known = times.read[batch.pk]
            known += [times.now()] * (pages - len(known))
            if taken:
                times.taken_in[batch.pk] = times.now()
        time.sleep(0.1)


def _judge(plan: Plan, place: Hall, papers: list[Paper], member: Any, done: threading.Event) -> None:
    """A member rules on what waits, blind, one ballot at a time, as long as more may come."""
    from conventus.elections import actions, reads

    truths = {paper.key: paper.marks for paper in papers}
    while True:
        over = done.is_set()
        waiting = [one.sheet for one in reads.judged_sheets(place.ballot) if one.open and one.of(member) is None]
        for sheet in waiting:
            time.sleep(plan.verdict / plan.fast)
            marks = decided(truths[sheet.pages[0]["key"]])
            actions.adjudicate(member, sheet, ruling="valid", marks=marks)
        if over and not waiting:
            return
        if not waiting:
            time.sleep(0.5)


def decided(marks: dict[str, str | None]) -> dict[str, str]:
    """What the board makes of a ballot: what nobody can tell counts as chosen."""
    return {key: mark or "chosen" for key, mark in marks.items()}


def _finish(place: Hall, papers: list[Paper], times: Times) -> None:
    """Close the scan, key in the two other counts, accept what is pointed out, write the draft of the record."""
    from conventus.elections import actions, reads
    from conventus.elections.models import figures_of

    place.ballot.refresh_from_db()
    actions.close_scan(place.head, place.ballot)
    times.events["scan closed"] = times.now()
    scanned = place.ballot.entries.get(slot="scan").figures
    truth = {str(one.pk): 0 for one in place.ballot.names()}
    for paper in papers:
        for key, mark in decided(paper.marks).items():
            truth[key] += mark == "chosen"
    assert scanned["votes"] == truth, "the scan differs from what the voters marked"
    for member in place.members:
        actions.enter_count(member, place.ballot, figures=scanned)
    assert figures_of(reads.agreed_of(place.ballot))["votes"] == truth
    _draft(place)
    times.events["draft of the record"] = times.now()


def _draft(place: Hall) -> None:
    from conventus.core.papers import sealed, to_docx, to_pdf
    from conventus.elections import reads
    from conventus.elections.record import counting_record, load_record_form

    language, path = reads.record_language(place.ballot, "vi")
    paper = sealed(counting_record(load_record_form(path), reads.record_facts(place.ballot, language)))
    assert to_docx(paper)
    assert to_pdf(paper)


# Reporting ----------------------------------------------------------------------------------------


def figures(plan: Plan, times: Times) -> list[tuple[str, str, str, str]]:
    """The rows of the report."""
    lags, last = sorted(times.lags()), max(times.complete.values())
    after = [times.taken_in[stack] - at for stack, at in times.complete.items()]
    total, speed = times.events["draft of the record"], f"{plan.feeders} × {plan.per_minute:g}/min"
    compressed = f", {plan.fast:g} times as fast" if plan.fast != 1 else ""
    late = lags[round(0.95 * (len(lags) - 1))]
    return [
        (f"{plan.ballots} ballots × {plan.names} names, feeders", speed, f"last sheet out after{compressed}", _s(last)),
        ("page read after it left the feeder, median", _s(statistics.median(lags)), "95 of 100 within", _s(late)),
        ("stack complete → taken in, median", _s(statistics.median(after)), "longest", _s(max(after))),
        ("last sheet → all taken in", _s(times.events["all taken in"] - last), "", ""),
        ("last sheet → all doubtful ones ruled on", _s(times.events["all judged"] - last), _judged(plan), ""),
        ("last sheet → draft of the record", _s(total - last), "", ""),
        ("first sheet → draft of the record", _s(total), f"goal {GOAL} s", f"{total / GOAL * plan.fast:.2f}"),
    ]


def compressed() -> Iterator[tuple[str, str, str, str]]:
    """The walk with one feeder, ten times as fast, for `make bench`."""
    plan = Plan(fast=10)
    yield from figures(plan, walk(plan))


def _judged(plan: Plan) -> str:
    from conventus.elections.models import Sheet

    asked = Sheet.objects.filter(adjudications__isnull=False).distinct().count()
    return f"{asked} ballots by two members, {plan.verdict:g} s each (assumed)"


def _s(seconds: float) -> str:
    return f"{seconds:.1f} s"


def main() -> None:
    """Walk in real time on a database of its own and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in vars(Plan()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default, help=f"({default})")
    plan = Plan(**vars(parser.parse_args()))
    with tempfile.TemporaryDirectory(prefix="conventus-scan-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "CONVENTUS_VAR": folder,
            "CONVENTUS_DATABASE": str(Path(folder, "scan.sqlite3")),
            "CONVENTUS_TODAY": "2025-02-25",
        }
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        for what, measured, peer, value in figures(plan, walk(plan)):
            print(f"{what:<46}{measured:>16}  {peer:<44}{value:>9}", flush=True)


if __name__ == "__main__":
    main()
