"""People: enrol, correct, transfer, part, take back; posts; the list of a unit and the page of a person."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from conventus.core.models import Entry, User
from conventus.core.rules import Refusal
from conventus.org import actions
from conventus.org.models import Holding, Membership
from tests.rooms.org.house import START, TODAY, House

SignedIn = Callable[[User], Client]
DAY = timedelta(days=1)


def text(response: Any) -> str:
    return response.content.decode()  # type: ignore[no-any-return]


def refused(code: str, field: str = "") -> Any:
    """The refusal with this code, on this field."""
    return pytest.raises(Refusal, check=lambda one: (one.code, one.field) == (code, field))


# The law ----------------------------------------------------------------------------------------------------------


def test_a_transfer_ends_one_membership_and_begins_the_next(house: House) -> None:
    member = house.enrol(house.cell, "M1", "Nguyễn Thị Mẫu")
    second = actions.transfer(house.system, member, to=house.neighbour_cell, on=TODAY)
    first = Membership.objects.get(pk=member.pk)
    assert (first.valid_to, second.valid_from, second.valid_to) == (TODAY - DAY, TODAY, None)
    assert second.kind == "official"
    line = Entry.objects.get(action="org.transfer")
    assert line.after["follows"] == first.pk
    assert "Nguyễn" not in str(line.after)


def test_a_transfer_needs_the_right_at_both_ends(house: House) -> None:
    member = house.enrol(house.cell, "M1", "Nguyễn Thị Mẫu")
    with refused("org.no_right_there", "to"):
        actions.transfer(house.organiser, member, to=house.neighbour_cell, on=TODAY)
    with refused("core.not_permitted"):
        actions.transfer(house.beside, member, to=house.neighbour_cell, on=TODAY)
    with refused("org.same_unit", "to"):
        actions.transfer(house.organiser, member, to=house.cell, on=TODAY)
    with refused("org.too_early", "on"):
        actions.transfer(house.organiser, member, to=house.ward, on=START)


def test_posts_of_units_that_are_left_end(house: House) -> None:
    member = house.enrol(house.cell, "M1", "Nguyễn Thị Mẫu")
    for unit, post in ((house.cell, "secretary"), (house.city, "committee_member")):
        actions.appoint(house.system, unit, post=post, person=member.person, valid_from=START)
    actions.transfer(house.system, member, to=house.ward, on=TODAY)
    ends = dict(Holding.objects.values_list("post__unit__code", "valid_to"))
    assert ends == {"L1": TODAY - DAY, "C1": None}


def test_a_post_that_has_not_begun_never_does_when_the_membership_ends(house: House) -> None:
    member = house.enrol(house.cell, "M1", "Nguyễn Thị Mẫu")
    for post, start in (("secretary", START), ("committee_member", TODAY + DAY)):
        actions.appoint(house.system, house.cell, post=post, person=member.person, valid_from=start)
    actions.end_membership(house.organiser, member, on=TODAY)
    assert list(Holding.objects.values_list("post__key", "valid_to")) == [("secretary", TODAY)]
    assert Entry.objects.get(action="org.end_membership").after["posts_ended"] == 2


def test_probation_becomes_official_membership(house: House) -> None:
    member = house.enrol(house.cell, "M1", "Nguyễn Thị Mẫu", kind="dự bị")
    assert member.kind == "probationary"
    with refused("org.same_kind", "kind"):
        actions.change_kind(house.organiser, member, kind="probationary", on=TODAY)
    actions.change_kind(house.organiser, member, kind="official", on=TODAY)
    rows = Membership.objects.filter(person=member.person).order_by("valid_from")
    kinds = rows.values_list("kind", "valid_from", "valid_to")
    assert list(kinds) == [("probationary", START, TODAY - DAY), ("official", TODAY, None)]


def test_a_membership_that_has_ended_stays_ended(house: House) -> None:
    member = house.enrol(house.cell, "M1", "Nguyễn Thị Mẫu")
    actions.end_membership(house.organiser, member, on=TODAY, reason="moved away")
    with refused("org.membership_ended", "on"):
        actions.end_membership(house.organiser, member, on=TODAY)
    with refused("org.member_already", "on"):
        actions.enrol_again(house.organiser, house.ward, person=member.person, on=TODAY)
    actions.enrol_again(house.organiser, house.ward, person=member.person, on=TODAY + DAY)
    assert member.person.memberships.count() == 2


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"code": "M1"}, "org.code_taken", "code"),
        ({"name": ""}, "core.required", "name"),
        ({"kind": "guest"}, "org.membership_unknown", "kind"),
        ({"born": date(2010, 1, 1)}, "org.too_young", "valid_from"),
    ],
)
def test_somebody_whom_the_law_does_not_let_in(house: House, values: dict[str, Any], code: str, field: str) -> None:
    house.enrol(house.cell, "M1", "Nguyễn Thị Mẫu")
    given = {"code": "M2", "name": "Trần Văn Mẫu", "valid_from": TODAY} | values
    with refused(code, field):
        actions.enrol(house.organiser, house.cell, **given)


def test_one_account_belongs_to_one_person(house: House) -> None:
    house.enrol(house.cell, "M1", "Nguyễn Thị Mẫu", account=house.viewer)
    with refused("org.account_taken", "account"):
        house.enrol(house.cell, "M2", "Trần Văn Mẫu", account=house.viewer)


def test_who_may_hold_a_post(house: House) -> None:
    first = house.enrol(house.cell, "M1", "Nguyễn Thị Mẫu").person
    second = house.enrol(house.cell, "M2", "Trần Văn Mẫu").person
    trial = house.enrol(house.cell, "M3", "Lê Văn Mẫu", kind="probationary").person
    away = house.enrol(house.neighbour_cell, "M4", "Phạm Văn Mẫu").person
    actions.appoint(house.organiser, house.ward, post="bí thư", person=first, valid_from=START)
    with refused("org.post_filled", "post"):
        actions.appoint(house.organiser, house.ward, post="secretary", person=second)
    with refused("org.post_held_twice", "person"):
        actions.appoint(house.organiser, house.ward, post="secretary", person=first)
    with refused("org.post_needs_vote", "person"):
        actions.appoint(house.organiser, house.ward, post="deputy_secretary", person=trial)
    with refused("org.not_a_member", "person"):
        actions.appoint(house.organiser, house.ward, post="deputy_secretary", person=away)
    actions.end_holding(house.organiser, Holding.objects.get(), on=TODAY - DAY)
    actions.appoint(house.organiser, house.ward, post="secretary", person=second)


# The pages --------------------------------------------------------------------------------------------------------


def test_somebody_is_enrolled_on_the_page(house: House, as_: SignedIn) -> None:
    address = reverse("org:enrol", args=[house.cell.pk])
    sent = {
        "name": "Đặng Thị Ước",
        "code": "M7",
        "kind": "probationary",
        "valid_from": "2025-02-03",
        "gender": "female",
    }
    answer = as_(house.organiser).post(address, sent)
    person = house.person("M7")
    assert answer.headers["Location"] == reverse("org:person", args=[person.pk])
    assert (person.folded, person.gender) == ("dang thi uoc m7", "female")
    page = text(as_(house.organiser).get(answer.headers["Location"]))
    assert "Đặng Thị Ước" in page
    assert "member on probation" in page
    again = as_(house.organiser).post(address, sent)
    assert again.status_code == 422
    assert "code" in again.context["form"].errors


def test_the_whole_life_of_a_membership_on_the_pages(house: House, as_: SignedIn) -> None:
    member = house.enrol(house.cell, "M1", "Nguyễn Thị Mẫu", kind="probationary")
    client, key = as_(house.organiser), member.person_id

    def post(name: str, **sent: Any) -> Any:
        page = client.get(reverse(f"org:{name}", args=[key]))
        version = page.context["form"]["row_version"].value()
        return client.post(reverse(f"org:{name}", args=[key]), {"row_version": version or ""} | sent)

    assert post("change_kind", kind="official", on="2024-01-01").status_code == 302
    assert post("transfer", to="Phường Đông Ngàn", on="2024-06-01").status_code == 302
    assert post("transfer", to="L2", on="2024-07-01").status_code == 422
    assert post("end_membership", on="2025-01-31", reason="moved away").status_code == 302
    assert client.get(reverse("org:transfer", args=[key])).status_code == 404
    assert post("take_back", to="l1", kind="official", on="2025-02-10").status_code == 422
    assert post("take_back", to="L1", kind="official", on="2025-02-10").status_code == 302
    rows = Membership.objects.filter(person=key).order_by("valid_from").values_list("unit__code", "kind", "valid_to")
    assert list(rows) == [
        ("L1", "probationary", date(2023, 12, 31)),
        ("L1", "official", date(2024, 5, 31)),
        ("W1", "official", date(2025, 1, 31)),
        ("L1", "official", None),
    ]


def test_a_correction_leaves_no_personal_data_in_the_book(house: House, as_: SignedIn) -> None:
    member = house.enrol(house.cell, "M1", "Nguyễn Thị Mẫu", account=house.viewer)
    address = reverse("org:change_person", args=[member.person_id])
    sent = {
        "row_version": 1,
        "name": "Nguyễn Thị Mậu",
        "gender": "female",
        "born": "1980-05-01",
        "email": "m@example.org",
    }
    assert as_(house.organiser).post(address, sent).status_code == 302
    person = house.person("M1")
    assert (person.name, person.born, person.user) == ("Nguyễn Thị Mậu", date(1980, 5, 1), house.viewer)
    line = Entry.objects.get(action="org.change_person")
    assert line.after == {"fields": ["name", "gender", "born", "email"]}


def test_a_post_is_filled_and_ended_on_the_page(house: House, as_: SignedIn) -> None:
    member = house.enrol(house.cell, "M1", "Nguyễn Thị Mẫu")
    client, address = as_(house.organiser), reverse("org:appoint", args=[house.ward.pk])
    assert client.post(address, {"post": "secretary", "person": "M9", "valid_from": "2024-01-01"}).status_code == 422
    sent = {"post": "secretary", "person": "nguyen thi mau", "valid_from": "2024-01-01"}
    assert client.post(address, sent).status_code == 302
    holding = Holding.objects.get()
    assert holding.person == member.person
    page = text(client.get(reverse("org:unit", args=[house.ward.pk])))
    assert "secretary" in page
    assert "Nguyễn Thị Mẫu" in page
    ending = reverse("org:end_holding", args=[holding.pk])
    assert client.post(ending, {"row_version": 1, "on": "2023-01-01"}).status_code == 422
    assert client.post(ending, {"row_version": 1, "on": "2025-02-01"}).status_code == 302
    assert "Nguyễn Thị Mẫu" not in text(client.get(reverse("org:unit", args=[house.ward.pk])))
    assert "secretary" in text(client.get(reverse("org:person", args=[member.person_id])))


def test_two_members_of_one_name_are_told_apart_by_number(house: House, as_: SignedIn) -> None:
    for number in ("M1", "M2"):
        house.enrol(house.cell, number, "Nguyễn Thị Mẫu")
    address = reverse("org:appoint", args=[house.ward.pk])
    sent = {"post": "secretary", "person": "Nguyễn Thị Mẫu", "valid_from": "2024-01-01"}
    answer = as_(house.organiser).post(address, sent)
    assert answer.status_code == 422
    assert "Several members have this name" in text(answer)
    assert as_(house.organiser).post(address, sent | {"person": "M2"}).status_code == 302


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, ["M2", "M1", "M3"]),
        ({"q": "mau tran"}, ["M2"]),
        ({"q": "m3"}, ["M3"]),
        ({"kind": "probationary"}, ["M1"]),
        ({"kind": "vote"}, ["M2", "M3"]),
        ({"post": "any"}, ["M2"]),
        ({"post": "deputy_secretary"}, []),
        ({"reach": "own"}, ["M3"]),
        ({"sort": "-number"}, ["M3", "M2", "M1"]),
    ],
)
def test_the_list_of_people(house: House, as_: SignedIn, query: dict[str, str], numbers: list[str]) -> None:
    house.enrol(house.cell, "M1", "Trịnh Văn An", kind="probationary")
    second = house.enrol(house.cell, "M2", "Trần Thị Mẫu").person
    house.enrol(house.ward, "M3", "Ưng Văn Ấm")
    house.enrol(house.neighbour_cell, "M4", "Người Khác")
    actions.appoint(house.system, house.cell, post="secretary", person=second, valid_from=START)
    answer = as_(house.organiser).get(reverse("org:people", args=[house.ward.pk]), query)
    assert [row.record.person.code for row in answer.context["table"].rows] == numbers


def test_the_list_of_people_is_taken_away(house: House, as_: SignedIn) -> None:
    person = house.enrol(house.cell, "M1", "Trần Thị Mẫu", born=date(1980, 5, 1)).person
    actions.appoint(house.system, house.cell, post="secretary", person=person, valid_from=START)
    answer = as_(house.organiser).get(reverse("org:people", args=[house.ward.pk]), {"_export": "xlsx"})
    rows = list(load_workbook(io.BytesIO(answer.content), read_only=True).active.values)
    assert rows[1][:2] == ("Trần Thị Mẫu", "M1")
    assert "secretary, Chi bộ Phố Đồi" in rows[1]
    assert as_(house.viewer).get(reverse("org:people", args=[house.ward.pk]), {"_export": "xlsx"}).status_code == 404


def test_the_list_costs_few_queries(house: House, as_: SignedIn, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        house.enrol(house.cell, f"M{number}", f"Người Mẫu {number}")
    client = as_(house.organiser)
    with django_assert_max_num_queries(15):
        assert client.get(reverse("org:people", args=[house.ward.pk])).status_code == 200
