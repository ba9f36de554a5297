"""The counting record's paper and scan, the blanks that are filled in, the entry log from the minute book."""

from __future__ import annotations

import io
import json
from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from conventus.core.models import Entry
from conventus.elections import actions, reads
from conventus.elections.models import Sheet

from .conftest import World, refused
from .scans import Scanned, scanned
from .sealing import Locked, clean_folder, declared, key, locked, sealed_by_job

__all__ = ["clean_folder", "locked", "scanned"]

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

ADOPTED = datetime(2025, 2, 24, 23, 59, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


def test_the_record_is_filled_in(world: World) -> None:
    ballot = world.declared(world.issued(), [80, 70, 60, 40])
    client, url = world.client("organiser"), reverse("elections:record_details", args=[ballot.pk])
    assert client.get(url).status_code == 200
    sent = {"number": "02-BB/BKP", "locality": "Đông Mẫu", "adopted": "2025-02-24T23:59", "presidium": "Bà A\nÔng B\n"}
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
