"""The pages of plans and of the past: compose, preview, decide, let take effect, take back; units as of any day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from conventus.core.models import User
from conventus.org import actions
from conventus.org.models import ReorganisationPlan
from tests.rooms.org.house import House
from tests.rooms.org.test_reorganise import DAY, EVE, plan_of, row, step, wards

SignedIn = Callable[[User], Client]


def text(response: Any) -> str:
    return response.content.decode()  # type: ignore[no-any-return]


def at(name: str, *args: Any) -> str:
    return reverse(f"org:{name}", args=args)


@pytest.fixture
def drafted(house: House) -> ReorganisationPlan:
    wards(house)
    return actions.draft_plan(house.organiser, house.city, name="Sắp xếp phường", effective=DAY)


def add(client: Client, plan: ReorganisationPlan, what: str, /, **sent: Any) -> Any:
    return client.post(at("add_to_plan", plan.pk, what), {"csrfmiddlewaretoken": "x", **sent})


# Plans --------------------------------------------------------------------------------------------


def test_a_merger_from_the_first_page_to_the_last(house: House, as_: SignedIn) -> None:
    wards(house)
    client = as_(house.organiser)
    sent = {"name": "Sắp xếp phường", "effective": DAY.isoformat(), "decision": "12-NQ/TU"}
    answer = client.post(at("draft_plan", house.city.pk), sent)
    plan = ReorganisationPlan.objects.get()
    assert answer.headers["Location"] == at("plan", plan.pk)
    assert add(client, plan, "merge", units=["A", "B"], code="N", name="Phường Mới").status_code == 302
    assert add(client, plan, "divide", unit="C", into=["C", "N"]).status_code == 302
    page = client.get(at("plan", plan.pk))
    assert page.context["counts"]["undecided_members"] == 4
    assert page.context["counts"]["unplaced_units"] == 1
    assert not page.context["found"].ready
    place = at("place_members", plan.pk, house.unit("C").pk)
    form = client.get(place).context["form"]
    people = [name for name in form.fields if name.startswith("p")]
    assert len(people) == 4
    two = dict.fromkeys(people[:2], "4") | {f"u{house.unit('Cx').pk}": "3", "rest": "3"}
    assert client.post(place, two).status_code == 302
    ready = client.get(at("plan", plan.pk))
    assert ready.context["found"].ready
    assert "Phường Mới" in text(ready)
    assert client.post(at("apply_plan", plan.pk), {"row_version": ready.context["plan"].version}).status_code == 302
    assert house.unit("N").memberships.count() == 10
    done = client.get(at("plan", plan.pk))
    assert done.context["against"] == []
    assert client.post(at("undo_plan", plan.pk), {"row_version": done.context["plan"].version}).status_code == 302
    assert house.unit("A").valid_to is None


def test_what_is_touched_and_what_the_pack_decides_are_shown(
    house: House, as_: SignedIn, drafted: ReorganisationPlan
) -> None:
    person = house.person("A-0")
    actions.appoint(house.system, house.unit("A"), post="secretary", person=person)
    client = as_(house.organiser)
    add(client, drafted, "merge", units=["A", "B"], code="B", name="Phường B", kind="phường")
    page = client.get(at("plan", drafted.pk))
    counts = {str(one.what): one.count for one in page.context["affected"]}
    assert counts["Posts that end"] == 1
    assert counts["Members who get another unit, or whose unit is divided"] == 4
    assert [str(one.value) for one in page.context["decided"]] == [
        "begins again at I",
        "4",
        "elected by the congress",
        "elected by the congress",
    ]
    actions.change_plan(house.organiser, ReorganisationPlan.objects.get(), name="x", effective=DAY.replace(month=7))
    later = client.get(at("plan", drafted.pk))
    assert [str(one.value) for one in later.context["decided"]][1:] == [
        "2",
        "appointed by the superior",
        "appointed by the superior",
    ]
    assert not later.context["due"]


@pytest.mark.parametrize(
    ("kind", "sent", "expected"),
    [
        ("merge", {"units": ["A"], "code": "", "name": ""}, "code"),
        ("divide", {"unit": "A", "into": ["B"]}, "into"),
        ("divide", {"unit": "A", "into": ["B", "C"], "rest": "A"}, "rest"),
        ("move", {"units": ["A"], "to": "P1"}, "to"),
        ("found", {"name": "X"}, "code"),
        ("dissolve", {}, "unit"),
        ("change", {"name": "X"}, "unit"),
    ],
)
def test_forms_that_are_not_filled_well(
    house: House, as_: SignedIn, drafted: ReorganisationPlan, kind: str, sent: dict[str, Any], expected: str
) -> None:
    answer = add(as_(house.organiser), drafted, kind, **sent)
    assert answer.status_code == 422
    assert expected in answer.context["form"].errors


def test_each_kind_does_what_it_says(house: House, as_: SignedIn, drafted: ReorganisationPlan) -> None:
    client = as_(house.organiser)
    for kind in ("merge", "divide", "move", "change", "found", "dissolve"):
        assert client.get(at("add_to_plan", drafted.pk, kind)).status_code == 200
    assert client.get(at("add_to_plan", drafted.pk, "nonsense")).status_code == 404
    add(client, drafted, "found", code="N", name="Phường Mới", level="base", kind="phường")
    add(client, drafted, "move", units=["Ax"], to="N")
    add(client, drafted, "change", unit="B", name="Phường B mới")
    add(client, drafted, "dissolve", unit="C")
    page = client.get(at("plan", drafted.pk))
    assert "is dissolved, but has 4 members" in page.context["problems"][0]["words"]
    group = page.context["groups"][-1]["group"]
    version = page.context["plan"].version
    answer = client.post(at("remove_from_plan", drafted.pk), {"group": group, "row_version": version})
    assert answer.status_code == 302
    ready = client.get(at("plan", drafted.pk))
    assert ready.context["found"].ready
    client.post(at("apply_plan", drafted.pk), {})
    assert house.unit("Ax").parent == house.unit("N")
    assert house.unit("B").name == "Phường B mới"
    assert house.unit("N").valid_from == DAY


def test_a_stale_page_is_refused(house: House, as_: SignedIn, drafted: ReorganisationPlan) -> None:
    client = as_(house.organiser)
    add(client, drafted, "merge", units=["A", "B"], code="B", name="Phường B", kind="phường")
    assert client.post(at("apply_plan", drafted.pk), {"row_version": 1}).status_code == 422
    assert house.unit("A").valid_to is None


def test_a_plan_comes_from_files(house: House, as_: SignedIn, drafted: ReorganisationPlan) -> None:
    client = as_(house.organiser)
    good = "level,old_code,new_code,whole_or_part\nbase,A,N,whole\nbase,B,N,whole\n"
    tree = "code,parent_code,level,kind,name\nN,C1,base,phường,Phường Mới\n"
    files = {"steps": SimpleUploadedFile("plan.csv", good.encode()), "tree": SimpleUploadedFile("t.csv", tree.encode())}
    assert client.post(at("bring_plan", drafted.pk), files).status_code == 302
    assert client.get(at("plan", drafted.pk)).context["found"].ready
    bad = good + "base,C,N,half\n"
    answer = client.post(at("bring_plan", drafted.pk), {"steps": SimpleUploadedFile("plan.csv", bad.encode())})
    assert answer.status_code == 422
    assert "neither “whole” nor “part”" in text(answer)
    assert client.post(at("bring_plan", drafted.pk), {"csrfmiddlewaretoken": "x"}).status_code == 422


def test_the_fate_of_each_unit_is_a_table_and_a_file(house: House, as_: SignedIn, drafted: ReorganisationPlan) -> None:
    client = as_(house.organiser)
    add(client, drafted, "merge", units=["A", "B"], code="N", name="Phường Mới")
    file = client.get(at("plan_units", drafted.pk), {"_export": "csv"})
    assert "Phường A,A,4,whole,Phường Mới,N" in text(file)
    assert "Chi bộ A" in text(client.get(at("plan_units", drafted.pk), {"show": "changed"}))
    client.post(at("apply_plan", drafted.pk), {})
    assert "Phường B,B,4,whole,Phường Mới,N" in text(client.get(at("plan_units", drafted.pk), {"_export": "csv"}))


def test_a_plan_waits_and_is_dropped(house: House, as_: SignedIn, drafted: ReorganisationPlan) -> None:
    client = as_(house.organiser)
    add(client, drafted, "merge", units=["A", "B"], code="N", name="Phường Mới")
    version = ReorganisationPlan.objects.get().version
    assert client.post(at("let_plan_wait", drafted.pk), {"row_version": version}).status_code == 422
    sent = {"name": "x", "effective": "2025-03-01", "row_version": version}
    assert client.post(at("change_plan", drafted.pk), sent).status_code == 302
    assert client.post(at("let_plan_wait", drafted.pk), {}).status_code == 302
    assert "waits for its day" in text(client.get(at("plan", drafted.pk)))
    assert client.post(at("drop_plan", drafted.pk), {}).status_code == 302
    assert client.get(at("plan", drafted.pk)).status_code == 200
    assert "Sắp xếp" not in text(as_(house.beside).get(at("plans")))
    assert "x" in text(client.get(at("plans")))


# The past -----------------------------------------------------------------------------------------


@pytest.fixture
def applied(house: House) -> ReorganisationPlan:
    wards(house)
    plan = plan_of(house, [step("A", "N"), step("B", "N")], [row("N", "C1", "Phường Mới")])
    return actions.apply_plan(house.admin, plan)


def test_the_units_of_an_earlier_day_are_a_page(house: House, as_: SignedIn, applied: ReorganisationPlan) -> None:
    client = as_(house.viewer)
    then = client.get(at("past"), {"on": EVE.isoformat(), "under": house.city.pk})
    assert [one["unit"].code for one in then.context["rows"]] == ["W1", "A", "B", "C"]
    assert {one["unit"].code: one["members"] for one in then.context["rows"]}["A"] == 8
    now = client.get(at("past"), {"on": DAY.isoformat(), "under": house.city.pk})
    assert [one["unit"].code for one in now.context["rows"]] == ["W1", "C", "N"]
    assert "Phường Mới" not in text(then)
    assert [one["unit"].code for one in client.get(at("past")).context["rows"]] == ["C1"]
    cell = client.get(at("past"), {"on": EVE.isoformat(), "under": house.unit("Ax").pk})
    assert [one["name"] for one in cell.context["above"]] == [house.city.name, "Phường A"]


def test_the_units_of_an_earlier_day_are_a_file(house: House, as_: SignedIn, applied: ReorganisationPlan) -> None:
    client = as_(house.viewer)
    file = text(client.get(at("past_export"), {"on": EVE.isoformat()}))
    assert "A,C1,base,phường,Phường A,2020-01-01,\n" in file
    assert "N," not in file
    assert "N,C1,base,phường,Phường Mới,2025-02-01,\n" in text(client.get(at("past_export"), {"on": DAY.isoformat()}))


def test_others_units_of_an_earlier_day_are_not_shown(house: House, as_: SignedIn, applied: ReorganisationPlan) -> None:
    beside = as_(house.beside)
    query = {"on": EVE.isoformat(), "under": house.unit("A").pk}
    assert beside.get(at("past"), query).status_code == 404
    assert beside.get(at("past_export"), query).status_code == 404
    assert "Phường A" not in text(beside.get(at("past"), {"on": EVE.isoformat()}))
    assert as_(house.stranger).get(at("past")).status_code == 404


def test_old_units_lead_to_new_ones_and_back(house: House, as_: SignedIn, applied: ReorganisationPlan) -> None:
    client = as_(house.organiser)
    old = text(client.get(at("unit", house.unit("A").pk)))
    assert at("unit", house.unit("N").pk) in old
    assert "Followed by" in old
    assert "no longer exists" in old
    new = text(client.get(at("unit", house.unit("N").pk)))
    assert at("unit", house.unit("A").pk) in new
    assert "Made of" in new
