"""A counting board of three counts nineteen ballots in three ways, twelve in doubt and one lost: by keyboard only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import pytest
from playwright.sync_api import Page, expect

from conventus.core import jobs
from conventus.core.models import Job
from conventus.elections import actions as elections
from conventus.elections.models import Ballot, PaperForm, ScanBatch, Sheet
from tests.journeys.stage import Site, told
from tests.journeys.test_count import account, by_keys_to, issued, key_in, tab_to
from tests.journeys.test_pages import AXE, WIDE, faults_of, shown
from tests.rooms.elections.scans import form_for, write_scans

CLEAR = ("1110", "1101", "1011", "0111", "1110", "1101", "1100")
UNCLEAR = ("11?0", "1?10", "?110", "110?", "1?01", "?011", "01?1", "0?11")
INVALID = ("1111", "1111", "0000", "0000")
FOUND = CLEAR[-1]
"""The ballot that stuck under the scanner."""
SCANNED = (*CLEAR[:-1], *UNCLEAR, *INVALID)
SEATS = 3


@pytest.mark.xdist_group("scan-count")
def test_three_ways_to_one_record_without_a_mouse(site: Site) -> None:
    ballot = elections.choose_paths(account("dongson.head"), issued(site), paths=["scan", "first", "second"])
    paper, where = form_for(ballot), f"/elections/ballots/{ballot.pk}"
    head, one, two = (site.person(f"dongson.{name}") for name in ("head", "counter1", "counter2"))
    # Nineteen ballots lie on the table, eighteen come out of the scanner.
    scan(head, where, paper, SCANNED, expected=19, first=0)
    told(head, "1 ballot is missing.")
    assert judge(one, ballot) == 12
    assert judge(two, ballot, differently=1) == 12
    # It lay under the scanner; alone it makes a second stack.
    scan(head, where, paper, [FOUND], expected=1, first=50)
    told(head, "As many ballots were found as were counted by hand.")
    assert judge(head, ballot) == 1
    key_in_totals(one, where)
    key_in_from_pictures(two, where)
    close(head, where)
    told(head, "The count is agreed.")
    declare(head, where)
    to_the_record(head, ballot)


# Scanning -----------------------------------------------------------------------------------------


def scan(page: Page, where: str, paper: PaperForm, papers: Sequence[str], expected: int, first: int) -> None:
    """Open a stack, let the scanner fill its folder, say that it is complete, and wait until it is taken in."""
    page.goto(f"{where}/scan")
    tab_to(page, "New stack")
    leave(page)
    tab_to_field(page, "counted by hand")
    page.keyboard.type(str(expected))
    leave(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Stack")
    batch = ScanBatch.objects.latest("pk")
    write_scans(batch.directory / "inbox", paper, papers, first)
    tab_to(page, "The stack is complete")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main").get_by_text("The stack is complete:").first).to_be_visible()
    work()
    page.goto(f"/elections/stacks/{batch.pk}")


def work() -> None:
    """What the worker does beside the pages."""
    for row in Job.objects.filter(state=Job.State.WAITING):
        Job.objects.filter(pk=row.pk).update(state=Job.State.RUNNING)
        jobs.run_apart(row.pk)
        row.refresh_from_db()
        assert row.state == Job.State.DONE, row.result


def tab_to_field(page: Page, label: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if label in page.evaluate("document.activeElement.labels?.[0]?.textContent ?? ''"):
            return
    raise AssertionError(f"Tab never comes to the field “{label}”")


# Ballots in doubt ---------------------------------------------------------------------------------


def judge(page: Page, ballot: Ballot, differently: int = 0) -> int:
    """Rule on every ballot that waits, from the desk on; on so many with a mark in doubt otherwise than the others."""
    page.goto("/")
    tab_to(page, "Rule")
    leave(page)
    clean(page)
    done = 0
    while True:
        expect(page.get_by_role("heading", level=1)).to_contain_text("in doubt")
        if page.get_by_role("heading", level=1).text_content() != "Ballot in doubt":
            return done
        marks = Counter(sheet_of(page).marks.values())
        other = differently > 0 and marks["doubt"] == 1
        differently -= other
        say(page, marks, "c" if other else "r")
        done += 1


def say(page: Page, marks: Counter[str], doubtful: str) -> None:
    """The keys for one ballot, a key per verdict, and on to the next."""
    for _ in range(marks["doubt"]):
        page.keyboard.press(doubtful)
    if not marks["doubt"]:
        page.keyboard.press("i")
        page.keyboard.press("2" if marks["chosen"] > SEATS else "3")
    else:
        page.keyboard.press("v")
    leave(page)


def leave(page: Page) -> None:
    """Enter saves; the next page has another address."""
    here = page.url
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(here)
    page.wait_for_load_state("domcontentloaded")


def clean(page: Page) -> None:
    """Axe finds nothing on the page, wide and narrow; nothing overflows."""
    page.evaluate(AXE)
    assert list(faults_of(page, frame=False)) == []
    shown(page, WIDE, "light")


def sheet_of(page: Page) -> Sheet:
    """The ballot on the page."""
    found = re.search(r"/sheets/(\d+)", page.url)
    assert found, page.url
    return Sheet.objects.get(pk=found[1])


# The other two ways -------------------------------------------------------------------------------


def counted() -> tuple[int, ...]:
    """What the board finds on the table: the unclear marks count as struck out, four ballots are invalid."""
    valid = [paper.replace("?", "0") for paper in (*CLEAR, *UNCLEAR)]
    return (19, len(valid), len(INVALID), *(sum(paper[number] == "1" for paper in valid) for number in range(4)))


def key_in_totals(page: Page, where: str) -> None:
    page.goto(where)
    by_keys_to(page, "Enter the count")
    key_in(page, counted())


def key_in_from_pictures(page: Page, where: str) -> None:
    """The second member strikes out by number what is struck out on the pictures not seen yet, and hands in the sum."""
    page.goto(where)
    tab_to(page, "Key in every ballot")
    leave(page)
    clean(page)
    for _ in CLEAR:
        expect(page.get_by_role("heading", level=1)).to_have_text("Key in a ballot")
        marks = sheet_of(page).marks
        for number, one in enumerate(names_of(page), 1):
            if marks[one] == "rejected":
                page.keyboard.type(str(number))
                page.keyboard.press("Enter")
        leave(page)
    told(page, "Every ballot is keyed in")
    tab_to(page, "Hand in my count")
    leave(page)
    told(page, "Your count is handed in")


def names_of(page: Page) -> list[str]:
    """The candidates' keys in the order of the paper."""
    return [row["candidate"] for row in sheet_of(page).batch.form.geometry["rows"]]


# To the record ------------------------------------------------------------------------------------


def close(page: Page, where: str) -> None:
    page.goto(f"{where}/scan")
    tab_to(page, "Close the count by scan")
    page.keyboard.press("Enter")
    sure(page, "Close")


def sure(page: Page, words: str) -> None:
    """Answer the question by keyboard."""
    expect(page.get_by_role("dialog")).to_be_visible()
    tab_to(page, words)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()


def declare(page: Page, where: str) -> None:
    """Accept each warning with its reason, then declare."""
    page.goto(where)
    reasons = page.get_by_label("Why this is right as it is")
    while before := reasons.count():
        tab_to_field(page, "Why this is right as it is")
        page.keyboard.type("Một phiếu nằm dưới máy quét, đã quét thành tập riêng.")
        page.keyboard.press("Enter")
        expect(reasons).to_have_count(before - 1)
    tab_to(page, "Declare the result")
    page.keyboard.press("Enter")
    sure(page, "Declare")
    expect(page.get_by_role("main").get_by_text("declared").first).to_be_visible()


def to_the_record(page: Page, ballot: Ballot) -> None:
    ballot.refresh_from_db()
    assert (ballot.state, ballot.collected, ballot.valid, ballot.invalid) == ("declared", *counted()[:3])
    votes = [one.votes for one in ballot.vote_counts.order_by("candidate__order")]
    assert votes == list(counted()[3:])
    answer = page.request.get(f"/elections/ballots/{ballot.pk}/record.pdf")
    assert answer.body().startswith(b"%PDF")
