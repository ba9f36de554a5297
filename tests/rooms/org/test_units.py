"""Units: the tree, the list, one unit, found and change, through the pages."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from conventus.core.models import Entry, User
from conventus.core.rules import Refusal
from conventus.org import actions
from conventus.org.models import Unit
from tests.rooms.org.house import START, TODAY, House

SignedIn = Callable[[User], Client]


def text(response: Any) -> str:
    return response.content.decode()  # type: ignore[no-any-return]


def shape(unit: Unit, **changes: Any) -> dict[str, Any]:
    names = ("code", "level", "kind", "name", "valid_from", "valid_to")
    return {name: getattr(unit, name) for name in names} | changes


def fields(unit: Unit, **changes: Any) -> dict[str, Any]:
    """What the form of a unit sends."""
    plain = {
        key: value.isoformat() if hasattr(value, "isoformat") else value or "" for key, value in shape(unit).items()
    }
    return plain | {"row_version": unit.version} | changes


# The law ----------------------------------------------------------------------------------------------------------


def test_a_path_is_the_way_from_the_root(house: House) -> None:
    assert house.cell.ancestor_ids == [house.province.pk, house.city.pk, house.ward.pk, house.cell.pk]
    assert house.cell.folded == "chi bo pho doi l1"
    assert Entry.objects.get(action="org.found_unit", subject_id=house.cell.pk).after["name"] == "Chi bộ Phố Đồi"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"code": "W1"}, "org.code_taken", "code"),
        ({"code": "a b"}, "org.code_unreadable", "code"),
        ({"name": " "}, "core.required", "name"),
        ({"level": "district"}, "org.parent_not_above", "parent_code"),
        ({"level": "planet"}, "org.level_unknown", "level"),
        ({"valid_from": TODAY, "valid_to": START}, "core.period_reversed", "valid_to"),
    ],
)
def test_a_unit_that_the_law_refuses(house: House, changes: dict[str, Any], code: str, field: str) -> None:
    values = {"code": "W9", "level": "base", "name": "Phường Mới"} | changes
    with pytest.raises(Refusal) as refused:
        actions.found_unit(house.organiser, house.city, **values)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not Unit.objects.filter(code="W9").exists()


def test_only_a_system_account_founds_at_the_top(house: House) -> None:
    values = {"organisation": house.organisation, "code": "P2", "level": "province", "name": "Tỉnh Khác"}
    with pytest.raises(Refusal) as refused:
        actions.found_unit(house.admin, None, **values)
    assert refused.value.code == "core.not_permitted"
    with pytest.raises(Refusal):
        actions.found_organisation(house.admin, None, key="x", name="X", pack="association")
    assert actions.found_unit(house.system, None, **values).path == Unit.objects.get(code="P2").path


def test_two_organisations_may_use_the_same_code(house: House) -> None:
    other = actions.found_organisation(house.system, None, key="other", name="Khác", pack="vn-party-2024")
    actions.found_unit(house.system, None, organisation=other, code="P1", level="province", name="Tỉnh Mẫu")
    with pytest.raises(Refusal) as refused:
        actions.found_organisation(house.system, None, key="other", name="Khác", pack="vn-party-2024")
    assert refused.value.code == "org.organisation_taken"


def test_a_unit_in_use_does_not_end(house: House) -> None:
    with pytest.raises(Refusal) as refused:
        actions.change_unit(house.organiser, house.ward, **shape(house.ward, valid_to=TODAY))
    assert refused.value.code == "org.unit_in_use"
    assert refused.value.params["units"] == 1
    member = house.enrol(house.cell, "M1", "Nguyễn Thị Mẫu")
    with pytest.raises(Refusal):
        actions.change_unit(house.organiser, house.cell, **shape(house.cell, valid_to=TODAY))
    actions.end_membership(house.organiser, member, on=TODAY)
    actions.change_unit(house.organiser, house.cell, **shape(house.cell, valid_to=TODAY))
    actions.change_unit(house.organiser, house.ward, **shape(house.ward, valid_to=TODAY))
    with pytest.raises(Refusal) as outlives:
        actions.found_unit(house.organiser, house.ward, code="L9", level="cell", name="Chi bộ Muộn")
    assert outlives.value.code == "org.outlives_parent"


def test_a_level_that_would_not_stand_above_those_below(house: House) -> None:
    with pytest.raises(Refusal) as refused:
        actions.change_unit(house.system, house.ward, **shape(house.ward, level="cell"))
    assert refused.value.code == "org.level_blocks_children"


# The pages --------------------------------------------------------------------------------------------------------


def test_a_unit_is_founded_on_the_page(house: House, as_: SignedIn) -> None:
    address = reverse("org:found_unit", args=[house.city.pk])
    sent = {"name": "Xã Đông Khê", "code": "W16387", "level": "base", "kind": "xã", "valid_from": "2024-01-01"}
    answer = as_(house.organiser).post(address, sent, follow=True)
    made = Unit.objects.get(code="W16387")
    assert answer.redirect_chain == [(reverse("org:unit", args=[made.pk]), 302)]
    assert made.parent == house.city
    assert made.path.startswith(house.city.path)
    assert "Xã Đông Khê" in text(answer)


def test_a_refusal_lands_on_its_field(house: House, as_: SignedIn) -> None:
    address = reverse("org:found_unit", args=[house.city.pk])
    answer = as_(house.organiser).post(address, {"name": "Phường Mới", "code": "W1", "level": "base"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["code"] == [
        "The code “W1” is already used. Choose another one or import as an update."
    ]
    assert 'value="Phường Mới"' in text(answer)
    levels = [key for key, _words in answer.context["form"].fields["level"].choices]
    assert levels == ["base", "cell"]


def test_a_unit_is_corrected_on_the_page(house: House, as_: SignedIn) -> None:
    address = reverse("org:change_unit", args=[house.ward.pk])
    answer = as_(house.organiser).post(address, fields(house.ward, name="Phường Đông Sơn", kind="phường"))
    assert answer.status_code == 302
    changed = house.unit("W1")
    assert (changed.name, changed.folded, changed.version) == ("Phường Đông Sơn", "phuong dong son w1", 2)
    line = Entry.objects.get(action="org.change_unit")
    assert (line.before, line.after) == ({"name": "Phường Đông Ngàn"}, {"name": "Phường Đông Sơn"})


def test_a_page_that_is_out_of_date_is_refused(house: House, as_: SignedIn) -> None:
    stale = fields(house.ward, name="Phường Cũ")
    actions.change_unit(house.organiser, house.unit("W1"), **shape(house.ward, name="Phường Mới"))
    answer = as_(house.organiser).post(reverse("org:change_unit", args=[house.ward.pk]), stale)
    assert answer.status_code == 422
    assert "Somebody changed this meanwhile" in text(answer)
    assert house.unit("W1").name == "Phường Mới"


def test_the_page_of_a_unit_counts_and_leads_to_the_rows(house: House, as_: SignedIn) -> None:
    house.enrol(house.cell, "M1", "Nguyễn Thị Mẫu")
    house.enrol(house.cell, "M2", "Trần Văn Mẫu", kind="probationary")
    page = as_(house.organiser).get(reverse("org:unit", args=[house.city.pk]))
    people = reverse("org:people", args=[house.city.pk])
    stats = {stat["label"]: (stat["value"], stat["url"]) for stat in page.context["stats"]}
    assert stats["Members"] == (2, people)
    assert stats["official member"] == (1, f"{people}?kind=official")
    assert stats["member on probation"] == (1, f"{people}?kind=probationary")
    assert stats["cells"] == (1, f"{reverse('org:units')}?under={house.city.pk}&level=cell")
    assert f'{reverse("org:people", args=[house.ward.pk])}?kind=vote">1<' in text(page)
    assert as_(house.organiser).get(stats["cells"][1]).context["count"] == 1


def test_a_viewer_sees_numbers_but_nobody_behind_them(house: House, as_: SignedIn) -> None:
    member = house.enrol(house.cell, "M1", "Nguyễn Thị Mẫu")
    actions.appoint(house.system, house.city, post="secretary", person=member.person, valid_from=START)
    page = text(as_(house.viewer).get(reverse("org:unit", args=[house.city.pk])))
    assert "Nguyễn" not in page
    assert reverse("org:people", args=[house.city.pk]) not in page
    assert "Nguyễn" in text(as_(house.organiser).get(reverse("org:unit", args=[house.city.pk])))


def test_the_tree_opens_step_by_step(house: House, as_: SignedIn) -> None:
    client, address = as_(house.viewer), reverse("org:units")
    first = text(client.get(address))
    assert house.city.name in first
    assert house.ward.name in first
    assert house.cell.name not in first
    more = f"{address}?open={house.ward.pk}"
    assert f'hx-get="{more}"' in first
    fragment = text(client.get(more, headers={"HX-Request": "true"}))
    assert house.cell.name in fragment
    assert "<html" not in fragment
    whole = text(client.get(more))
    assert house.cell.name in whole
    assert "<html" in whole


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({"q": "dong ngan"}, ["W1"]),
        ({"q": "thành phố"}, ["C1"]),
        ({"level": "cell"}, ["L1"]),
        ({"kind": "phường"}, ["W1"]),
        ({"level": "cell", "kind": "phường"}, []),
        ({"as": "list", "sort": "-code"}, ["W1", "L1", "C1"]),
        ({"as": "list", "sort": "name"}, ["L1", "W1", "C1"]),
        ({"level": "nonsense"}, ["C1", "W1", "L1"]),
    ],
)
def test_the_list_is_sought_filtered_and_sorted(
    house: House, as_: SignedIn, query: dict[str, str], codes: list[str]
) -> None:
    answer = as_(house.viewer).get(reverse("org:units"), query | {"as": "list"})
    assert [row.record.code for row in answer.context["table"].rows] == codes


def test_the_list_is_taken_away_as_a_spreadsheet(house: House, as_: SignedIn) -> None:
    house.enrol(house.cell, "M1", "Nguyễn Thị Mẫu")
    answer = as_(house.viewer).get(reverse("org:units"), {"as": "list", "_export": "xlsx"})
    rows = list(load_workbook(io.BytesIO(answer.content), read_only=True).active.values)
    ward = dict(zip(rows[0], rows[2], strict=True))
    assert (ward["Unit"], ward["Code"], ward["Level"], ward["Kind"]) == ("Phường Đông Ngàn", "W1", "base", "phường")
    assert (ward["Code of the superior"], ward["Units below"], ward["Members with a vote"]) == ("C1", 1, 1)


def test_an_export_holds_no_formula(house: House, as_: SignedIn) -> None:
    actions.change_unit(house.system, house.cell, **shape(house.cell, name="=1+1"))
    answer = as_(house.viewer).get(reverse("org:units"), {"as": "list", "_export": "csv"})
    assert "'=1+1" in text(answer)
    assert answer.content.startswith(b"\xef\xbb\xbf")


def test_pages_that_are_not_there_show_the_nearest(house: House, as_: SignedIn) -> None:
    for page in ("99", "0", "x"):
        answer = as_(house.viewer).get(reverse("org:units"), {"as": "list", "page": page})
        assert answer.status_code == 200


def test_the_page_shows_the_minute_book_to_who_may_read_it(house: House, as_: SignedIn) -> None:
    assert "org.found_unit" in text(as_(house.admin).get(reverse("org:unit", args=[house.city.pk])))
    assert "org.found_unit" not in text(as_(house.viewer).get(reverse("org:unit", args=[house.city.pk])))


def test_the_pages_cost_few_queries(house: House, as_: SignedIn, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        actions.found_unit(house.system, house.city, code=f"X{number}", level="base", name=f"Phường {number}")
    client = as_(house.admin)
    for address in (
        reverse("org:units"),
        f"{reverse('org:units')}?as=list",
        reverse("org:unit", args=[house.city.pk]),
    ):
        with django_assert_max_num_queries(25):
            assert client.get(address).status_code == 200
