"""The minute book: whatever is changed behind the program's back is found, and its line is named."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models

from conventus.core import book
from conventus.core.actions import end_grant, give_grant
from conventus.core.book import Fault, Line, verify
from conventus.core.models import BookHead, Entry
from tests.rooms.core.conftest import Place


@pytest.fixture
def five(place: Place) -> list[Entry]:
    """Five lines: four grants given, one ended."""
    keeper = place.person("keeper", place.left)
    guest = place.person("guest")
    for role in ("viewer", "administrator", "session_keeper"):
        give_grant(keeper, place.leaf, user=guest, role=role)
    end_grant(keeper, give_grant(keeper, place.left, user=guest, role="viewer"))
    return list(Entry.objects.order_by("seq"))


def fault() -> Fault | None:
    """What a walk through the book finds."""
    return next((found for found in verify() if isinstance(found, Fault)), None)


def test_an_untouched_book_holds_line_by_line(five: list[Entry]) -> None:
    assert list(verify()) == [1, 2, 3, 4, 5]


def test_an_empty_book_holds(db: None) -> None:
    assert list(verify()) == []


def test_lines_are_chained_and_the_head_names_the_last(five: list[Entry]) -> None:
    assert five[0].prev_hash == ""
    assert [line.prev_hash for line in five[1:]] == [line.hash for line in five[:-1]]
    head = BookHead.objects.get()
    assert (head.seq, head.hash) == (5, five[-1].hash)


CHANGES: dict[str, Any] = {
    "actor": lambda place: {"actor": place.system},
    "office": lambda place: {"office": "administrator @ B"},
    "action": lambda place: {"action": "core.end_grant"},
    "subject": lambda place: {"subject_id": 999},
    "subject type": lambda place: {"subject_type": "org.unit"},
    "unit": lambda place: {"unit": place.right},
    "before": lambda place: {"before": {"role": "viewer"}},
    "after": lambda place: {"after": {}},
    "pack": lambda place: {"pack": "other"},
    "time": lambda place: {"at": models.F("at") + models.Value("0:00:01", output_field=models.DurationField())},
}


@pytest.mark.parametrize("what", [name for name in CHANGES if name != "time"])
def test_a_changed_line_is_named(place: Place, five: list[Entry], what: str) -> None:
    Entry.objects.filter(seq=3).update(**CHANGES[what](place))
    assert fault() == Fault(3, "its content was changed after it was written")


def test_a_changed_time_is_named(five: list[Entry]) -> None:
    later = five[1].at.replace(microsecond=(five[1].at.microsecond + 1) % 1_000_000)
    Entry.objects.filter(seq=2).update(at=later)
    assert fault() == Fault(2, "its content was changed after it was written")


def test_a_line_sealed_anew_breaks_the_next_one(five: list[Entry]) -> None:
    forged = five[2]
    forged.after = {"role": "administrator"}
    forged.hash = book.sealed(forged)
    forged.save()
    assert fault() == Fault(4, "it does not carry the hash of the line before")


def test_a_missing_line_is_named(five: list[Entry]) -> None:
    Entry.objects.filter(seq=3).delete()
    assert fault() == Fault(3, "line 3 is missing; line 4 follows")


def test_a_missing_first_line_is_named(five: list[Entry]) -> None:
    Entry.objects.filter(seq=1).delete()
    assert fault() == Fault(1, "line 1 is missing; line 2 follows")


def test_lines_in_another_order_are_found(five: list[Entry]) -> None:
    Entry.objects.filter(seq=2).update(seq=99)
    Entry.objects.filter(seq=3).update(seq=2)
    Entry.objects.filter(seq=99).update(seq=3)
    found = fault()
    assert found is not None
    assert found.seq == 2


@pytest.mark.parametrize(("kept", "named"), [(4, 5), (2, 3), (0, 1)])
def test_a_cut_off_end_is_found(five: list[Entry], kept: int, named: int) -> None:
    Entry.objects.filter(seq__gt=kept).delete()
    found = fault()
    assert found is not None
    assert found.seq == named


def test_a_head_put_back_does_not_hide_later_lines(five: list[Entry]) -> None:
    BookHead.objects.update(seq=4, hash=five[3].hash)
    found = fault()
    assert found is not None
    assert found.seq == 5


def test_a_head_with_another_hash_is_found(five: list[Entry]) -> None:
    BookHead.objects.update(hash="0" * 64)
    found = fault()
    assert found is not None
    assert found.seq == 5


def test_nothing_is_written_outside_a_transaction(transactional_db: None) -> None:
    line = Line(
        actor_id=1, office="", action="core.x", subject_type="", subject_id=None, unit_id=None, before={}, after={}
    )
    with pytest.raises(AssertionError):
        book.write([line])


def test_what_the_database_gives_back_has_the_same_seal(place: Place) -> None:
    words = {
        "title": "Đại hội “điểm” – 1 000 000",
        "numbers": [1, 2.5, -0.1, 10**15, 1e-7],
        "nested": {"z": None, "a": True},
    }
    line = Line(
        actor_id=place.system.pk,
        office="system",
        action="core.x",
        subject_type="",
        subject_id=None,
        unit_id=None,
        before={},
        after=words,
    )
    book.write([line] * 3)
    assert list(verify()) == [1, 2, 3]


# The command


@pytest.fixture
def audit() -> Iterator[Callable[..., str]]:
    """Run `conventus audit verify` and give what it prints."""

    def run(*arguments: str) -> str:
        out = io.StringIO()
        call_command("audit", "verify", *arguments, stdout=out)
        return out.getvalue()

    yield run
    assert connection.connection is None or connection.is_usable()


def test_audit_counts_the_lines_and_prints_the_head(five: list[Entry], audit: Callable[..., str]) -> None:
    assert audit() == f"5 lines hold. Head: {five[-1].hash}\n"
    assert json.loads(audit("--json")) == {"ok": True, "lines": 5, "head": five[-1].hash}


def test_audit_fails_with_status_1_and_names_the_line(
    five: list[Entry], audit: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    Entry.objects.filter(seq=4).update(office="viewer @ A1")
    with pytest.raises(CommandError, match="line 4: its content was changed") as caught:
        audit()
    assert caught.value.returncode == 1


def test_audit_says_the_same_as_json(five: list[Entry]) -> None:
    Entry.objects.filter(seq=2).delete()
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("audit", "verify", "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert (said["ok"], said["lines"], said["first_broken"]) == (False, 1, 2)
