"""Pages on which ballots are ruled on one by one: blind, for the board alone, and nothing of a mark anywhere else."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conventus.core.models import Entry, Job
from conventus.elections import actions, reads
from conventus.elections.models import Adjudication, CountEntry, seal_of

from .box import CLEAR, TOO_MANY, UNCLEAR, Box, box
from .scans import MIXED

__all__ = ["box"]


# Blindness ----------------------------------------------------------------------------------------


def test_nobody_sees_what_another_says_before_having_spoken(box: Box) -> None:
    box.rule("one", UNCLEAR, ruling="invalid", ground="writing", note="một chữ ký ở góc")
    for who in ("two", "head"):
        assert "một chữ ký ở góc" not in box.page(who, UNCLEAR)
        assert "Account one" not in box.page(who, UNCLEAR)
    box.rule("two", UNCLEAR, "1100")
    for who in ("one", "two", "three"):
        shown = box.page(who, UNCLEAR)
        assert "một chữ ký ở góc" in shown
        assert "Account one" in shown
        assert "Account two" in shown
    assert "một chữ ký ở góc" not in box.page("three", UNCLEAR, "key_sheet")


def test_keying_in_shows_no_reading(box: Box) -> None:
    """Every name stands as on an unmarked paper, whatever was read."""
    pages = {letters: box.page("one", letters, "key_sheet") for letters in CLEAR}
    plain = {text.replace(str(box.sheets[letters].pk), "") for letters, text in pages.items()}
    bare = {_without_tokens(text) for text in plain}
    assert len(bare) == 1
    assert "weak" not in box.page("one", UNCLEAR, "key_sheet").casefold()


def _without_tokens(text: str) -> str:
    return re.sub(r'(nonce|value|content)="[^"]{20,}"|"X-CSRFToken": "[^"]*"|X-CSRFToken&quot;: &quot;\w+', "", text)


# Secrecy ------------------------------------------------------------------------------------------

OUTSIDE = (
    "admin", "auditor", "organiser", "viewer", "city", "neighbour", "neighbour_head", "cell", "cell_head", "member",
    "spare", "stranger",
)  # fmt: skip


def addresses(box: Box) -> list[str]:
    """Every address that is about sheets."""
    sheet = box.sheets[UNCLEAR].pk
    mine = [reverse(f"elections:{name}", args=[sheet]) for name in ("sheet", "key_sheet")]
    pictures = [reverse(f"elections:{name}", args=[sheet, 0]) for name in ("sheet_picture", "sheet_crop")]
    pages = [
        reverse(f"elections:{name}", args=[box.ballot.pk]) for name in ("adjudicate", "key_sheets", "differing_sheets")
    ]
    return [*mine, *pictures, *pages]


def test_sheets_are_nobodys_business_but_the_boards(box: Box) -> None:
    found = []
    for who in OUTSIDE:
        client = box.world.client(who)
        for one in addresses(box):
            answers = client.get(one).status_code, client.post(one).status_code
            if answers[0] != 404 or answers[1] not in (404, 405):
                found.append(f"{who} {one} {answers}")
    assert found == []


def test_the_board_of_another_congress_finds_nothing(box: Box) -> None:
    """A counting board with every right in the same ward, but of another congress."""
    congress = box.world.congress
    others = type(congress).objects.get(pk=congress.pk)
    others.pk, others._state.adding = None, True
    others.unit = box.world.units["other"]
    others.save()
    congress.board.update(congress=others)
    for who in ("head", "one"):
        assert {box.world.client(who).get(one).status_code for one in addresses(box)} == {404}


def test_anybody_is_sent_to_the_login(box: Box) -> None:
    assert {Client().get(one).status_code for one in addresses(box)} == {302}


def test_the_book_learns_a_seal_and_no_mark(box: Box) -> None:
    before = Entry.objects.count()
    kept = box.rule("one", UNCLEAR, "1100")
    box.rule("two", UNCLEAR, ruling="invalid", ground="writing", note="chữ ký")
    box.all_by("three")
    actions.enter_by_sheets(box.world.people["three"], box.now())
    lines = list(Entry.objects.order_by("pk")[before:])
    assert {line.action for line in lines} == {"elections.adjudicate", "elections.enter_by_sheets"}
    allowed = {"sheet", "by", "seal"}
    for line in lines:
        if line.action == "elections.adjudicate":
            assert (set(line.after), line.before) == (allowed, {})
        else:
            assert set(line.after) - allowed <= {"slot", "state"}
        text = f"{line.before} {line.after}"
        assert not any(
            word in text for word in ("chosen", "rejected", "valid", "writing", "chữ ký", "too_many", "marks")
        )
    said = {"ruling": "valid", "ground": "", "marks": box.marks("1100"), "note": ""}
    assert lines[0].after["seal"] == kept.seal == seal_of(said, kept.salt)


def test_nothing_of_a_ballot_goes_into_the_log_or_a_job(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    client = box.world.client("one")
    address = reverse("elections:sheet", args=[box.sheets[UNCLEAR].pk])
    client.get(address)
    client.post(address, {"verdict": "valid"} | {f"mark_{key}": "chosen" for key in box.names})
    client.post(address, {"verdict": "invalid:writing"})
    box.all_by("one")
    words = {*box.names, "chosen", "writing", "too_many", str(box.sheets[UNCLEAR].pk)}
    told = [one for one in caplog.records if not one.name.startswith(("django.db", "asyncio"))]
    for one in told:
        text = one.getMessage()
        assert not any(word in text.split() for word in words), text
        assert "mark_" not in text
    assert not Job.objects.exists()


def test_an_agreed_count_opens_entries_in_the_book_but_no_sheet(box: Box) -> None:
    for who in ("one", "two"):
        box.all_by(who)
        actions.enter_by_sheets(box.world.people[who], box.now())
    actions.close_scan(box.world.people["head"], box.now())
    line = Entry.objects.filter(action="elections.close_scan").get()
    assert {one["slot"] for one in line.after["entries"]} == {"first", "second", "scan"}
    assert not any(str(one.pk) in str(line.after) or one.key in str(line.after) for one in box.sheets.values())


# Pages --------------------------------------------------------------------------------------------


def send(box: Box, who: str, sheet: str, verdict: str, letters: str = "", page: str = "sheet", **more: str) -> Any:
    """Send the form of one ballot."""
    marks = {f"mark_{key}": mark for key, mark in box.marks(letters).items()} if letters else {}
    address = reverse(f"elections:{page}", args=[box.sheets[sheet].pk])
    return box.world.client(who).post(address, {"verdict": verdict} | marks | more)


def test_a_verdict_leads_to_the_next_ballot_and_at_last_to_where_the_board_stands(box: Box) -> None:
    start = reverse("elections:adjudicate", args=[box.ballot.pk])
    first = box.world.client("one").get(start)
    assert first.headers["Location"] in {
        reverse("elections:sheet", args=[box.sheets[one].pk]) for one in (UNCLEAR, TOO_MANY)
    }
    answer = send(box, "one", UNCLEAR, "valid", "1100", note="nét gạch ngắn")
    assert answer.headers["Location"] == reverse("elections:sheet", args=[box.sheets[TOO_MANY].pk])
    answer = send(box, "one", TOO_MANY, "invalid:too_many")
    assert answer.headers["Location"] == start
    assert Adjudication.objects.get(sheet=box.sheets[UNCLEAR]).note == "nét gạch ngắn"
    rest = box.world.client("one").get(start).content.decode()
    assert "Nothing is left for you." in rest
    assert "Account head" in rest


def test_a_refused_verdict_keeps_what_was_decided(box: Box) -> None:
    answer = send(box, "one", TOO_MANY, "valid", "1111")
    assert answer.status_code == 422
    assert "The marks choose 4 for 3 seats" in answer.content.decode()
    assert send(box, "one", UNCLEAR, "", "1100").status_code == 422
    missing = send(box, "one", UNCLEAR, "valid", "11?0")
    assert missing.status_code == 422
    assert not Adjudication.objects.exists()


def test_the_page_offers_the_grounds_of_the_law_for_this_paper(box: Box) -> None:
    shown = box.page("one", UNCLEAR)
    assert "nobody chosen" in shown
    assert "both boxes marked, or none" not in shown
    assert "a weak mark" in shown


def test_those_who_disagree_are_shown_side_by_side_also_in_names_that_were_clear(box: Box) -> None:
    box.rule("one", UNCLEAR, "1100")
    box.rule("two", UNCLEAR, "0110")
    shown = box.page("three", UNCLEAR)
    assert "The members disagree" in shown
    assert shown.count("data-walk") == 2
    box.rule("three", UNCLEAR, "1100")
    assert "The board has agreed on this ballot." in box.page("one", UNCLEAR)
    assert send(box, "one", UNCLEAR, "valid", "0110").status_code == 422


def test_a_count_is_keyed_in_and_handed_in_by_pages(box: Box) -> None:
    client, start = box.world.client("one"), reverse("elections:key_sheets", args=[box.ballot.pk])
    for _ in MIXED:
        place = client.get(start).headers["Location"]
        letters = next(key for key, one in box.sheets.items() if str(one.pk) in place)
        verdict = "invalid:too_many" if letters == TOO_MANY else "valid"
        answer = send(box, "one", letters, verdict, letters.replace("?", "0"), page="key_sheet")
        assert answer.headers["Location"] == start
    assert "Every ballot is keyed in" in client.get(start).content.decode()
    assert client.post(start, {"row_version": box.now().version}).status_code == 302
    assert CountEntry.objects.get(slot="first").figures["collected"] == 6
    assert client.get(start).status_code == 422


def test_the_board_sees_on_the_ballot_what_waits_and_others_do_not(box: Box) -> None:
    address = reverse("elections:ballot", args=[box.ballot.pk])
    assert "Rule on 2 ballots" in box.world.client("one").get(address).content.decode()
    for who in ("organiser", "auditor", "admin"):
        assert "one by one" not in box.world.client(who).get(address).content.decode()


def test_the_desk_says_what_waits_for_whom(box: Box) -> None:
    titles = [one.title for one in reads.desk_items(box.world.people["two"], box.world.congress.starts_on)]
    assert "Rule on 2 ballots in doubt" in titles
    box.rule("two", UNCLEAR, "1100")
    box.rule("two", TOO_MANY, ruling="invalid", ground="too_many")
    titles = [one.title for one in reads.desk_items(box.world.people["two"], box.world.congress.starts_on)]
    assert not any("in doubt" in title for title in titles)


def test_nobody_rules_when_the_scan_is_closed(box: Box) -> None:
    for who in ("one", "two"):
        box.rule(who, UNCLEAR, "1100")
        box.rule(who, TOO_MANY, ruling="invalid", ground="too_many")
    actions.close_scan(box.world.people["head"], box.now())
    address = reverse("elections:adjudicate", args=[box.ballot.pk])
    assert box.world.client("three").get(address).status_code == 422
    assert send(box, "three", UNCLEAR, "valid", "1100").status_code == 422
