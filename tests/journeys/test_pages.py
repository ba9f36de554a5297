"""Every kind of page before axe, in light and dark, wide and narrow; by keyboard only; in Vietnamese."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils.translation import get_language_info
from playwright.sync_api import Page, expect

from conventus.core.accounts import system_account
from conventus.core.actions import give_grant
from conventus.core.models import Entry, User
from conventus.cycle.models import Congress, Cycle
from conventus.directives.models import Document
from conventus.elections import actions as elections
from conventus.elections.models import Ballot, Contest
from conventus.org.models import Person, Unit
from tests.journeys.stage import Site, city_and_association, press
from tests.journeys.test_count import account, ballot_issued, figures, tab_to
from tests.world import PASSWORD

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


# Which pages --------------------------------------------------------------------------------------


def of_nobody() -> Iterator[str]:
    yield from ("/account/login/", "/account/password/reset/", "/account/signup/")


def of_the_city() -> Iterator[str]:
    city, cycle = Unit.objects.get(code="D380"), Cycle.objects.get(unit__code="TW")
    plan, unit = Document.objects.get(number="268"), {"unit": city.pk}
    yield from (
        "/",
        "/search?q=Dong+Son",
        "/units/",
        "/documents/",
        "/documents/obligations",
        "/documents/obligations/weeks",
    )
    yield from (reverse("org:unit", args=[city.pk]), reverse("org:import", args=[city.pk, "people"]))
    yield from (reverse("directives:document", args=[plan.pk]), reverse("directives:cascade", args=[plan.pk]))
    yield from (reverse("directives:register", args=[city.pk]), reverse("directives:issuers"))
    yield from (
        reverse("cycle:cycles"),
        of_unit("cycle:cycle", cycle.pk, **unit),
        of_unit("cycle:dating", cycle.pk, **unit),
    )
    yield from (of_unit("cycle:generate", cycle.pk, **unit), reverse("cycle:calendar"), reverse("cycle:feeds"))
    yield from ("/preferences", "/rules?q=surplus", "/account/password/change/", "/account/2fa/", "/account/sessions/")
    yield "/nothing-there"


def of_the_working_group() -> Iterator[str]:
    yield reverse("cycle:appraisals")
    yield from (
        reverse("cycle:congress", args=[one.pk])
        for one in Congress.objects.filter(state__in=("submitted", "filed"))[:2]
    )


def of_the_auditor() -> Iterator[str]:
    line = Entry.objects.filter(unit__code="D380").latest("seq")
    yield from (reverse("core:book"), reverse("core:entry", args=[line.seq]))


def of_the_administrator() -> Iterator[str]:
    city = Unit.objects.get(code="D380")
    yield from (reverse("org:access", args=[city.pk]), reverse("org:enrol", args=[city.pk]))


def of_the_ward() -> Iterator[str]:
    ward, ballot = Unit.objects.get(code="W14785"), Ballot.objects.latest("pk")
    person = Person.objects.filter(memberships__unit__parent=ward)[0]
    congress, contest = ballot.contest.congress, ballot.contest
    yield from (reverse("org:unit", args=[ward.pk]), reverse("org:people", args=[ward.pk]))
    yield from (reverse("org:person", args=[person.pk]), reverse("cycle:congress", args=[congress.pk]))
    yield from (reverse(f"elections:{name}", args=[congress.pk]) for name in ("contests_of", "board", "open_contest"))
    yield from (reverse(f"elections:{name}", args=[contest.pk]) for name in ("contest", "poster"))
    # The ward has held no count yet, so this is a page that says no: 422.
    yield reverse("elections:prepare_ballot", args=[contest.pk])


def of_the_board() -> Iterator[str]:
    ballot = Ballot.objects.latest("pk")
    yield from (reverse(f"elections:{name}", args=[ballot.pk]) for name in ("ballot", "compare"))


def of_the_counter() -> Iterator[str]:
    ballot = Ballot.objects.latest("pk")
    yield from (reverse(f"elections:{name}", args=[ballot.pk]) for name in ("ballot", "enter_count"))


def of_the_association() -> Iterator[str]:
    done = Ballot.objects.filter(contest__body="committee", contest__congress__unit__code="V1").get()
    yield from ("/", reverse("elections:result", args=[done.pk]), reverse("elections:contest", args=[done.contest_id]))
    yield reverse("elections:electorate", args=[Ballot.objects.filter(contest__body="chair").latest("pk").pk])


def of_unit(name: str, *args: int, **query: int) -> str:
    return reverse(name, args=args) + "?" + "&".join(f"{key}={value}" for key, value in query.items())


PAGES = {
    "": of_nobody,
    "city.organiser": of_the_city,
    "city.appraiser": of_the_working_group,
    "city.auditor": of_the_auditor,
    "city.admin": of_the_administrator,
    "dongson.organiser": of_the_ward,
    "dongson.head": of_the_board,
    "dongson.counter2": of_the_counter,
    "canal.secretary": of_the_association,
}


@pytest.fixture
def counting(site: Site) -> Site:
    """Đông Sơn in session; one of two entries of its count is in."""
    site.start_from(city_and_association, ballot_issued, first_entry)
    return site


def first_entry() -> None:
    ballot = Ballot.objects.latest("pk")
    elections.enter_count(account("dongson.counter1"), ballot, figures=figures(ballot, (18, 17, 16, 6)))


# axe ----------------------------------------------------------------------------------------------


AXE = Axe().axe_script
ALL = {"resultTypes": ["violations"]}
CONTRAST = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
TOUCHED = {"runOnly": ["target-size", "color-contrast"], "resultTypes": ["violations"]}
"""Targets of 24 pixels in both directions, or as much room around them (WCAG 2.2, 2.5.8); and what can be read."""


@pytest.mark.parametrize("who", PAGES)
def test_axe_finds_nothing(counting: Site, who: str) -> None:
    page, found = counting.person(who), []
    for number, address in enumerate(PAGES[who]()):
        page.goto(address)
        page.evaluate(AXE)
        found += [f"{address}: {fault}" for fault in faults_of(page, frame=not number)]
    assert found == [], "\n".join(found)


def faults_of(page: Page, *, frame: bool) -> Iterator[str]:
    """What axe finds: everything on a desk by day, contrast and targets on the phone by night. Nothing overflows.

    `frame` looks at the desk by night as well, for what all pages have and a phone folds away.
    """
    shown(page, WIDE, "light")
    yield from violations(page, ALL)
    if frame:
        shown(page, WIDE, "dark")
        yield from violations(page, CONTRAST)
    yield from wider_than_the_screen(page)
    shown(page, PHONE, "dark")
    yield from violations(page, TOUCHED, within="body" if frame else "main")
    yield from wider_than_the_screen(page)


def shown(page: Page, size: Any, theme: Any) -> None:
    """The page at this size, in this theme, with nothing on the move: colours would be measured half-way."""
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=theme)
    page.evaluate("document.getAnimations().forEach(one => one.finish())")


def violations(page: Page, options: dict[str, Any], within: str = "html") -> Iterator[str]:
    where = f"{page.viewport_size}, dark: {page.evaluate(NIGHT)}"
    for rule in page.evaluate("([within, options]) => axe.run(within, options)", [within, options])["violations"]:
        for node in rule["nodes"][:3]:
            yield f"{where}: {rule['id']} ({rule['help']}): {node['html'][:160]}"


NIGHT = "matchMedia('(prefers-color-scheme: dark)').matches"


# The phone ----------------------------------------------------------------------------------------


def wider_than_the_screen(page: Page) -> Iterator[str]:
    over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if over > 0:
        yield f"scrolls sideways by {over} px"


def test_the_count_on_the_phone(counting: Site) -> None:
    page = counting.person("dongson.counter2", viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Enter the count").first.tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter the count")
    for box, figure in zip(
        page.get_by_role("main").get_by_role("textbox").all(), (19, 19, 0, 18, 17, 16, 6), strict=True
    ):
        assert box.get_attribute("inputmode") == "numeric"
        box.tap()
        box.fill(str(figure))
    assert not list(wider_than_the_screen(page))
    page.evaluate(AXE)
    assert not list(violations(page, TOUCHED))
    page.get_by_role("button", name="Check the figures").tap()
    page.get_by_role("button", name="Save as my entry").tap()
    expect(page.get_by_role("main").get_by_text("The count is agreed").first).to_be_visible()


# By keyboard --------------------------------------------------------------------------------------


def test_from_the_login_to_a_reported_milestone_by_keys(site: Site) -> None:
    unit, officer = Unit.objects.get(code="W14758"), account("hamrong.organiser")
    give_grant(system_account("sample"), unit, user=officer, role="organiser")
    page = site.person()
    page.goto(f"/?unit={unit.pk}")
    tab_to_field(page, "login")
    page.keyboard.type(officer.username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    congress = Congress.objects.get(unit=unit)
    tab_until(page, f"one => (one.getAttribute('href') || '').startsWith('/congresses/{congress.pk}')")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(unit.name)
    before = congress.milestones.filter(reported_on=None).count()
    tab_to(page, "Report")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main").get_by_text("done", exact=True).first).to_be_visible()
    assert congress.milestones.filter(reported_on=None).count() == before - 1


def test_menus_open_and_close_by_keys(site: Site) -> None:
    page = site.person("city.organiser")
    page.goto("/")
    menu = page.locator("summary").filter(has_text="Nguyễn Thị Minh Ánh")
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(menu).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox").first).to_be_focused()


def tab_until(page: Page, is_it: str) -> None:
    """Tab until the element with the focus is the one."""
    for _ in range(80):
        if page.evaluate(f"({is_it})(document.activeElement)"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {is_it}")


def tab_to_field(page: Page, name: str) -> None:
    tab_until(page, f"one => one.name === {name!r}")


# Vietnamese ---------------------------------------------------------------------------------------


def test_the_language_is_switched_and_stays(counting: Site) -> None:
    page = counting.person("dongson.counter2")
    ballot, cycle = Ballot.objects.latest("pk"), Cycle.objects.get(unit__code="TW")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("summary").filter(has_text="Đặng Hữu Phúc").click()
    # Django writes the name with combining marks.
    press(page, get_language_info("vi")["name_local"])
    for address in ("/", reverse("cycle:cycle", args=[cycle.pk]), reverse("elections:enter_count", args=[ballot.pk])):
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("lang", "vi")
    assert User.objects.get(username="dongson.counter2").language == "vi"
    assert Contest.objects.filter(pk=ballot.contest_id).exists()
