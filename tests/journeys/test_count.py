"""The count keyed in twice: blind, by two people, without a mouse; ties, too few elected, and the run-off."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from conventus.core.models import User
from conventus.cycle import actions as cycle
from conventus.cycle.models import Congress
from conventus.elections import actions as elections
from conventus.elections.models import Ballot, Contest
from conventus.org.models import Person
from conventus.portal.sample import city
from conventus.portal.sample.walk import members_for
from tests.journeys.stage import Site, city_and_association, follow, press, told

BOARD = {"dongson.head": True, "dongson.counter1": False, "dongson.counter2": False}


def issued(site: Site) -> Ballot:
    """Đông Sơn in session with a ballot that is handed out: 19 of 20 are present and vote."""
    site.start_from(city_and_association, ballot_issued)
    return Ballot.objects.latest("pk")


def ballot_issued(*, seats: int = 3, names: int = 4) -> None:
    """The way there, by actions."""
    congress = Congress.objects.select_related("unit__organisation", "cycle").get(unit__code=city.OPENING)
    officer = User.objects.get(username="dongson.organiser")
    cycle.open_congress(officer, congress, summoned=20, present=19)
    members = [(Person.objects.get(user__username=name), account(name), head) for name, head in BOARD.items()]
    elections.appoint_board(officer, congress, members=members)
    contest = elections.open_contest(officer, congress, body="committee", title="Bầu Ban Chấp hành", seats=seats)
    for person in members_for(congress, names + 3)[3:]:
        elections.add_candidate(officer, contest, person=person)
    hand_out(elections.close_list(officer, contest))


def hand_out(contest: Contest) -> Ballot:
    """The next ballot of the contest, its electorate entered, its papers handed out."""
    officer = account("dongson.organiser")
    contest.refresh_from_db()
    ballot = contest.ballots.exclude(state=Ballot.State.DECLARED).first() or elections.prepare_ballot(officer, contest)
    figures: dict[str, int | None] = dict.fromkeys(("attached_elsewhere", "exempt_absent", "exempt_present"), 0)
    figures |= {"official_summoned": 20, "suspended": 0, "prosecuted": 0, "excused": 0}
    elections.set_electorate(officer, ballot, figures=figures, present=19)
    return elections.issue(account("dongson.head"), ballot, issued=19)


def account(name: str) -> User:
    return User.objects.get(username=name)


def figures(ballot: Ballot, votes: tuple[int, ...], **more: Any) -> dict[str, Any]:
    names = [str(one.pk) for one in ballot.names()]
    against = {} if ballot.style == "strike" else {key: 19 - vote for key, vote in zip(names, votes, strict=True)}
    return {
        "collected": 19,
        "valid": 19,
        "invalid": 0,
        "votes": dict(zip(names, votes, strict=True)),
        "against": against,
    }


def counted(ballot: Ballot, votes: tuple[int, ...]) -> None:
    """Both entries, equal, by actions."""
    for name in ("dongson.counter1", "dongson.counter2"):
        ballot.refresh_from_db()
        elections.enter_count(account(name), ballot, figures=figures(ballot, votes))


def declare(page: Page, ballot: Ballot) -> None:
    """Accept what has to be accepted and declare, in the browser."""
    page.goto(f"/elections/ballots/{ballot.pk}")
    while (reason := page.get_by_label("Why this is right as it is")).count():
        before = reason.count()
        reason.first.fill("Ban kiểm phiếu đã kiểm tra lại.")
        press(page, "Accept")
        expect(reason).to_have_count(before - 1)
    press(page, "Declare the result", sure="Declare")
    expect(page.get_by_role("main").get_by_text("declared").first).to_be_visible()


# Two entries --------------------------------------------------------------------------------------


def test_the_count_is_keyed_in_twice_without_a_mouse(site: Site) -> None:
    ballot = issued(site)
    where = f"/elections/ballots/{ballot.pk}"
    first = site.person("dongson.counter1")
    first.goto(where)
    by_keys_to(first, "Enter the count")
    key_in(first, (19, 19, 0, 18, 17, 16, 6))
    told(first, "1 of 2 counts is in")
    same_person_again(first, where)
    second = site.person("dongson.counter2")
    second.goto(where)
    assert_blind(second)
    by_keys_to(second, "Enter the count")
    assert_blind(second)
    told(second, "Second entry, keyed in by")
    # Arrows walk as well: up once to mend a figure, then down again.
    key_in(second, (19, 19, 0, 18, 17, 16, 6), stray=True)
    expect(second.get_by_role("main").get_by_text("The count is agreed").first).to_be_visible()


def by_keys_to(page: Page, words: str) -> None:
    """Tab to a link or button of this name and press Enter."""
    tab_to(page, words)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(words)


def tab_to(page: Page, words: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate("(document.activeElement.ariaLabel || document.activeElement.textContent || '').trim()")
        if focused == words:
            return
    raise AssertionError(f"Tab never comes to “{words}”")


def key_in(page: Page, values: tuple[int, ...], *, stray: bool = False) -> None:
    """Every figure with Enter after it, from the field that has the focus; then check and save by keys."""
    expect(
        page.get_by_label("Ballots collected", exact=False).or_(page.get_by_label("collected")).first
    ).to_be_focused()
    for number, value in enumerate(values):
        page.keyboard.type(str(value))
        if stray and number == 4:
            page.keyboard.press("ArrowUp")
            page.keyboard.press("ArrowDown")
        if number < len(values) - 1:
            page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your entry")
    for value in values:
        expect(page.get_by_role("main").get_by_text(str(value), exact=True).first).to_be_visible()
    tab_to(page, "Save as my entry")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Check your entry")


def same_person_again(page: Page, where: str) -> None:
    expect(page.get_by_role("link", name="Enter the count")).to_have_count(0)
    page.goto(f"{where}/count")
    expect(page.get_by_role("main").get_by_role("alert")).to_be_visible()


def assert_blind(page: Page) -> None:
    """Nothing of the first entry is on the page, nor in what the page brought along."""
    source = page.content()
    for figure in ("18", "17", "16"):
        assert f">{figure}<" not in source
        assert f'value="{figure}"' not in source


# Ties, too few, the run-off -----------------------------------------------------------------------


def test_a_tie_is_balloted_again_among_the_tied(site: Site) -> None:
    ballot = issued(site)
    counted(ballot, (18, 15, 12, 12))
    head, officer = site.person("dongson.head"), site.person("dongson.organiser")
    declare(head, ballot)
    head.goto(f"/elections/ballots/{ballot.pk}/result")
    told(head, "names have equal votes for the last seat")
    officer.goto(f"/elections/{ballot.contest_id}")
    again = prepared_next(officer, ballot.contest)
    assert again.kind == Ballot.Kind.TIE
    hand_out(ballot.contest)
    counted(again, (11, 8))
    declare(head, again)
    head.goto(f"/elections/{ballot.contest_id}")
    expect(head.get_by_role("main").get_by_text("decided", exact=True).first).to_be_visible()


def test_too_few_elected_and_the_congress_ballots_again(site: Site) -> None:
    ballot = issued(site)
    counted(ballot, (18, 17, 9, 8))
    head, officer = site.person("dongson.head"), site.person("dongson.organiser")
    declare(head, ballot)
    officer.goto(f"/elections/{ballot.contest_id}")
    told(officer, "Only if the congress decides so.")
    follow(officer, "Record the decision")
    follow(officer, "Prepare this ballot")
    officer.get_by_label("Reason").or_(officer.get_by_label("Decision")).first.fill(
        "Đại hội biểu quyết bầu tiếp, 19/19."
    )
    press(officer, "Prepare the ballot")
    again = Ballot.objects.filter(contest=ballot.contest).latest("number")
    assert again.number == 2
    hand_out(ballot.contest)
    counted(again, (12, 7))
    declare(head, again)
    ballot.contest.refresh_from_db()
    assert ballot.contest.state == Contest.State.DECIDED


def prepared_next(page: Page, contest: Contest) -> Ballot:
    """Prepare what the law lets follow, unless it was prepared with the declaration."""
    if not contest.ballots.exclude(state=Ballot.State.DECLARED).exists():
        follow(page, "Record the decision")
        follow(page, "Prepare this ballot")
        press(page, "Prepare the ballot")
    return contest.ballots.exclude(state=Ballot.State.DECLARED).get()


@pytest.mark.usefixtures("in_march")
def test_the_run_off_of_the_association(site: Site) -> None:
    contest = Contest.objects.get(body="chair")
    ballot = contest.ballots.last()
    assert ballot
    if ballot.state == Ballot.State.DECLARED:
        secretary = site.person("canal.secretary")
        secretary.goto(f"/elections/{contest.pk}")
        ballot = prepared_next(secretary, contest)
    electorate_of(site.person("canal.secretary"), ballot)
    head = site.person("canal.head")
    head.goto(f"/elections/ballots/{ballot.pk}")
    follow(head, "Record the ballots issued")
    head.get_by_label("Ballots issued").fill("21")
    press(head, "Save")
    for name in ("canal.teller1", "canal.teller2"):
        teller = site.person(name)
        teller.goto(f"/elections/ballots/{ballot.pk}/count")
        boxes = teller.get_by_role("main").get_by_role("textbox").all()
        for box, figure in zip(boxes, (21, 21, 0, 12, 9), strict=True):
            box.fill(str(figure))
        press(teller, "Check the figures")
        press(teller, "Save as my entry")
    declare(head, ballot)
    head.goto(f"/elections/{contest.pk}")
    told(head, "Åsa Lindqvist")
    expect(head.get_by_role("main").get_by_text("12 votes")).to_be_visible()


def electorate_of(page: Page, ballot: Ballot) -> None:
    page.goto(f"/elections/ballots/{ballot.pk}/electorate")
    for box in page.get_by_role("main").get_by_role("textbox").all():
        box.fill("0")
    page.get_by_role("main").get_by_role("textbox").first.fill("26")
    page.get_by_label("Voters present").fill("21")
    press(page, "Save the electorate")


@pytest.fixture
def in_march(site: Site) -> None:
    """The day of the association's assembly."""
    site.today("2025-03-29")
