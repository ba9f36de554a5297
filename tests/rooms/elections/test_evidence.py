"""Evidence: sealed whole, checked by the verifier, pictures gone afterwards; opened and destroyed by decision only."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyrage
import pytest
from django.conf import settings
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from conventus.core import book
from conventus.core.models import Entry, Job
from conventus.core.rules import Refusal
from conventus.elections import actions, evidence, jobs, reads
from conventus.elections.models import Adjudication, Ballot, CountEntry, Evidence, Sheet
from verifier import verify

from .conftest import World, refused
from .scans import Scanned, scanned

__all__ = ["scanned"]

VOTES = {"scan": (5, 4, 3, 3)}
FOLDER = Path(settings.VAR) / "evidence"


def ruled(scanned: Scanned) -> None:
    """Two members rule on the two ballots in doubt."""
    names = [str(one.pk) for one in scanned.ballot.names()]
    marks = dict(zip(names, ("chosen", "chosen", "rejected", "rejected"), strict=True))
    for who in ("one", "two"):
        user = scanned.world.people[who]
        actions.adjudicate(user, scanned.sheet("?"), ruling="valid", marks=marks)
        actions.adjudicate(user, scanned.sheet("1111"), ruling="invalid", ground="too_many")


def declared(scanned: Scanned) -> Ballot:
    """The whole count by three ways, declared."""
    world, ballot = scanned.world, scanned.ballot
    ruled(scanned)
    ballot.refresh_from_db()
    actions.close_scan(world.people["head"], ballot)
    votes = CountEntry.objects.get(ballot=ballot, slot="scan").figures["votes"]
    world.declared(ballot, list(votes.values()), collected=6, invalid=1)
    ballot.refresh_from_db()
    return ballot


@dataclass
class Locked:
    """A ballot whose evidence is sealed to a key, and that key."""

    world: World
    ballot: Ballot
    evidence: Evidence
    identity: str


def sealed_by_job(world: World, ballot: Ballot, **lock: Any) -> Job:
    """Ask for the sealing and do the job's work."""
    job = jobs.ask_to_seal(world.people["head"], ballot, **lock)
    jobs.seal_evidence(world.people["head"], lambda *_: None, **job.arguments)
    return job


@pytest.fixture
def locked(scanned: Scanned) -> Locked:
    ballot = declared(scanned)
    identity = pyrage.x25519.Identity.generate()
    sealed_by_job(scanned.world, ballot, recipients=[str(identity.to_public())])
    return Locked(scanned.world, ballot, Evidence.objects.get(ballot=ballot), str(identity))


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    for path in FOLDER.glob("*"):
        path.unlink()


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


# Refused ------------------------------------------------------------------------------------------


def key() -> str:
    return str(pyrage.x25519.Identity.generate().to_public())


def test_only_what_is_declared_is_sealed_and_only_once(scanned: Scanned) -> None:
    head = scanned.world.people["head"]
    with refused("elections.not_declared"):
        jobs.ask_to_seal(head, scanned.ballot, recipients=[key()])
    ballot = declared(scanned)
    sealed_by_job(scanned.world, ballot, recipients=[key()])
    with refused("elections.evidence_sealed"):
        jobs.ask_to_seal(head, ballot, recipients=[key()])


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
    with refused("elections.nothing_left"):
        actions.remove_pictures(head, locked.ballot) if not folder.exists() else _emptied(folder, head, locked.ballot)
    (folder / "out").mkdir(parents=True, exist_ok=True)
    page = locked.world.client("head").get(reverse("elections:evidence", args=[locked.ballot.pk]))
    assert "Remove the pictures" in page.content.decode()
    url = reverse("elections:remove_pictures", args=[locked.ballot.pk])
    assert locked.world.client("head").post(url).status_code == 302
    assert Entry.objects.filter(action="elections.remove_pictures").exists()


def _emptied(folder: Path, head: Any, ballot: Ballot) -> None:
    import shutil

    shutil.rmtree(folder)
    actions.remove_pictures(head, ballot)


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


# The record ---------------------------------------------------------------------------------------


def test_the_record_tells_of_paper_and_scan_but_never_of_a_ballot(scanned: Scanned) -> None:
    ballot = scanned.ballot
    actions.set_printed(scanned.world.people["organiser"], ballot, printed=10)
    actions.record_stock(scanned.world.people["head"], ballot, spoilt=1, unused=3)
    ballot = declared(scanned)
    facts = reads.record_facts(ballot, "en")
    assert (facts.printed, facts.issued, facts.spoilt, facts.unused) == (10, 6, 1, 3)
    scan = facts.scan
    assert scan
    assert (scan.stacks, scan.sheets, scan.unseen, scan.ruled) == ((("1", 6),), 6, 4, 2)
    said = [(one.ruling, one.ground, one.number, one.by) for one in scan.rulings]
    both = ("Account one", "Account two")
    assert said == [("valid", "", 1, both), ("invalid", "too_many", 1, both)]
    steps = {(one.step, one.by, one.method) for one in facts.entries}
    assert ("scan", "Account head", "scan") in steps
    answer = scanned.world.client("viewer").get(reverse("elections:record", args=[ballot.pk, "docx"]))
    text = " ".join(part.text or "" for part in Document(io.BytesIO(answer.content)).element.body.iter())
    for words in (
        "Ballot papers printed",
        "Invalid: more names chosen than seats",
        "bear no numbers",
        "in several ways",
    ):
        assert words in text
    sheets = Sheet.objects.values_list("key", flat=True)
    assert not any(one[:12] in text for one in sheets)


def test_the_record_prints_the_hashes_of_the_evidence(locked: Locked) -> None:
    remarks = " ".join(reads.record_facts(locked.ballot, "en").remarks)
    assert locked.evidence.manifest in remarks
    assert locked.evidence.sha256 in remarks


# The record's blanks ------------------------------------------------------------------------------

ADOPTED = datetime(2025, 2, 24, 17, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


def test_the_record_is_filled_in(world: World) -> None:
    ballot = world.declared(world.issued(), [80, 70, 60, 40])
    client, url = world.client("organiser"), reverse("elections:record_details", args=[ballot.pk])
    assert client.get(url).status_code == 200
    sent = {"number": "02-BB/BKP", "locality": "Đông Mẫu", "adopted": "2025-02-24T17:30", "presidium": "Bà A\nÔng B\n"}
    assert client.post(url, sent).status_code == 302
    ballot.refresh_from_db()
    facts = reads.record_facts(ballot, "vi")
    assert (facts.number, facts.place, facts.presidium) == ("02-BB/BKP", "Đông Mẫu", ("Bà A", "Ông B"))
    assert facts.adopted == ADOPTED
    line = Entry.objects.filter(action="elections.set_record_details").get()
    assert "Bà A" not in json.dumps(line.after, ensure_ascii=False)
    assert line.after["presidium"] == 2


def test_the_next_record_proposes_the_same_presidium(world: World) -> None:
    ballot = world.declared(world.issued(), [80, 70, 60, 40])
    actions.set_record_details(world.people["head"], ballot, locality="Đông Mẫu", presidium=["Bà A"])
    other = world.agreed(world.issued(world.listed(body="delegates", title="Đại biểu")), [80, 70, 60, 40])
    page = world.client("head").get(reverse("elections:record_details", args=[other.pk])).content.decode()
    assert "Bà A" in page


def test_blanks_are_not_filled_in_too_early_or_by_others(world: World) -> None:
    ballot = world.issued()
    with refused("elections.record_too_early"):
        actions.set_record_details(world.people["head"], ballot, number="1")
    ballot = world.agreed(ballot, [80, 70, 60, 40])
    with refused("elections.adopted_early"):
        actions.set_record_details(world.people["head"], ballot, adopted=ADOPTED.replace(year=2001))
    for who in ("one", "viewer", "auditor", "neighbour"):
        with refused("core.not_permitted"):
            actions.set_record_details(world.people[who], ballot, number="1")


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


# The entry log ------------------------------------------------------------------------------------


def test_the_entry_log_tells_who_and_when_but_no_figure(scanned: Scanned) -> None:
    ballot = declared(scanned)
    lines = reads.entry_log(ballot)
    verbs = [one.what for one in lines]
    assert verbs.count("Ruled on a ballot") == 4
    assert verbs.count("Count keyed in") == 2
    assert all(one.holds for one in lines)
    keyed = next(one for one in lines if one.what == "Count keyed in")
    assert (keyed.by, keyed.details) == ("Account one", "first entry")
    assert len(keyed.seal) == len(keyed.hash) == 64
    sheets = {str(pk) for pk in Sheet.objects.values_list("pk", flat=True)}
    for kind in ("", "?_export=csv", "?_export=xlsx"):
        url = reverse("elections:entry_log", args=[ballot.pk]) + kind
        page = text_of(scanned.world.client("auditor").get(url).content, kind)
        assert keyed.hash in page
        assert not any(pk in page for pk in sheets)
        assert "too_many" not in page


def text_of(content: bytes, kind: str) -> str:
    if "xlsx" not in kind:
        return content.decode()
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet
    return "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)


def test_the_log_is_the_same_after_the_papers_are_gone(scanned: Scanned) -> None:
    ballot = declared(scanned)
    before = [one.seq for one in reads.entry_log(ballot)]
    sealed_by_job(scanned.world, ballot, recipients=[key()])
    after = [one.seq for one in reads.entry_log(ballot)]
    assert after[: len(before)] == before
    assert len(after) == len(before) + 1


def test_reasons_stand_in_the_log(world: World) -> None:
    ballot = world.declared(world.issued(), [80, 70, 60, 40], collected=87)
    details = [one.details for one in reads.entry_log(ballot)]
    assert any(text.startswith("W01: Đã kiểm tra") for text in details)


def test_a_line_that_was_changed_shows(world: World) -> None:
    ballot = world.declared(world.issued(), [80, 70, 60, 40])
    line = Entry.objects.filter(action="elections.issue").get()
    Entry.objects.filter(pk=line.pk).update(office="somebody else")
    page = world.client("viewer").get(reverse("elections:entry_log", args=[ballot.pk])).content.decode()
    assert "were changed after they were written" in page
