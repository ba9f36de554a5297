"""Every address of the room, tried by a stranger, a neighbour, the level below, and somebody without the right."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from conventus.core.models import Grant, User
from conventus.org import actions, uploads
from conventus.org.models import ReorganisationPlan
from conventus.org.urls import urlpatterns
from tests.rooms.org.house import START, House

pytestmark = pytest.mark.once

SignedIn = Callable[[User], Client]

UNIT_PAGES = {
    "unit": ("viewer", "organiser", "admin"),
    "found_unit": ("organiser", "admin"),
    "change_unit": ("organiser", "admin"),
    "people": ("organiser", "admin"),
    "enrol": ("organiser", "admin"),
    "appoint": ("organiser", "admin"),
    "access": ("admin",),
    "give_grant": ("admin",),
    "open_account": ("admin",),
    "draft_plan": ("organiser", "admin"),
}
"""Pages of the city, and who of the city may open them."""
PERSON_PAGES = {
    "person": ("organiser", "admin"),
    "change_person": ("organiser", "admin"),
    "transfer": ("organiser", "admin"),
    "change_kind": ("organiser", "admin"),
    "end_membership": ("organiser", "admin"),
}
"""Pages of somebody in the city itself."""
PLAN_PAGES = ("plan", "plan_units", "change_plan", "bring_plan")
PLAN_BUTTONS = ("remove_from_plan", "let_plan_wait", "apply_plan", "undo_plan", "drop_plan")
PLANS = {*PLAN_PAGES, *PLAN_BUTTONS, "plans", "add_to_plan", "place_members"}
"""Pages and buttons of a plan of the city."""
OTHERS = {"past", "past_export", "units", "take_back", "end_holding", "end_grant", "import", "import_template"}
UPLOADS = {"import_report", "import_rejects", "import_confirm", "import_discard"}
EVERYBODY = ("viewer", "organiser", "admin", "below", "beside", "stranger")


def test_no_address_is_forgotten_here() -> None:
    names = {pattern.name for pattern in urlpatterns if isinstance(pattern, URLPattern)}
    assert names == UNIT_PAGES.keys() | PERSON_PAGES.keys() | OTHERS | UPLOADS | PLANS


def check(house: House, as_: SignedIn, address: str, allowed: tuple[str, ...], method: str = "get") -> None:
    for name in EVERYBODY:
        status = getattr(as_(getattr(house, name)), method)(address).status_code
        assert status == (200 if name in allowed else 404), f"{name} at {address}: {status}"
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize(("name", "allowed"), UNIT_PAGES.items())
def test_pages_of_a_unit(house: House, as_: SignedIn, name: str, allowed: tuple[str, ...]) -> None:
    check(house, as_, reverse(f"org:{name}", args=[house.city.pk]), allowed)


@pytest.mark.parametrize(("name", "allowed"), PERSON_PAGES.items())
def test_pages_of_a_person(house: House, as_: SignedIn, name: str, allowed: tuple[str, ...]) -> None:
    member = house.enrol(house.city, "M1", "Nguyễn Thị Mẫu")
    check(house, as_, reverse(f"org:{name}", args=[member.person_id]), allowed)


def drafted(house: House) -> ReorganisationPlan:
    """A plan of the city that divides its ward."""
    plan = actions.draft_plan(house.system, house.city, name="Sắp xếp", effective=START)
    part = {"level": "base", "old_code": "W1", "whole_or_part": "part"}
    return actions.add_to_plan(house.system, plan, steps=[part | {"new_code": "W1"}, part | {"new_code": "W2"}])


@pytest.mark.parametrize("name", PLAN_PAGES)
def test_pages_of_a_plan(house: House, as_: SignedIn, name: str) -> None:
    check(house, as_, reverse(f"org:{name}", args=[drafted(house).pk]), ("organiser", "admin"))


def test_composing_and_deciding_a_plan(house: House, as_: SignedIn) -> None:
    plan = drafted(house)
    check(house, as_, reverse("org:add_to_plan", args=[plan.pk, "merge"]), ("organiser", "admin"))
    check(house, as_, reverse("org:place_members", args=[plan.pk, house.ward.pk]), ("organiser", "admin"))


@pytest.mark.parametrize("name", PLAN_BUTTONS)
def test_buttons_of_a_plan(house: House, as_: SignedIn, name: str) -> None:
    address = reverse(f"org:{name}", args=[drafted(house).pk])
    for who in ("viewer", "below", "beside", "stranger"):
        assert as_(getattr(house, who)).post(address).status_code == 404
    assert as_(house.organiser).post(address).status_code in (302, 422)


def test_the_list_of_plans_and_the_past(house: House, as_: SignedIn) -> None:
    drafted(house)
    plans = reverse("org:plans")
    for who in ("organiser", "admin"):
        assert "Sắp xếp" in as_(getattr(house, who)).get(plans).content.decode()
    for who in ("below", "beside"):
        assert "Sắp xếp" not in as_(getattr(house, who)).get(plans).content.decode()
    for who in ("viewer", "stranger"):
        assert as_(getattr(house, who)).get(plans).status_code == 404
    query = f"?on={START.isoformat()}&under={house.city.pk}"
    for name in ("past", "past_export"):
        check(house, as_, reverse(f"org:{name}") + query, ("viewer", "organiser", "admin"))


def test_the_page_to_take_somebody_back(house: House, as_: SignedIn) -> None:
    member = house.enrol(house.city, "M1", "Nguyễn Thị Mẫu")
    address = reverse("org:take_back", args=[member.person_id])
    check(house, as_, address, ())
    actions.end_membership(house.system, member, on=START)
    check(house, as_, address, ("organiser", "admin"))
    check(house, as_, reverse("org:transfer", args=[member.person_id]), ())


def test_the_page_to_end_a_post(house: House, as_: SignedIn) -> None:
    member = house.enrol(house.city, "M1", "Nguyễn Thị Mẫu")
    holding = actions.appoint(house.system, house.city, post="secretary", person=member.person, valid_from=START)
    check(house, as_, reverse("org:end_holding", args=[holding.pk]), ("organiser", "admin"))


@pytest.mark.parametrize("kind", ["units", "people"])
def test_the_page_to_upload(house: House, as_: SignedIn, kind: str) -> None:
    check(house, as_, reverse("org:import", args=[house.city.pk, kind]), ("admin",))


def test_the_import_of_something_else(house: House, as_: SignedIn) -> None:
    check(house, as_, reverse("org:import", args=[house.city.pk, "posts"]), ())


@pytest.mark.parametrize("name", ["import_report", "import_rejects"])
def test_an_upload_is_for_its_account_only(house: House, as_: SignedIn, name: str) -> None:
    upload = uploads.keep(
        house.admin, unit=house.city.pk, kind="units", name="u.csv", content=b"code,level,name\nX1,base,Mau\n"
    )
    check(house, as_, reverse(f"org:{name}", args=[upload.token]), ("admin",))
    check(house, as_, reverse(f"org:{name}", args=["x" * 32]), ())


@pytest.mark.parametrize("name", ["import_confirm", "import_discard"])
def test_nobody_else_confirms_or_discards_an_upload(house: House, as_: SignedIn, name: str) -> None:
    upload = uploads.keep(house.admin, unit=house.city.pk, kind="units", name="u.csv", content=b"code,level,name\n")
    address = reverse(f"org:{name}", args=[upload.token])
    for other in EVERYBODY:
        if other != "admin":
            assert as_(getattr(house, other)).post(address).status_code == 404
    assert as_(house.admin).get(address).status_code == 405
    assert upload.content.is_file()


def test_an_upload_is_of_no_use_without_the_right(house: House, as_: SignedIn) -> None:
    upload = uploads.keep(
        house.admin, unit=house.neighbour.pk, kind="units", name="u.csv", content=b"code,level,name\n"
    )
    assert as_(house.admin).get(reverse("org:import_report", args=[upload.token])).status_code == 404
    assert as_(house.admin).post(reverse("org:import_confirm", args=[upload.token])).status_code == 404


def test_the_list_of_units(house: House, as_: SignedIn) -> None:
    address = reverse("org:units")
    assert as_(house.stranger).get(address).status_code == 404
    for name, codes in {"viewer": ("C1", "W1", "L1"), "below": ("W1", "L1"), "beside": ("C2", "L2")}.items():
        page = as_(getattr(house, name)).get(address, {"as": "list"}).content.decode()
        assert {code for code in ("P1", "C1", "W1", "L1", "C2", "L2") if f">{code}<" in page} == set(codes)


def test_the_tree_opens_for_its_readers_only(house: House, as_: SignedIn) -> None:
    address = f"{reverse('org:units')}?open={house.city.pk}"
    for headers in ({}, {"HX-Request": "true"}):
        assert as_(house.viewer).get(address, headers=headers).status_code == 200
        for other in (house.below, house.beside, house.stranger):
            assert as_(other).get(address, headers=headers).status_code == 404


def test_the_filter_below_a_unit_tells_nobody_about_it(house: House, as_: SignedIn) -> None:
    address = f"{reverse('org:units')}?under={house.city.pk}"
    assert as_(house.viewer).get(address).status_code == 200
    assert as_(house.beside).get(address).status_code == 404


def test_templates_are_for_everybody_who_is_signed_in(house: House, as_: SignedIn) -> None:
    address = reverse("org:import_template", args=["people", "csv"])
    assert as_(house.admin).get(address).status_code == 200
    assert Client().get(address).status_code == 302
    assert as_(house.admin).get(reverse("org:import_template", args=["people", "pdf"])).status_code == 404


def test_ending_a_grant(house: House, as_: SignedIn) -> None:
    grant = Grant.objects.get(user=house.viewer)
    address = reverse("org:end_grant", args=[grant.pk])
    for other in (house.organiser, house.viewer, house.below, house.beside, house.stranger):
        assert as_(other).post(address).status_code == 404
    assert as_(house.admin).get(address).status_code == 405
    assert as_(house.admin).post(address, {"row_version": grant.version}).status_code == 302


def test_what_is_above_the_reader_is_not_named(house: House, as_: SignedIn) -> None:
    for name in ("unit", "people", "access", "found_unit"):
        page = as_(house.admin).get(reverse(f"org:{name}", args=[house.city.pk])).content.decode()
        assert house.province.name not in page
    listed = as_(house.admin).get(reverse("org:units"), {"as": "list"}).content.decode()
    assert house.province.name not in listed
    export = as_(house.admin).get(reverse("org:units"), {"as": "list", "_export": "csv"}).content.decode()
    assert house.province.name not in export
    assert ",P1," not in export
