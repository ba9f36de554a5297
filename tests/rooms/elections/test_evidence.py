"""Evidence: sealed whole, checked by the verifier, pictures gone afterwards; opened and destroyed by decision only."""

from __future__ import annotations

import json
import shutil
import zipfile
from datetime import date
from typing import Any

import pyrage
import pytest
from django.urls import reverse

from conventus.core import book
from conventus.core.models import Entry, Job
from conventus.core.rules import Refusal
from conventus.elections import actions, evidence, jobs, reads
from conventus.elections.models import (
    Adjudication,
    Audit,
    AuditDraw,
    Ballot,
    CountEntry,
    Evidence,
    ScanBatch,
    Sheet,
    seal_of,
)
from verifier import verify

from .conftest import World, refused
from .scans import Scanned, form_for, scanned, stack
from .sealing import FOLDER, Locked, clean_folder, declared, key, locked, sealed_by_job, verified

__all__ = ["clean_folder", "locked", "scanned"]

# Sealing ------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_sealed_evidence_is_whole_and_the_pictures_are_gone(scanned: Scanned) -> None:
    folder = scanned.batch.directory
    assert list((folder / "out" / "pages").glob("*.jpg"))
    ballot = declared(scanned)
    identity = pyrage.x25519.Identity.generate()
    before = reads.record_facts(ballot, "en")
    sealed_by_job(scanned.world, ballot, recipients=[str(identity.to_public())])
    found = Evidence.objects.get(ballot=ballot)

    for told in (found.sha256, found.manifest):
        report = verify(found.path, identity=str(identity), sealed=told)
        assert report.faults == ()
    assert (report.summary["sheets"], report.summary["adjudicated"]) == (6, 2)
    assert (found.sheets, found.pictures) == (6, 6)
    assert not folder.exists()
    assert not Sheet.objects.filter(batch=scanned.batch).exists()
    assert not Adjudication.objects.exists()
    assert [path.name for path in FOLDER.iterdir()] == [f"{found.file}.age"]
    assert _told(before) == _told(reads.record_facts(ballot, "en"))


def _told(facts: Any) -> Any:
    """What the record says of count, paper and scan."""
    return facts.results, facts.warnings, facts.scan, facts.entries, facts.valid


def test_the_minute_book_keeps_the_hashes(locked: Locked) -> None:
    line = Entry.objects.filter(action="elections.seal_evidence").get()
    assert (line.after["sha256"], line.after["manifest"]) == (locked.evidence.sha256, locked.evidence.manifest)
    assert not any(isinstance(one, book.Fault) for one in book.verify())


def test_no_secret_is_in_the_book_or_a_job(scanned: Scanned) -> None:
    """The passphrase is nowhere; the job knows a public key, and the key file opens with the passphrase alone."""
    ballot, words = declared(scanned), "năm từ không ai đoán ra"
    job = sealed_by_job(scanned.world, ballot, passphrase=words, again=words)
    found = Evidence.objects.get(ballot=ballot)
    written = json.dumps([*Entry.objects.values_list("after", flat=True), job.arguments, found.kept], default=str)
    assert words not in written
    assert "SECRET" not in written.upper()
    assert b"AGE-SECRET" not in found.key_path.read_bytes()
    answer = scanned.world.client("head").post(
        reverse("elections:open_evidence", args=[ballot.pk]), {"decision": "Quyết định số 5"}
    )
    handed_out = FOLDER / "handed-out.zip"
    handed_out.write_bytes(b"".join(answer))
    assert verify(handed_out, passphrase=words, sealed=found.sha256).faults == ()
    with zipfile.ZipFile(handed_out) as both:
        assert [name.removeprefix("evidence-W1-committee-1") for name in both.namelist()] == [".age", ".key.age"]


def test_nothing_of_a_single_ballot_stays(locked: Locked) -> None:
    names = [str(one.pk) for one in locked.ballot.names()]
    text = json.dumps(locked.evidence.kept)
    assert "chosen" not in text
    assert set(locked.evidence.kept["scanned"]["marks"]) == set(names)
    assert (reads.grounds_of(locked.ballot).ruled, reads.grounds_of(locked.ballot).invalid) == (2, {"too_many": 1})
    assert {one.code for one in reads.findings_of(locked.ballot)} == {one["code"] for one in locked.ballot.accepted}


def test_a_count_without_scans_is_sealed_as_well(world: World) -> None:
    ballot = world.declared(world.issued(), [80, 70, 60, 40])
    identity = pyrage.x25519.Identity.generate()
    sealed_by_job(world, ballot, recipients=[str(identity.to_public())])
    found = Evidence.objects.get(ballot=ballot)
    assert verify(found.path, identity=str(identity), sealed=found.sha256).faults == ()
    assert found.pictures == 0


def test_differences_that_were_settled_and_counts_repeated_are_told(world: World) -> None:
    ballot = world.issued()
    world.enter("one", ballot, [80, 70, 60, 40])
    ballot.refresh_from_db()
    actions.repeat_count(world.people["head"], ballot, reason="Đếm lại")
    world.enter("one", ballot, [80, 70, 60, 40])
    world.enter("two", ballot, [80, 71, 60, 40])
    ballot.refresh_from_db()
    key = f"votes_{ballot.names()[1].pk}"
    actions.resolve(world.people["three"], ballot, choices={key: actions.Choice("first")}, reason="Theo phiếu")
    world.accept_all(ballot)
    ballot = actions.declare_result(world.people["head"], ballot)
    identity = pyrage.x25519.Identity.generate()
    sealed_by_job(world, ballot, recipients=[str(identity.to_public())])
    found = Evidence.objects.get(ballot=ballot)
    assert verify(found.path, identity=str(identity)).faults == ()


def test_a_paper_with_boxes(assembly: World) -> None:
    """Marks in both boxes and in none count for nobody; the verifier's sum has them as the record has."""
    ballot = assembly.issued(assembly.listed(2, 2, body="auditors", title="Auditors"), 4)
    ballot = actions.choose_paths(assembly.people["head"], ballot, paths=["scan", "first", "second"])
    stack(assembly, form_for(ballot, lang="en"), ("11", "10", "b1", "-1"), expected=4)
    for judged in reads.judged_sheets(ballot):
        if judged.open:
            marks = {key: "both" if mark == "doubt" else mark for key, mark in judged.sheet.marks.items()}
            for who in ("one", "two"):
                actions.adjudicate(assembly.people[who], judged.sheet, ruling="valid", marks=marks)
    ballot.refresh_from_db()
    actions.close_scan(assembly.people["head"], ballot)
    figures = CountEntry.objects.get(ballot=ballot, slot="scan").figures
    for who in ("one", "two"):
        ballot.refresh_from_db()
        actions.enter_count(assembly.people[who], ballot, figures=figures)
    ballot.refresh_from_db()
    assembly.accept_all(ballot)
    ballot = actions.declare_result(assembly.people["head"], ballot)
    report = verified(assembly, ballot)
    assert report.faults == ()
    assert sorted(report.summary["votes"].values()) == [2, 3]


def test_a_lot_that_was_drawn(assembly: World) -> None:
    contest = assembly.listed(1, 2, body="chair", title="Chair")
    for _round in range(3):
        ballot = assembly.declared(assembly.issued(contest, 88), (44, 44))
    contest.refresh_from_db()
    actions.draw_lot(assembly.people["head"], contest, drawn=[ballot.names()[1]], reason="Two slips in a hat")
    ballot.refresh_from_db()
    report = verified(assembly, ballot)
    assert report.faults == ()
    assert report.summary["elected"] == [ballot.names()[1].name]


# Refused ------------------------------------------------------------------------------------------


def test_only_what_is_declared_is_sealed_and_only_once(scanned: Scanned) -> None:
    head = scanned.world.people["head"]
    with refused("elections.not_declared"):
        jobs.ask_to_seal(head, scanned.ballot, recipients=[key()])
    ballot = declared(scanned)
    sealed_by_job(scanned.world, ballot, recipients=[key()])
    with refused("elections.evidence_sealed"):
        jobs.ask_to_seal(head, ballot, recipients=[key()])


def test_not_while_an_audit_or_a_stack_is_open(scanned: Scanned) -> None:
    ballot, head = declared(scanned), scanned.world.people["head"]
    batch = ScanBatch.objects.create(form=scanned.form, number=9, attempt=ballot.attempt)
    with refused("elections.stack_unread"):
        jobs.ask_to_seal(head, ballot, recipients=[key()])
    batch.delete()
    audit = Audit.objects.create(ballot=ballot, risk_percent=10, seed="1", by=head, at=ballot.declared_at)
    with refused("elections.audit_open"):
        jobs.ask_to_seal(head, ballot, recipients=[key()])
    audit.state = Audit.State.CONFIRMED
    audit.save()
    said = {"ruling": "valid", "chosen": ["1"]}
    AuditDraw.objects.create(
        audit=audit, number=1, by=head, ruling="valid", chosen=["1"], salt="s", seal=seal_of(said, "s")
    )
    assert verified(scanned.world, ballot).faults == ("audits.json, paper 1: its seal stands in no line of the log.",)
    assert AuditDraw.objects.get().chosen == []


def test_only_the_head_seals_opens_and_destroys(locked: Locked) -> None:
    world, ballot = locked.world, locked.ballot
    for who in ("one", "organiser", "auditor", "admin", "viewer"):
        for verb in (actions.open_evidence, actions.destroy_evidence):
            with pytest.raises(Refusal):
                verb(world.people[who], ballot, decision="Quyết định")
        with pytest.raises(Refusal):
            actions.remove_pictures(world.people[who], ballot)
        for route in ("seal_evidence", "open_evidence", "destroy_evidence"):
            answer = world.client(who).get(reverse(f"elections:{route}", args=[ballot.pk]))
            assert answer.status_code in (403, 422)


@pytest.mark.parametrize(
    ("lock", "code"),
    [
        ({}, "no_lock"),
        ({"passphrase": "ngắn", "again": "ngắn"}, "passphrase_short"),
        ({"passphrase": "abababababababababab", "again": "abababababababababab"}, "passphrase_simple"),
        ({"passphrase": "phường đông mẫu ", "again": "phường đông mẫu "}, "passphrase_short"),
        ({"passphrase": "năm từ không ai đoán", "again": "năm từ không ai đoan"}, "passphrases_differ"),
        ({"recipients": ["age1nokey"]}, "recipient_wrong"),
    ],
)
def test_weak_locks(world: World, lock: dict[str, Any], code: str) -> None:
    ballot = world.declared(world.issued(), [80, 70, 60, 40])
    with refused(f"elections.{code}"):
        jobs.ask_to_seal(world.people["head"], ballot, **lock)
    assert not list(FOLDER.glob("*"))


def test_the_name_of_the_contest_is_no_passphrase(world: World) -> None:
    ballot = world.declared(world.issued(world.listed(title="Ban Chấp hành Đảng bộ phường")), [80, 70, 60, 40])
    with refused("elections.passphrase_known"):
        words = "ban chấp hành đảng bộ phường"
        jobs.ask_to_seal(world.people["head"], ballot, passphrase=words, again=words)


def test_a_picture_that_was_changed_stops_the_sealing(scanned: Scanned) -> None:
    ballot = declared(scanned)
    picture = next((scanned.batch.directory / "out" / "pages").glob("*.jpg"))
    picture.write_bytes(picture.read_bytes() + b"x")
    with refused("elections.picture_changed"):
        sealed_by_job(scanned.world, ballot, recipients=[key()])
    assert not Evidence.objects.exists()
    assert Sheet.objects.count() == 6
    assert not list(FOLDER.glob("*"))


def test_what_does_not_come_back_whole_is_not_sealed(scanned: Scanned, monkeypatch: pytest.MonkeyPatch) -> None:
    ballot = declared(scanned)

    def broken(*_: Any) -> Any:
        raise evidence.LockError("x")

    monkeypatch.setattr(evidence, "seal", broken)
    with refused("elections.not_sealed_whole"):
        sealed_by_job(scanned.world, ballot, recipients=[key()])
    assert scanned.batch.directory.exists()
    assert not list(FOLDER.glob("*"))


def test_what_is_recorded_meanwhile_must_be_in_it(scanned: Scanned, monkeypatch: pytest.MonkeyPatch) -> None:
    ballot, real = declared(scanned), evidence.seal

    def slow(*given: Any) -> Any:
        actions.set_record_details(scanned.world.people["organiser"], Ballot.objects.get(pk=ballot.pk), number="7")
        return real(*given)

    monkeypatch.setattr(evidence, "seal", slow)
    with pytest.raises(Refusal):
        sealed_by_job(scanned.world, ballot, recipients=[key()])
    assert not Evidence.objects.exists()
    assert not list(FOLDER.glob("*"))


def test_a_killed_sealing_leaves_nothing_behind(scanned: Scanned) -> None:
    ballot = declared(scanned)
    FOLDER.mkdir(exist_ok=True)
    left = FOLDER / f"ballot-{ballot.pk}-dead.zip"
    left.write_bytes(b"pictures")
    sealed_by_job(scanned.world, ballot, recipients=[key()])
    assert not left.exists()


def test_pictures_left_by_an_interruption_are_removed(locked: Locked, scanned: Scanned) -> None:
    head, folder = locked.world.people["head"], scanned.batch.directory
    shutil.rmtree(folder, ignore_errors=True)
    with refused("elections.nothing_left"):
        actions.remove_pictures(head, locked.ballot)
    (folder / "out").mkdir(parents=True)
    page = locked.world.client("head").get(reverse("elections:evidence", args=[locked.ballot.pk]))
    assert "Remove the pictures" in page.content.decode()
    url = reverse("elections:remove_pictures", args=[locked.ballot.pk])
    assert locked.world.client("head").post(url).status_code == 302
    assert Entry.objects.filter(action="elections.remove_pictures").exists()


# Opening and destroying ---------------------------------------------------------------------------


def test_it_is_taken_out_by_decision(locked: Locked) -> None:
    client, url = locked.world.client("head"), reverse("elections:open_evidence", args=[locked.ballot.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"decision": ""}).status_code == 422
    answer = client.post(url, {"decision": "Quyết định số 5 của Ban Thường vụ"})
    assert b"".join(answer) == locked.evidence.path.read_bytes()
    assert answer.headers["Cache-Control"] == "private, no-store"
    line = Entry.objects.filter(action="elections.open_evidence").get()
    assert (line.after["decision"], line.after["sha256"]) == (
        "Quyết định số 5 của Ban Thường vụ",
        locked.evidence.sha256,
    )
    with refused("elections.opening_reason"):
        actions.open_evidence(locked.world.people["head"], locked.ballot, decision=" ")
    locked.evidence.path.unlink()
    with refused("elections.evidence_gone"):
        actions.open_evidence(locked.world.people["head"], locked.ballot, decision="Quyết định")


def test_it_is_destroyed_when_its_time_is_over(locked: Locked, monkeypatch: pytest.MonkeyPatch) -> None:
    head, ballot = locked.world.people["head"], locked.ballot
    with refused("elections.kept_until"):
        actions.destroy_evidence(head, ballot, decision="Quyết định số 9")
    locked.world.state("recognised")
    later = reads.kept_until(ballot)
    assert later
    assert later.isoformat() == "2025-08-24"
    monkeypatch.setenv("CONVENTUS_TODAY", later.isoformat())
    ballot.refresh_from_db()
    with refused("elections.destroying_reason"):
        actions.destroy_evidence(head, ballot, decision="")
    client, url = locked.world.client("head"), reverse("elections:destroy_evidence", args=[ballot.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"decision": "Quyết định số 9"}).status_code == 302
    found = Evidence.objects.get(ballot=ballot)
    assert (found.state, found.decision) == ("destroyed", "Quyết định số 9")
    page = client.get(reverse("elections:evidence", args=[ballot.pk])).content.decode()
    assert "Quyết định số 9" in page
    for verb in (actions.open_evidence, actions.destroy_evidence):
        with refused("elections.evidence_destroyed"):
            verb(head, Ballot.objects.get(pk=ballot.pk), decision="Quyết định")


@pytest.mark.django_db(transaction=True)
def test_the_file_goes_with_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ballot = world.declared(world.issued(), [80, 70, 60, 40])
    sealed_by_job(world, ballot, recipients=[key()])
    found = Evidence.objects.get(ballot=ballot)
    assert found.path.exists()
    monkeypatch.setenv("CONVENTUS_TODAY", "2025-09-01")
    actions.destroy_evidence(world.people["head"], Ballot.objects.get(pk=ballot.pk), decision="Quyết định số 9")
    assert not found.path.exists()


def test_the_desk_asks_the_head_to_seal_and_later_to_destroy(scanned: Scanned) -> None:
    ballot = declared(scanned)
    head, one = scanned.world.people["head"], scanned.world.people["one"]

    def asked(user: Any, day: date = date(2025, 2, 24)) -> list[str]:
        return [str(item.title) for item in reads.desk_items(user, day) if item.kind == "elections.evidence"]

    assert asked(head) == ["Seal the evidence"]
    assert asked(one) == []
    sealed_by_job(scanned.world, ballot, recipients=[key()])
    assert asked(head) == []
    assert asked(head, date(2025, 8, 24)) == ["Have the evidence of the ballot destroyed"]


def test_nothing_to_open_before_it_is_sealed(world: World) -> None:
    ballot = world.declared(world.issued(), [80, 70, 60, 40])
    for verb in (actions.open_evidence, actions.destroy_evidence):
        with refused("elections.evidence_missing"):
            verb(world.people["head"], ballot, decision="Quyết định")
    with refused("elections.evidence_missing"):
        actions.remove_pictures(world.people["head"], ballot)


# Pages --------------------------------------------------------------------------------------------


def test_the_way_through_the_pages(world: World) -> None:
    ballot = world.declared(world.issued(), [80, 70, 60, 40])
    client = world.client("head")
    assert "Seal the evidence" in client.get(reverse("elections:ballot", args=[ballot.pk])).content.decode()
    assert "Not sealed yet" in client.get(reverse("elections:evidence", args=[ballot.pk])).content.decode()
    url = reverse("elections:seal_evidence", args=[ballot.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"passphrase": "kurz", "again": "kurz"}).status_code == 422
    answer = client.post(url, {"recipients": f"{key()}\n\n{key()}"})
    job = Job.objects.get(kind=jobs.SEALING)
    assert answer.headers["Location"] == reverse("core:job", args=[job.pk])
    assert len(job.arguments["recipients"]) == 2
    jobs.seal_evidence(world.people["head"], lambda *_: None, **job.arguments)
    page = client.get(reverse("elections:evidence", args=[ballot.pk])).content.decode()
    found = Evidence.objects.get()
    assert found.sha256 in page
    assert found.manifest in page
    assert "Destroy the evidence" not in page
    assert client.get(url).status_code == 422


def test_a_refused_passphrase_is_not_sent_back(world: World) -> None:
    ballot = world.declared(world.issued(), [80, 70, 60, 40])
    url = reverse("elections:seal_evidence", args=[ballot.pk])
    words = "mật khẩu rất dài"
    answer = world.client("head").post(url, {"passphrase": words, "again": "khác"})
    assert answer.status_code == 422
    assert words not in answer.content.decode()


# Pages of the count, once the papers are gone -----------------------------------------------------

AFTERWARDS = (
    "ballot",
    "result",
    "compare",
    "recounts",
    "reconcile",
    "audit",
    "entry_log",
    "evidence",
    "paper",
    "slide",
)
GONE = ("scan", "differing_sheets")


def test_every_page_of_the_count_still_answers(locked: Locked, scanned: Scanned) -> None:
    client, pk = locked.world.client("head"), locked.ballot.pk
    for route in AFTERWARDS:
        assert client.get(reverse(f"elections:{route}", args=[pk])).status_code == 200, route
    here = reverse("elections:evidence", args=[pk])
    for url in (
        *(reverse(f"elections:{route}", args=[pk]) for route in GONE),
        reverse("elections:stack", args=[scanned.batch.pk]),
    ):
        assert client.get(url).headers["Location"] == here
    assert "Seal the evidence" not in client.get(reverse("elections:ballot", args=[pk])).content.decode()
    assert "Everything balances" in client.get(reverse("elections:reconcile", args=[pk])).content.decode()
