"""Stacks of scans: taken in once and whole, in no order, for the board alone; the count by scan."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse

from conventus.core.models import Entry
from conventus.core.rules import Refusal
from conventus.core.words import each
from conventus.elections import actions, reads
from conventus.elections.models import Adjudication, Ballot, ScanBatch, Sheet
from conventus.elections.scans.folder import Folder

from .conftest import World, count, refused
from .scans import MIXED, Scanned, ballot_to_scan, form_for, read_now, scanned, stack, write_scans

__all__ = ["scanned"]


def rule_on(scanned: Scanned, sheet: Sheet, ruling: str, ground: str = "", marks: str = "", who: str = "one") -> None:
    """A member's verdict, as the action of adjudication leaves it."""
    names = [str(one.pk) for one in scanned.ballot.names()]
    words = {"1": "chosen", "0": "rejected"}
    said = {name: words[letter] for name, letter in zip(names, marks, strict=False)}
    user = scanned.world.people[who]
    Adjudication.objects.create(sheet=sheet, by=user, ruling=ruling, ground=ground, marks=said, salt="s", seal="s")


def settle(scanned: Scanned) -> None:
    """Two members agree on the two ballots that wait."""
    for who in ("one", "two"):
        rule_on(scanned, scanned.sheet("?"), "valid", marks="1100", who=who)
        rule_on(scanned, scanned.sheet("1111"), "invalid", "too_many", who=who)


# Taking in ----------------------------------------------------------------------------------------


def test_a_stack_is_taken_in_whole(scanned: Scanned) -> None:
    batch = scanned.batch
    assert (batch.state, batch.pages, batch.states) == ("read", 6, {"read": 5, "review": 1})
    names = [str(one.pk) for one in scanned.ballot.names()]
    for marks in (*MIXED[:4], MIXED[5]):
        read = scanned.sheet(marks).marks
        assert [read[name] == "chosen" for name in names] == [letter == "1" for letter in marks]
    doubtful = scanned.sheet("?")
    assert doubtful.doubts[0]["crop"].startswith("out/crops/")
    assert (batch.directory / doubtful.doubts[0]["crop"]).is_file()


def sheets(batch: ScanBatch) -> list[Sheet]:
    return list(batch.sheets.all())


def test_nothing_tells_the_order(scanned: Scanned) -> None:
    """No original, no journal, no name, no time; rows lie by keys drawn by chance."""
    folder = scanned.batch.directory
    left = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.relative_to(folder).parts[:2] for path in left} == {
        ("out", "results.json"), ("out", "pages"), ("out", "crops"),
    }  # fmt: skip
    assert {path.stat().st_mtime for path in (*left, folder, folder / "out", folder / "out" / "pages")} == {0}
    results = json.loads((folder / "out" / "results.json").read_text())
    assert {(one["file"], one["page"], one["source"]) for one in results["sheets"]} == {("", 0, "")}
    columns = {field.name for field in Sheet._meta.get_fields()}
    assert not columns & {"at", "number", "order", "created", "file"}
    lines = json.dumps([[line.before, line.after] for line in Entry.objects.filter(action__startswith="elections.")])
    assert not [one for one in sheets(scanned.batch) if one.key in lines or str(one.pk) in lines]


def test_taken_in_twice_is_refused(scanned: Scanned) -> None:
    with refused("elections.stack_taken_in"):
        actions.take_in(scanned.world.people["one"], scanned.batch)
    with refused("elections.stack_taken_in"):
        actions.start_reading(scanned.world.people["one"], scanned.batch)
    assert Sheet.objects.count() == 6


def test_what_was_not_read_is_not_taken_in(world: World) -> None:
    form = form_for(ballot_to_scan(world))
    batch = actions.open_batch(world.people["one"], form)
    with refused("elections.stack_not_read"):
        actions.take_in(world.people["one"], batch)
    actions.start_reading(world.people["one"], batch)
    write_scans(batch.directory / "inbox", form, ["blank-back"])
    read_now(batch)
    with refused("elections.stack_empty"):
        actions.take_in(world.people["one"], batch)
    assert not Sheet.objects.exists()


def test_a_picture_that_is_gone_takes_nothing_in(world: World) -> None:
    """All or none: what cannot be sealed stays out, and reading again puts it right."""
    form = form_for(ballot_to_scan(world))
    batch = actions.open_batch(world.people["one"], form)
    actions.start_reading(world.people["one"], batch)
    write_scans(batch.directory / "inbox", form, MIXED[:2])
    folder = read_now(batch)
    next((folder.out / "pages").iterdir()).unlink()
    with refused("elections.stack_not_read"):
        actions.take_in(world.people["one"], batch)
    assert not Sheet.objects.exists()
    shutil.rmtree(folder.out)
    folder.prepare(form.layout)
    read_now(batch)
    actions.take_in(world.people["one"], batch)
    assert Sheet.objects.count() == 2


def test_the_same_file_twice_is_one_ballot(world: World) -> None:
    form = form_for(ballot_to_scan(world))
    batch = actions.open_batch(world.people["one"], form)
    actions.start_reading(world.people["one"], batch)
    (made,) = write_scans(batch.directory / "inbox", form, MIXED[:1])
    copy = made.with_name("copy of it.jpg")
    shutil.copy(made, copy)
    folder = Folder(batch.directory)
    assert folder.take(made) is not None
    assert folder.take(copy) is None
    assert not copy.exists()
    shutil.copy(folder.waiting()[0], folder.scans / f"000009.{'0' * 16}.copy.jpg")  # as if two programs took it at once
    read_now(batch)
    actions.take_in(world.people["one"], batch)
    assert batch.sheets.count() == 1
    assert batch.pages == 1
    assert [reason for _name, reason in batch.refused] == ["is the same file as another one and was taken once"]


def test_a_picture_of_another_stack_goes_to_people(scanned: Scanned) -> None:
    again = scanned.stack(MIXED[:2], first=0)
    states = {sheet.state: sheet.doubts[-1]["reason"] for sheet in again.sheets.all()}
    assert states == {"review": "same-picture-twice"}
    fresh = scanned.stack(MIXED[:2])
    assert {sheet.state for sheet in fresh.sheets.all()} == {"read"}


def test_a_void_stack_is_no_duplicate(scanned: Scanned) -> None:
    actions.void_batch(scanned.world.people["head"], scanned.batch, reason="Kẹt giấy")
    again = scanned.stack(MIXED[:2], first=0)
    assert {sheet.state for sheet in again.sheets.all()} == {"read"}


def test_ballots_of_two_pages_are_one_sheet_each(world: World) -> None:
    ballot = ballot_to_scan(world)
    names = [{"id": str(one.pk), "name": one.name} for one in ballot.names()]
    more = [{"id": f"x{number}", "name": f"Nguyễn Văn {number}"} for number in range(40)]
    form = form_for(ballot, candidates=names + more, large_print=True)
    assert form.pages >= 2
    from .scans import _simulator, scan

    batch = actions.open_batch(world.people["one"], form)
    actions.start_reading(world.people["one"], batch)
    import cv2

    for page, blank in enumerate(_simulator(form.layout).blanks):
        picture = scan(form, "1" * len(blank.rows), page, page)
        cv2.imwrite(str(batch.directory / "inbox" / f"{page}.png"), picture)
    read_now(batch)
    actions.take_in(world.people["one"], batch)
    (sheet,) = sheets(batch)
    assert [page["form_page"] for page in sheet.pages] == list(range(1, form.pages + 1))
    assert len(sheet.marks) == 44
    assert batch.pages == form.pages


# Who, when ----------------------------------------------------------------------------------------


def test_only_the_board_scans(world: World) -> None:
    form = form_for(ballot_to_scan(world))
    for who in ("organiser", "admin", "auditor", "viewer", "neighbour_head"):
        with refused("core.not_permitted"):
            actions.open_batch(world.people[who], form)
    with refused("elections.not_on_board"):
        actions.open_batch(world.people["spare"], form)
    batch = actions.open_batch(world.people["one"], form, label=" Đoàn 1 ", expected=3)
    assert (batch.number, batch.label, batch.expected, batch.state) == (1, "Đoàn 1", 3, "open")
    assert actions.open_batch(world.people["two"], form).number == 2
    for act in (actions.start_reading, actions.take_in):
        with refused("elections.not_on_board"):
            act(world.people["spare"], batch)
    with refused("elections.not_on_board"):
        actions.void_batch(world.people["spare"], batch, reason="x")


def test_a_stack_needs_a_paper_a_time_and_a_way(world: World) -> None:
    ballot = world.issued(issued=6)
    form = form_for(ballot)
    with refused("elections.scan_not_chosen"):
        actions.open_batch(world.people["one"], form)
    ballot = actions.choose_paths(world.people["head"], ballot, paths=["scan", "first", "second"])
    with refused("elections.expected_negative"):
        actions.open_batch(world.people["one"], form, expected=0)
    trial = form_for(ballot, election="trial")
    trial.ballot = None
    trial.save()
    with refused("elections.form_for_trial"):
        actions.open_batch(world.people["one"], trial)
    form.withdrawn = "lỗi in"
    form.save()
    with refused("elections.form_withdrawn"):
        actions.open_batch(world.people["one"], form)
    Ballot.objects.filter(pk=ballot.pk).update(state="agreed")
    with refused("elections.scan_not_now"):
        actions.open_batch(world.people["one"], form)


def test_a_trial_is_scanned_by_who_prepares_it(world: World) -> None:
    ballot = ballot_to_scan(world)
    form = form_for(ballot, election="trial")
    form.ballot = None
    form.save()
    organiser, one = world.people["organiser"], world.people["one"]
    with refused("core.not_permitted"):
        actions.open_trial(world.people["viewer"], form)
    batch = actions.open_trial(organiser, form, expected=2)
    assert (batch.purpose, batch.number) == ("trial", 1)
    for act in (actions.start_reading, actions.take_in):
        with refused("elections.stack_of_trial"):
            act(one, batch)
    actions.start_trial(organiser, batch)
    write_scans(batch.directory / "inbox", form, MIXED[:2])
    read_now(batch)
    actions.take_in_trial(organiser, batch)
    assert batch.sheets.count() == 2
    assert not reads.sheets_counted(ballot).exists()
    actions.void_trial(organiser, batch, reason="Máy quét khác")
    assert batch.state == "void"


def test_verbs_of_a_trial_leave_the_count_alone(scanned: Scanned) -> None:
    organiser = scanned.world.people["organiser"]
    with refused("elections.stack_of_count"):
        actions.start_trial(organiser, scanned.batch)
    with refused("elections.stack_of_count"):
        actions.take_in_trial(organiser, scanned.batch)
    with refused("elections.stack_of_count"):
        actions.void_trial(organiser, scanned.batch, reason="x")


def test_a_repeated_count_begins_without_stacks(scanned: Scanned) -> None:
    world = scanned.world
    open_one = actions.open_batch(world.people["one"], scanned.form)
    world.enter("two", scanned.ballot, (4, 4, 3, 3), collected=6, valid=5, invalid=1)
    scanned.ballot.refresh_from_db()
    actions.repeat_count(world.people["head"], scanned.ballot, reason="Đếm lại")
    with refused("elections.stack_of_earlier_count"):
        actions.start_reading(world.people["one"], open_one)
    assert reads.stacks_of(scanned.ballot) == []
    with refused("elections.no_stacks"):
        actions.close_scan(world.people["head"], scanned.ballot)
    again = scanned.stack(MIXED, first=0)
    assert (again.attempt, again.number) == (2, 1)
    assert again.states == {"read": 5, "review": 1}


# Void ---------------------------------------------------------------------------------------------


def test_a_stack_that_was_not_taken_in_is_made_void_by_any_member(
    world: World, django_capture_on_commit_callbacks: object
) -> None:
    form = form_for(ballot_to_scan(world))
    batch = actions.open_batch(world.people["one"], form)
    actions.start_reading(world.people["one"], batch)
    write_scans(batch.directory / "inbox", form, MIXED[:1])
    with refused("elections.void_reason"):
        actions.void_batch(world.people["two"], batch, reason=" ")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        actions.void_batch(world.people["two"], batch, reason="Kẹt giấy")
    assert batch.state == "void"
    assert not batch.directory.exists()
    for act in (actions.start_reading, actions.take_in):
        with refused("elections.stack_void"):
            act(world.people["one"], batch)
    with refused("elections.stack_void"):
        actions.void_batch(world.people["one"], batch, reason="x")


def test_a_stack_in_the_count_is_made_void_by_the_head_and_keeps_its_pictures(scanned: Scanned) -> None:
    with refused("elections.void_only_head"):
        actions.void_batch(scanned.world.people["one"], scanned.batch, reason="Quét hai lần")
    actions.void_batch(scanned.world.people["head"], scanned.batch, reason="Quét hai lần")
    assert not reads.sheets_counted(scanned.ballot).exists()
    assert scanned.batch.sheets.count() == 6
    assert len(list((scanned.batch.directory / "out" / "pages").iterdir())) == 6
    line = Entry.objects.filter(action="elections.void_batch").latest("seq")
    assert line.after["void"] == "Quét hai lần"


# The count ----------------------------------------------------------------------------------------


def test_the_count_waits_for_stacks_and_people(scanned: Scanned) -> None:
    head = scanned.world.people["head"]
    open_one = actions.open_batch(scanned.world.people["one"], scanned.form, label="Bó 2")
    with pytest.raises(Refusal) as found:
        actions.close_scan(head, scanned.ballot)
    assert (found.value.code, found.value.params) == ("elections.stacks_open", {"stacks": "Bó 2"})
    actions.void_batch(head, open_one, reason="Mở nhầm")
    with pytest.raises(Refusal) as found:
        actions.close_scan(head, scanned.ballot)
    assert (found.value.code, found.value.params) == ("elections.sheets_wait", {"number": 2})
    rule_on(scanned, scanned.sheet("?"), "valid", marks="1100", who="one")
    rule_on(scanned, scanned.sheet("?"), "valid", marks="1110", who="two")
    with pytest.raises(Refusal) as found:
        actions.close_scan(head, scanned.ballot)
    assert {(one.code, one.params["number"]) for one in each(found.value)} == {
        ("elections.sheets_wait", 1), ("elections.sheets_disputed", 1),
    }  # fmt: skip
    with refused("elections.not_on_board"):
        actions.close_scan(scanned.world.people["spare"], scanned.ballot)


def test_the_count_by_scan_is_the_sum_and_stays_sealed(scanned: Scanned) -> None:
    settle(scanned)
    actions.close_scan(scanned.world.people["one"], scanned.ballot)
    entry = scanned.ballot.entries.get()
    assert (entry.slot, entry.method) == ("scan", "scan")
    votes = [entry.figures["votes"][str(one.pk)] for one in scanned.ballot.names()]
    assert votes == [4, 4, 3, 3]
    assert [entry.figures[key] for key in ("collected", "valid", "invalid")] == [6, 5, 1]
    line = Entry.objects.get(action="elections.close_scan")
    assert set(line.after) == {"slot", "seal", "sheets", "state"}
    assert scanned.ballot.state == "counting"
    with refused("elections.scan_closed"):
        actions.close_scan(scanned.world.people["head"], scanned.ballot)
    with refused("elections.scan_closed"):
        actions.open_batch(scanned.world.people["one"], scanned.form)
    with refused("elections.scan_closed"):
        actions.void_batch(scanned.world.people["head"], scanned.batch, reason="Muộn")
    for who in ("one", "two"):
        figures = count(scanned.ballot, (4, 4, 3, 3), collected=6, valid=5, invalid=1)
        scanned.ballot.refresh_from_db()
        actions.enter_count(scanned.world.people[who], scanned.ballot, figures=figures)
    assert scanned.ballot.state == "agreed"


def test_more_ballots_than_were_issued_are_refused(scanned: Scanned) -> None:
    """A stack that was scanned twice (other pixels, so no duplicate) is found by the number of ballots issued."""
    settle(scanned)
    scanned.stack(MIXED[:4])
    with refused("elections.E05"):
        actions.close_scan(scanned.world.people["head"], scanned.ballot)
    twice = ScanBatch.objects.latest("number")
    actions.void_batch(scanned.world.people["head"], twice, reason="Quét lại sau khi kẹt giấy")
    scanned.ballot.refresh_from_db()
    actions.close_scan(scanned.world.people["head"], scanned.ballot)


def test_files_that_came_too_late_keep_the_count_open(scanned: Scanned) -> None:
    settle(scanned)
    inbox = scanned.batch.directory / "inbox"
    write_scans(inbox, scanned.form, MIXED[:1], first=50)
    with pytest.raises(Refusal) as found:
        actions.close_scan(scanned.world.people["head"], scanned.ballot)
    assert (found.value.code, found.value.params["number"]) == ("elections.late_files", 1)


def test_an_order_that_could_not_be_forgotten_keeps_the_count_open(scanned: Scanned) -> None:
    """A kill between taking in and forgetting leaves the journal; closing tidies up, or says what is in the way."""
    settle(scanned)
    folder = Folder(scanned.batch.directory)
    folder.journal.write_text("{}\n")
    folder.results.rename(folder.path / "moved.json")
    with refused("elections.order_kept"):
        actions.close_scan(scanned.world.people["head"], scanned.ballot)
    (folder.path / "moved.json").rename(folder.results)
    actions.close_scan(scanned.world.people["head"], scanned.ballot)
    assert folder.forgotten


# Pictures -----------------------------------------------------------------------------------------


def test_pictures_are_shown_to_the_board_alone(scanned: Scanned) -> None:
    sheet = scanned.sheet("?")
    picture = reverse("elections:sheet_picture", args=[sheet.pk, 0])
    crop = reverse("elections:sheet_crop", args=[sheet.pk, 0])
    for address, kind in ((picture, "image/jpeg"), (crop, "image/png")):
        answer = scanned.world.client("two").get(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, kind)
        assert answer["Cache-Control"] == "private, no-store"
    for who in ("organiser", "admin", "auditor", "viewer", "spare", "neighbour_head", "city", "member", "stranger"):
        assert scanned.world.client(who).get(picture).status_code == 404, who
    scanned.world.state("held")
    assert scanned.world.client("two").get(picture).status_code == 404


def test_there_is_no_way_out_of_the_folder(scanned: Scanned, tmp_path: Path) -> None:
    sheet = scanned.sheet("?")
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"x")
    client = scanned.world.client("two")
    for path in (f"../../../../../../../../..{secret}", str(secret)):
        sheet.doubts = [{"candidate": None, "reason": "x", "crop": path}]
        sheet.save()
        assert client.get(reverse("elections:sheet_crop", args=[sheet.pk, 0])).status_code == 404
    assert client.get(reverse("elections:sheet_picture", args=[sheet.pk, 7])).status_code == 404
    assert client.get(reverse("elections:sheet_crop", args=[sheet.pk, 7])).status_code == 404


def test_a_picture_that_was_changed_on_disk_is_not_shown(scanned: Scanned) -> None:
    sheet = scanned.sheet("1110")
    path = scanned.batch.directory / sheet.pages[0]["picture"]
    path.write_bytes(path.read_bytes() + b"\0")
    address = reverse("elections:sheet_picture", args=[sheet.pk, 0])
    assert scanned.world.client("two").get(address).status_code == 404


def test_sheets_lie_in_the_order_of_their_keys(scanned: Scanned) -> None:
    """The table itself is ordered by a number drawn by chance, not by when a row was written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM elections_sheet")
        found = [row[0] for row in cursor.fetchall()]
    if connection.vendor == "sqlite":
        assert found == sorted(found)
    assert min(found) > 1_000_000


def test_stacks_of_the_world_above(world: World) -> None:
    """The helper of these tests and the pages agree on what a stack is."""
    form = form_for(ballot_to_scan(world))
    batch = stack(world, form, [*MIXED[:2], "foreign-picture", "blank-back"], expected=2)
    shown = reads.stack_of(batch)
    assert shown.papers == 3
    assert shown.missing == -1
