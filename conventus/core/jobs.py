"""Long work: asked for on a page or the command line, run beside the pages, with progress and a way to stop it.

The work itself runs in one transaction, so its progress cannot be kept in the database (SQLite has one writer):
it is a small file per job in `var/jobs`, gone when the job ends.
"""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from django.conf import settings
from django.db import IntegrityError, transaction
from django_tasks import task

from conventus.core import clock
from conventus.core.models import Job, User
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.core.words import each

if TYPE_CHECKING:
    from conventus.org.models import Unit

refusal_texts(
    "jobs",
    {
        "busy": N_("The same work is already running here. Wait for it, or cancel it first."),
        "interrupted": N_("The work was interrupted before it ended, and nothing was changed. Start it again."),
    },
)


class Progress(Protocol):
    """How long work says where it is: done of total, and a word about it."""

    def __call__(self, done: int, total: int, message: str = "") -> None:
        """Report; raises `Cancelled` when the work is to stop."""


class Cancelled(Exception):
    """Somebody asked the job to stop; its transaction is rolled back."""


def silent(done: int, total: int, message: str = "") -> None:
    """Progress that nobody watches."""


Work = Callable[..., dict[str, Any]]
KINDS: dict[str, Work] = {}
NAMES: dict[str, str] = {}
APART: set[str] = set()
"""Kinds of work that get a process of their own."""
RESULTS = {
    "rows": N_("rows read"),
    "new": N_("new"),
    "created": N_("made"),
    "refreshed": N_("window refreshed"),
    "flipped": N_("dated outside of the new window"),
    "kept": N_("kept"),
    "problems": N_("problems"),
    "changed": N_("changed"),
    "unchanged": N_("unchanged"),
    "rejected": N_("rejected"),
}
"""What the figures of results are called."""


def job(kind: str, name: str, *, apart: bool = False) -> Callable[[Work], Work]:
    """Register `work(actor, progress, **arguments) -> result` as a kind of job, under a name that people read.

    Work that mostly waits, for a scanner say, runs `apart`: in a process of its own, so that any number of them run at
    the same time and the worker stays free.
    """

    def decorate(work: Work) -> Work:
        KINDS[kind] = work
        NAMES[kind] = name
        if apart:
            APART.add(kind)
        return work

    return decorate


def ask(user: User, kind: str, unit: Unit | None, *, lock: str = "", **arguments: Any) -> Job:
    """Put a job into the queue; the worker takes it within a second."""
    row = Job.objects.create(kind=kind, user=user, unit=unit, lock=lock, arguments=arguments)
    transaction.on_commit(lambda: run_job.enqueue(row.pk))
    return row


@task()
def run_job(pk: int) -> None:
    """Run one job of the queue."""
    row = Job.objects.select_related("user").get(pk=pk)
    if row.state != Job.State.WAITING:
        return
    with _alive(row.pk) as lock:
        if not _begun(row):
            return
        if row.kind in APART:
            _hand_over(row, lock)
        else:
            _work(row)


_handed_over: list[subprocess.Popen[bytes]] = []


def _hand_over(row: Job, lock: IO[str]) -> None:
    """Start a process for the job. It inherits the lock, so the job counts as alive until that process has ended."""
    _handed_over[:] = [each for each in _handed_over if each.poll() is None]
    command = [sys.executable, "-m", "conventus.cli", "worker", "--job", str(row.pk)]
    _handed_over.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[lock.fileno()]))


def run_apart(pk: int) -> None:
    """Do the work of a job that was handed over to this process."""
    _work(Job.objects.select_related("user").get(pk=pk, state=Job.State.RUNNING))


def _work(row: Job) -> None:
    try:
        result = KINDS[row.kind](row.user, FileProgress(row.pk), **row.arguments)
    except Cancelled:
        _end(row, Job.State.CANCELLED, {})
    except Refusal as refusal:
        _end(row, Job.State.FAILED, {"refusals": [refusal_record(one) for one in each(refusal)]})
    except Exception:
        _end(row, Job.State.FAILED, {})
        raise
    else:
        _end(row, Job.State.DONE, result)


def refusal_record(refusal: Refusal) -> dict[str, Any]:
    """A refusal as JSON, to be shown later in the reader's language."""
    cite = refusal.article
    return {
        "code": refusal.code,
        "field": refusal.field,
        "params": {key: str(value) for key, value in refusal.params.items()},
        "document": cite.document if cite else "",
        "article": cite.article if cite else "",
    }


def refusals_in(result: dict[str, Any]) -> list[Refusal]:
    """The refusals that a failed job has kept."""
    from conventus.core.rules import Citation

    return [
        Refusal(
            kept["code"],
            article=Citation(kept["document"], kept["article"]) if kept["document"] else None,
            field=kept["field"],
            **kept["params"],
        )
        for kept in result.get("refusals", [])
    ]


def settle_interrupted() -> int:
    """End the jobs whose worker was killed, so that they no longer keep others out; gives how many there were.

    A worker holds a lock on the job's file in `var/jobs` while it works; the system drops it when the worker dies.
    A job without such a file runs on another machine and is left alone.
    """
    dead = [row for row in Job.objects.filter(state=Job.State.RUNNING) if _is_dead(row.pk)]
    for row in dead:
        _end(row, Job.State.FAILED, {"refusals": [refusal_record(Refusal("jobs.interrupted"))]})
    return len(dead)


def under_way(row: Job) -> bool:
    """Whether a job waits for a worker, or has one that is alive."""
    return row.state == Job.State.WAITING or (row.state == Job.State.RUNNING and not _is_dead(row.pk))


def turned_away(row: Job) -> bool:
    """Whether a job ended at once because the same work was under way already."""
    return any(one["code"] == "jobs.busy" for one in row.result.get("refusals", []))


def _is_dead(pk: int) -> bool:
    try:
        with _lock(pk).open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def _alive(pk: int) -> Iterator[IO[str]]:
    """Hold the job's lock, and start without what an earlier job of this number may have left."""
    _lock(pk).parent.mkdir(parents=True, exist_ok=True)
    for path in (_file(pk), _stop(pk)):
        path.unlink(missing_ok=True)
    with _lock(pk).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _begun(row: Job) -> bool:
    """Whether the job may run now; one whose lock another one holds has failed with that."""
    row.state = Job.State.RUNNING
    try:
        with transaction.atomic():
            row.save(update_fields=["state"])
    except IntegrityError:
        _end(row, Job.State.FAILED, {"refusals": [refusal_record(Refusal("jobs.busy"))]})
        return False
    return True


def _end(row: Job, state: Job.State, result: dict[str, Any]) -> None:
    row.state, row.result, row.ended_at = state, result, clock.now()
    row.save(update_fields=["state", "result", "ended_at"])
    for path in (_file(row.pk), _stop(row.pk), _lock(row.pk)):
        path.unlink(missing_ok=True)


class FileProgress:
    """Progress kept in `var/jobs/<id>.json`, written at most five times a second."""

    def __init__(self, pk: int) -> None:
        self.pk = pk
        self.last = 0.0

    def __call__(self, done: int, total: int, message: str = "") -> None:
        """Write where the job is; stop it when that was asked."""
        if time.monotonic() - self.last < 0.2 and done < total:
            return
        self.last = time.monotonic()
        if _stop(self.pk).exists():
            raise Cancelled
        path = _file(self.pk)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".new").write_text(json.dumps({"done": done, "total": total, "message": message}))
        path.with_suffix(".new").replace(path)


def where(row: Job) -> dict[str, Any]:
    """Where a job is: `done`, `total`, `message`, `percent` (None while that is unknown)."""
    try:
        state: dict[str, Any] = json.loads(_file(row.pk).read_text())
    except (OSError, ValueError):
        state = {"done": 0, "total": 0, "message": ""}
    state["percent"] = round(100 * state["done"] / state["total"]) if state["total"] else None
    return state


def stop(row: Job) -> None:
    """Ask a job to stop; it does so at its next report. One that still waits is cancelled at once."""
    if row.state == Job.State.WAITING:
        _end(row, Job.State.CANCELLED, {})
    elif row.state == Job.State.RUNNING:
        _stop(row.pk).parent.mkdir(parents=True, exist_ok=True)
        _stop(row.pk).touch()


def _file(pk: int) -> Path:
    return Path(settings.VAR) / "jobs" / f"{pk}.json"


def _stop(pk: int) -> Path:
    return Path(settings.VAR) / "jobs" / f"{pk}.stop"


def _lock(pk: int) -> Path:
    return Path(settings.VAR) / "jobs" / f"{pk}.lock"
