"""Jobs: done, refused, failed, stopped, kept apart by their lock, and settled when their worker was killed."""

from __future__ import annotations

import fcntl
import io
import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from conventus.core import jobs
from conventus.core.actions import give_grant
from conventus.core.models import Entry, Grant, Job, User
from conventus.core.rules import Citation, Refusal, Refusals
from tests.rooms.core.conftest import Place

ARTICLE = Citation("B@2025-01-01", "§ 4")


@pytest.fixture
def kind() -> Iterator[Callable[[jobs.Work], str]]:
    """Register work for one test; gives the name of its kind."""
    known = dict(jobs.KINDS)

    def register(work: jobs.Work) -> str:
        name = f"test.{work.__name__}"
        jobs.job(name, name)(work)
        return name

    yield register
    jobs.KINDS.clear()
    jobs.KINDS.update(known)


@pytest.fixture
def user(place: Place) -> User:
    """Asks for the work."""
    return place.person("asker", place.left)


@pytest.fixture
def ask(user: User, django_capture_on_commit_callbacks: Any) -> Callable[..., Job]:
    """Put a job into the queue, as a page does."""

    def put(kind: str, **arguments: Any) -> Job:
        with django_capture_on_commit_callbacks(execute=True):
            return jobs.ask(user, kind, None, **arguments)

    return put


@pytest.fixture(autouse=True)
def _keep_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker drops connections between jobs; the one of a test holds its transaction."""
    monkeypatch.setattr(db_worker, "close_old_connections", lambda: None)


def work_off() -> None:
    """Let a worker do what lies in the queue; it takes over the signals, so we take them back."""
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)}
    call_command("worker", batch=True, verbosity=0, stdout=io.StringIO())
    for each, handler in handlers.items():
        signal.signal(each, handler)


def left_behind(row: Job) -> list[str]:
    """The files that the job has left."""
    return [path.name for path in (Path(settings.VAR) / "jobs").glob(f"{row.pk}.*")]


def test_work_is_done_by_the_worker_and_its_result_kept(ask: Callable[..., Job], user: User, kind: Any) -> None:
    def add(actor: User, progress: jobs.Progress, *, numbers: list[int]) -> dict[str, Any]:
        progress(1, 1)
        return {"actor": actor.pk, "sum": sum(numbers)}

    row = ask(kind(add), numbers=[1, 2, 3])
    assert row.state == Job.State.WAITING
    work_off()
    row.refresh_from_db()
    assert (row.state, row.result) == (Job.State.DONE, {"actor": user.pk, "sum": 6})
    assert row.ended_at is not None
    assert left_behind(row) == []


def test_progress_is_seen_while_the_work_runs(ask: Callable[..., Job], kind: Any) -> None:
    seen: list[dict[str, Any]] = []

    def look(actor: User, progress: jobs.Progress) -> dict[str, Any]:
        progress(3, 4, "three")
        seen.append(jobs.where(Job.objects.get()))
        return {}

    row = ask(kind(look))
    work_off()
    assert seen == [{"done": 3, "total": 4, "message": "three", "percent": 75}]
    assert jobs.where(row)["percent"] is None


def test_a_refusal_is_kept_with_its_clause_and_figures(ask: Callable[..., Job], kind: Any) -> None:
    def refuse(actor: User, progress: jobs.Progress) -> dict[str, Any]:
        raise Refusals(
            [Refusal("core.required", article=ARTICLE, field="name", name="Name"), Refusal("core.changed_meanwhile")]
        )

    row = ask(kind(refuse))
    work_off()
    row.refresh_from_db()
    assert row.state == Job.State.FAILED
    first, second = jobs.refusals_in(row.result)
    assert (first.code, first.article, first.field, str(first)) == (
        "core.required",
        ARTICLE,
        "name",
        "“Name” is needed. [B (2025-01-01), § 4]",
    )
    assert (second.code, second.article) == ("core.changed_meanwhile", None)


def test_a_mistake_ends_the_job_as_failed_and_shows_in_the_log(ask: Callable[..., Job], kind: Any) -> None:
    def stumble(actor: User, progress: jobs.Progress) -> dict[str, Any]:
        raise ZeroDivisionError("by zero")

    row = ask(kind(stumble))
    work_off()
    row.refresh_from_db()
    assert (row.state, row.result) == (Job.State.FAILED, {})
    assert "ZeroDivisionError" in DBTaskResult.objects.get().exception_class_path
    assert left_behind(row) == []


def test_what_was_written_before_a_refusal_is_undone(
    place: Place, user: User, ask: Callable[..., Job], kind: Any
) -> None:
    guest = place.person("guest")

    def half(actor: User, progress: jobs.Progress) -> dict[str, Any]:
        with transaction.atomic():
            give_grant(actor, place.leaf, user=guest, role="viewer")
            raise Refusal("core.changed_meanwhile")

    ask(kind(half))
    work_off()
    assert not Entry.objects.exists()
    assert Grant.objects.filter(role="viewer").count() == 0


def test_running_work_stops_at_its_next_report(ask: Callable[..., Job], kind: Any) -> None:
    reached: list[int] = []

    def count(actor: User, progress: jobs.Progress) -> dict[str, Any]:
        for step in range(1, 4):
            if step == 2:
                jobs.stop(Job.objects.get())
            progress.last = 0.0  # type: ignore[attr-defined]  # as if a fifth of a second had passed
            progress(step, 3)
            reached.append(step)
        return {}

    row = ask(kind(count))
    work_off()
    row.refresh_from_db()
    assert (row.state, reached) == (Job.State.CANCELLED, [1])
    assert left_behind(row) == []


def test_waiting_work_that_is_stopped_never_starts(ask: Callable[..., Job], kind: Any) -> None:
    started: list[int] = []

    def begin(actor: User, progress: jobs.Progress) -> dict[str, Any]:
        started.append(1)
        return {}

    row = ask(kind(begin))
    jobs.stop(row)
    work_off()
    row.refresh_from_db()
    assert (row.state, started) == (Job.State.CANCELLED, [])


def test_a_stop_meant_for_an_earlier_job_of_the_same_number_is_forgotten(ask: Callable[..., Job], kind: Any) -> None:
    def report(actor: User, progress: jobs.Progress) -> dict[str, Any]:
        progress(1, 1)
        return {}

    row = ask(kind(report))
    folder = Path(settings.VAR) / "jobs"
    folder.mkdir(exist_ok=True)
    (folder / f"{row.pk}.stop").touch()
    work_off()
    row.refresh_from_db()
    assert row.state == Job.State.DONE


def test_the_same_work_does_not_run_twice_at_once(ask: Callable[..., Job], user: User, kind: Any) -> None:
    def idle(actor: User, progress: jobs.Progress) -> dict[str, Any]:
        return {}

    Job.objects.create(kind="other", user=user, lock="city", state=Job.State.RUNNING)
    row = ask(kind(idle), lock="city")
    free = ask(kind(idle), lock="village")
    work_off()
    row.refresh_from_db()
    free.refresh_from_db()
    assert (row.state, jobs.refusals_in(row.result)[0].code) == (Job.State.FAILED, "jobs.busy")
    assert free.state == Job.State.DONE


# A worker that was killed


@pytest.fixture
def orphan(user: User) -> Job:
    """A job that says it is running; its worker held a lock file on this machine."""
    row = Job.objects.create(kind="test.long", user=user, lock="city", state=Job.State.RUNNING)
    folder = Path(settings.VAR) / "jobs"
    folder.mkdir(exist_ok=True)
    (folder / f"{row.pk}.lock").touch()
    (folder / f"{row.pk}.json").write_text(json.dumps({"done": 1, "total": 2, "message": ""}))
    return row


def test_a_new_worker_ends_what_a_killed_one_left(orphan: Job) -> None:
    work_off()
    orphan.refresh_from_db()
    assert (orphan.state, jobs.refusals_in(orphan.result)[0].code) == (Job.State.FAILED, "jobs.interrupted")
    assert left_behind(orphan) == []


def test_a_job_whose_worker_lives_is_left_alone(orphan: Job) -> None:
    with (Path(settings.VAR) / "jobs" / f"{orphan.pk}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert jobs.settle_interrupted() == 0
    assert jobs.settle_interrupted() == 1


def test_a_job_of_another_machine_is_left_alone(user: User) -> None:
    Job.objects.create(kind="test.far", user=user, state=Job.State.RUNNING)
    assert jobs.settle_interrupted() == 0


# Its page


def test_only_the_asker_sees_the_job(orphan: Job, user: User, place: Place, client: Client) -> None:
    client.force_login(user)
    assert client.get(f"/jobs/{orphan.pk}").status_code == 200
    client.force_login(place.person("neighbour", place.right))
    assert client.get(f"/jobs/{orphan.pk}").status_code == 404
    assert client.post(f"/jobs/{orphan.pk}/stop").status_code == 404


def test_the_asker_stops_it_from_the_page(orphan: Job, user: User, client: Client) -> None:
    client.force_login(user)
    assert client.get(f"/jobs/{orphan.pk}/stop").status_code == 405
    assert client.post(f"/jobs/{orphan.pk}/stop").status_code == 302
    assert f"{orphan.pk}.stop" in left_behind(orphan)
