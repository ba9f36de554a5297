"""The pages of the register through the client: works, refused by law, by role, and closed to strangers."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from conventus.directives import actions
from conventus.directives.models import Document, Obligation, PlanItem
from conventus.org.models import Unit

from .makers import World, add_item, register

FORM = {
    "type": "KH",
    "number": "300",
    "issuer_code": "TU",
    "issued_on": "2025-01-10",
    "title": "Kế hoạch mới",
    "issuing_body": "",
    "valid_from": "",
    "valid_to": "",
    "summary": "",
}
TASK = {"task": "submit_personnel", "due": "2025-03-20", "level": "base", "mode": "all"}


@pytest.fixture
def task(world: World, plan: Document) -> PlanItem:
    """A task of the draft."""
    item = add_item(world, plan)
    plan.refresh_from_db()
    return item


@pytest.fixture
def running(world: World, plan: Document, task: PlanItem) -> Document:
    """The plan, in force."""
    actions.put_in_force(world.people["organiser"], plan)
    plan.refresh_from_db()
    return plan


def words(answer: Any) -> str:
    text: str = answer.content.decode()
    return text


# Who may open what ------------------------------------------------------------------------------------------------


def codes(world: World, address: str, names: tuple[str, ...]) -> dict[str, int]:
    return {name: world.client(name).get(address).status_code for name in names}


@pytest.mark.once
def test_a_draft_is_closed_to_all_but_those_who_see_its_issuer(world: World, plan: Document, task: PlanItem) -> None:
    outside = ("ward", "neighbour", "counter", "stranger")
    for part in ("", "/change", "/link", "/withdraw", "/tasks/new", f"/tasks/{task.pk}", "/cascade", "/force"):
        found = codes(world, f"/documents/{plan.pk}{part}", outside)
        assert found == dict.fromkeys(outside, 404), part
        assert world.client("organiser").get(f"/documents/{plan.pk}{part}").status_code == 200, part


@pytest.mark.once
def test_viewers_read_and_change_nothing(world: World, plan: Document, task: PlanItem) -> None:
    viewer = world.client("viewer")
    assert [viewer.get(f"/documents/{plan.pk}{part}").status_code for part in ("", "/cascade")] == [200, 200]
    assert "Put in force" not in words(viewer.get(f"/documents/{plan.pk}"))
    for part in ("/change", "/link", "/withdraw", "/tasks/new", f"/tasks/{task.pk}", "/force"):
        assert viewer.get(f"/documents/{plan.pk}{part}").status_code == 404, part
        assert viewer.post(f"/documents/{plan.pk}{part}", {}).status_code == 404, part
    for part in ("/unlink", f"/tasks/{task.pk}/remove", "/extend"):
        assert viewer.post(f"/documents/{plan.pk}{part}", {}).status_code == 404, part


@pytest.mark.once
def test_from_below_a_plan_in_force_is_read_only(world: World, running: Document) -> None:
    ward = world.client("ward")
    page = words(ward.get(f"/documents/{running.pk}"))
    assert "268-KH/TU" in page
    assert "History" not in page
    for part in ("/change", "/link", "/withdraw", "/tasks/new", "/cascade", "/force"):
        assert ward.get(f"/documents/{running.pk}{part}").status_code == 404, part
    assert ward.post(f"/documents/{running.pk}/extend", {}).status_code == 404
    assert codes(world, f"/documents/{running.pk}", ("neighbour", "stranger")) == {"neighbour": 404, "stranger": 404}


@pytest.mark.once
def test_obligations_are_closed_to_others(world: World, running: Document) -> None:
    duty = Obligation.objects.get(unit=world.ward)
    address = f"/documents/obligations/{duty.pk}"
    found = codes(world, address, ("ward", "organiser", "viewer", "neighbour", "counter", "stranger"))
    assert found == {"ward": 200, "organiser": 200, "viewer": 200, "neighbour": 404, "counter": 404, "stranger": 404}
    for part in ("/fulfil", "/reopen"):
        assert world.client("neighbour").post(address + part, {}).status_code == 404
    other = Obligation.objects.get(unit=world.school)
    assert world.client("ward").get(f"/documents/obligations/{other.pk}").status_code == 404
    form = {"on": "2025-02-20", "evidence": "x"}
    assert world.client("viewer").post(f"{address}/fulfil", form).status_code == 422
    duty.refresh_from_db()
    assert duty.state == "open"


@pytest.mark.once
def test_lists_are_closed_to_those_without_the_right(world: World, running: Document) -> None:
    for address in ("/documents/", "/documents/obligations", "/documents/obligations/weeks"):
        assert codes(world, address, ("counter", "stranger")) == {"counter": 404, "stranger": 404}
        assert world.client("neighbour").get(address).status_code == 200
    assert codes(world, "/documents/issuers", ("viewer", "stranger")) == {"viewer": 404, "stranger": 404}
    page = f"/documents/units/{world.city.pk}/new"
    assert codes(world, page, ("ward", "neighbour", "viewer")) == {"ward": 404, "neighbour": 404, "viewer": 404}
    assert world.client("ward").post(page, FORM).status_code == 404


def test_filters_do_not_tell_of_what_is_not_seen(world: World, running: Document, task: PlanItem) -> None:
    neighbour = world.client("neighbour")
    for query in (f"unit={world.city.pk}", f"document={running.pk}", f"item={task.pk}"):
        assert neighbour.get(f"/documents/obligations?{query}").status_code == 404


@pytest.mark.once
def test_signed_out_readers_are_sent_to_the_log_in(world: World, plan: Document, client: Any) -> None:
    assert client.get(f"/documents/{plan.pk}").status_code == 302
    assert client.post(f"/documents/{plan.pk}/force").status_code == 302


# The register -----------------------------------------------------------------------------------------------------


def listed(world: World, query: str, name: str = "organiser") -> list[str]:
    page = world.client(name).get(f"/documents/?{query}")
    return [row.record.symbol for row in page.context["table"].paginated_rows]


def test_the_register_is_searched_filtered_and_sorted(world: World, plan: Document, directive: Document) -> None:
    assert listed(world, "") == ["268-KH/TU", "35-CT/TW"]
    assert listed(world, "sort=issued_on") == ["35-CT/TW", "268-KH/TU"]
    assert listed(world, "q=dai+hoi+dang+bo") == ["35-CT/TW"]
    assert listed(world, "q=268-kh") == ["268-KH/TU"]
    assert listed(world, "standing=draft") == ["268-KH/TU"]
    assert listed(world, "type=CT") == ["35-CT/TW"]
    assert listed(world, "issuer=thanh+pho") == ["268-KH/TU"]
    assert listed(world, "on=2024-06-13") == []
    assert listed(world, "on=2024-06-14") == ["35-CT/TW"]
    assert listed(world, "on=nonsense&standing=nonsense&page=99&per_page=7") == ["268-KH/TU", "35-CT/TW"]
    assert listed(world, "", "ward") == ["35-CT/TW"]


def test_a_number_that_exists_twice_is_marked(world: World, plan: Document) -> None:
    again = register(world, "organiser", world.city, issued_on=date(2025, 1, 2))
    page = words(world.client("organiser").get("/documents/"))
    assert page.count("The issuer has another document with the same symbol") == 2
    assert "This symbol exists more than once" in words(world.client("organiser").get(f"/documents/{again.pk}"))


@pytest.mark.once
def test_the_register_is_exported(world: World, plan: Document) -> None:
    register(world, "organiser", world.city, number="301", title="=cmd|' /C calc'!A0")
    text = world.client("organiser").get("/documents/?_export=csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Symbol"] for row in rows] == ["268-KH/TU", "301-KH/TU", "35-CT/TW"]
    assert rows[1]["Title"].startswith("'=")
    assert rows[0]["Issued on"] == "2024-09-20"
    book = load_workbook(io.BytesIO(world.client("organiser").get("/documents/?_export=xlsx").content))
    assert book["Export Data"]["A2"].value == "268-KH/TU"


# Registering ------------------------------------------------------------------------------------------------------


def test_a_document_is_registered_in_the_browser(world: World, directive: Document, plan: Document) -> None:
    organiser = world.client("organiser")
    assert organiser.get("/documents/issuers?q=D380").context["units"][0][0] == world.city
    upload = SimpleUploadedFile("300.pdf", b"%PDF-1.7")
    form = FORM | {"implements": [directive.pk], "replaces": [plan.pk], "file": upload}
    answer = organiser.post(f"/documents/units/{world.city.pk}/new", form)
    made = Document.objects.get(number="300")
    assert answer.headers["Location"] == f"/documents/{made.pk}"
    assert {(link.kind, link.target) for link in made.links.all()} == {("implements", directive), ("replaces", plan)}
    assert made.file is not None
    page = words(organiser.get(f"/documents/{made.pk}"))
    assert "entered into the register" in page
    assert "Bộ Chính trị" in page


def test_with_one_unit_the_choice_is_spared(world: World) -> None:
    Unit.objects.filter(parent=world.ward).update(valid_to=date(2025, 1, 1))
    answer = world.client("ward").get("/documents/issuers")
    assert answer.headers["Location"] == f"/documents/units/{world.ward.pk}/new"


def test_a_second_copy_is_refused_and_the_first_one_shown(world: World, plan: Document) -> None:
    form = FORM | {"number": "268", "issued_on": "2024-09-20"}
    answer = world.client("organiser").post(f"/documents/units/{world.city.pk}/new", form)
    assert answer.status_code == 422
    assert "is already registered" in words(answer)
    assert f'href="/documents/{plan.pk}"' in words(answer)


def test_a_namesake_is_pointed_out(world: World, plan: Document) -> None:
    form = FORM | {"number": "268"}
    answer = world.client("organiser").post(f"/documents/units/{world.city.pk}/new", form, follow=True)
    assert "also exists with the date 20 Sep 2024" in words(answer)


def test_what_it_implements_is_searched_without_a_script(world: World, directive: Document, plan: Document) -> None:
    organiser, address = world.client("organiser"), f"/documents/units/{world.city.pk}/new"
    form = FORM | {"implements": [directive.pk], "implements_q": "khong co", "implements_was": ""}
    answer = organiser.post(address, form)
    assert answer.status_code == 200
    (chosen,) = answer.context["form"].pickers["implements"].choices
    assert (chosen.value, chosen.chosen) == (directive.pk, True)
    assert 'value="Kế hoạch mới"' in words(answer)
    assert "field-errors" not in words(answer)
    assert not Document.objects.filter(number="300").exists()
    form |= {"implements_was": "khong co"}
    assert organiser.post(address, form).status_code == 302


def test_a_script_that_searches_never_saves(world: World) -> None:
    address = f"/documents/units/{world.city.pk}/new"
    answer = world.client("organiser").post(address, FORM, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert not Document.objects.filter(number="300").exists()


def test_documents_that_are_not_seen_cannot_be_chosen(world: World) -> None:
    hidden = register(world, "neighbour", world.neighbour)
    address = f"/documents/units/{world.city.pk}/new"
    answer = world.client("organiser").post(address, FORM | {"implements": [hidden.pk]})
    assert answer.status_code == 422
    assert "implements" in answer.context["form"].errors


def test_a_document_is_corrected(world: World, plan: Document, directive: Document) -> None:
    organiser = world.client("organiser")
    page = organiser.get(f"/documents/{plan.pk}/change")
    assert page.context["form"].pickers["implements"].choices[0].chosen
    form = FORM | {"number": "268", "row_version": plan.version}
    assert organiser.post(f"/documents/{plan.pk}/change", form).status_code == 302
    assert organiser.post(f"/documents/{plan.pk}/change", form).status_code == 422
    plan.refresh_from_db()
    assert (plan.title, plan.links.count()) == ("Kế hoạch mới", 0)


def test_in_force_its_key_is_shown_but_not_taken(world: World, running: Document) -> None:
    organiser = world.client("organiser")
    assert "This document was put in force." in words(organiser.get(f"/documents/{running.pk}/change"))
    form = FORM | {"number": "999", "title": "Đúng", "row_version": running.version}
    assert organiser.post(f"/documents/{running.pk}/change", form).status_code == 302
    running.refresh_from_db()
    assert (running.number, running.title, running.links.count()) == ("268", "Đúng", 1)


def test_relations_in_the_browser(world: World, plan: Document, directive: Document) -> None:
    organiser = world.client("organiser")
    address = f"/documents/{plan.pk}/link"
    answer = organiser.post(address, {"kind": "amends", "target": directive.pk, "row_version": plan.version})
    assert answer.status_code == 422
    assert "can be replaced by that body only" in words(answer)
    middle = register(world, "organiser", world.city, number="250", issued_on=date(2024, 8, 20))
    form = {"kind": "implements", "target": middle.pk, "row_version": plan.version}
    assert organiser.post(address, form | {"target_q": "250", "target_was": ""}).status_code == 200
    assert organiser.post(address, form).status_code == 302
    assert plan.links.count() == 2
    plan.refresh_from_db()
    taken = {"link": f"{middle.pk}.implements", "row_version": plan.version}
    assert organiser.post(f"/documents/{plan.pk}/unlink", taken).status_code == 302
    assert organiser.post(f"/documents/{plan.pk}/unlink", {"link": "x"}).status_code == 404
    assert plan.links.get().target == directive


def test_withdrawing_in_the_browser(world: World, running: Document) -> None:
    organiser, address = world.client("organiser"), f"/documents/{running.pk}/withdraw"
    assert "5 open duties of this plan lapse" in words(organiser.get(address))
    assert organiser.post(address, {"reason": ""}).status_code == 422
    assert organiser.post(address, {"reason": "Kết luận 127", "row_version": running.version}).status_code == 302
    assert "Kết luận 127" in words(world.client("ward").get(f"/documents/{running.pk}"))


# Plans ------------------------------------------------------------------------------------------------------------


def test_a_task_is_added_beside_the_superiors_window(world: World, plan: Document) -> None:
    above = register(world, "province", world.province, number="250", issued_on=date(2024, 8, 20))
    actions.add_item(
        world.people["province"], above, task="submit_personnel", level="base", due=date(2025, 3, 10), provision="II.4"
    )
    above.refresh_from_db()
    actions.put_in_force(world.people["province"], above)
    organiser, address = world.client("organiser"), f"/documents/{plan.pk}/tasks/new"
    assert "250-KH/TU (2024-08-20) II.4" in words(organiser.get(address))
    answer = organiser.post(address, TASK)
    assert answer.status_code == 422
    assert "wants it done by" in words(answer)
    assert organiser.post(address, TASK | {"due": "2025-03-10"}).status_code == 302
    assert plan.items.get().due == date(2025, 3, 10)


def test_units_are_picked_without_a_script(world: World, plan: Document) -> None:
    organiser, address = world.client("organiser"), f"/documents/{plan.pk}/tasks/new"
    names = [choice.label for choice in organiser.get(address).context["form"].pickers["units"].choices]
    assert names == ["Phường 1", "Phường 2", "Phường 3", "Phường 4", "Trường THPT Đông Sơn 1"]
    form = TASK | {"mode": "named", "units": [world.ward.pk], "units_q": "dong son", "units_was": ""}
    answer = organiser.post(address, form)
    choices = answer.context["form"].pickers["units"].choices
    assert [(choice.label, choice.chosen) for choice in choices] == [
        ("Phường 1", True),
        ("Trường THPT Đông Sơn 1", False),
    ]
    form |= {"units": [world.ward.pk, world.school.pk], "units_was": "dong son"}
    assert organiser.post(address, form).status_code == 302
    assert plan.items.get().units.count() == 2
    form |= {"units": [world.neighbour.pk]}
    assert organiser.post(address, form).status_code == 422


def test_a_task_is_changed_and_removed(world: World, plan: Document, task: PlanItem) -> None:
    organiser, address = world.client("organiser"), f"/documents/{plan.pk}/tasks/{task.pk}"
    assert organiser.get(address).context["form"]["due"].value() == task.due
    assert organiser.post(address, TASK | {"row_version": task.version}).status_code == 302
    task.refresh_from_db()
    assert task.task == "submit_personnel"
    assert organiser.post(address, TASK | {"row_version": task.version - 1}).status_code == 422
    plan.refresh_from_db()
    assert organiser.post(f"{address}/remove", {"row_version": plan.version}).status_code == 302
    assert not plan.items.exists()
    assert organiser.get(address).status_code == 404


def test_the_cascade_is_seen_before_and_exported(world: World, plan: Document, task: PlanItem) -> None:
    organiser, address = world.client("organiser"), f"/documents/{plan.pk}/cascade"
    page = organiser.get(address)
    assert (page.context["cascade"].units, page.context["cascade"].obligations) == (5, 5)
    found = organiser.get(f"{address}?q=truong&item={task.pk}").context["table"]
    assert [row.get_cell("code") for row in found.rows] == ["S1"]
    text = organiser.get(f"{address}?_export=csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Code"] for row in rows] == ["W1", "W2", "W3", "W4", "S1"]
    assert rows[0]["Due on"] == "2025-03-15"


def test_it_is_put_in_force_after_a_look(world: World, plan: Document, task: PlanItem) -> None:
    organiser, address = world.client("organiser"), f"/documents/{plan.pk}/force"
    page = organiser.get(address)
    assert page.context["row_version"] == plan.version
    seen = plan.version
    add_item(world, plan)
    stale = organiser.post(address, {"row_version": seen})
    assert stale.status_code == 422
    assert "Somebody changed this meanwhile" in words(stale)
    answer = organiser.post(address, {"row_version": stale.context["row_version"]}, follow=True)
    assert "268-KH/TU is in force: 10 duties for 5 units." in words(answer)
    assert organiser.get(address).status_code == 302


def test_units_left_behind_are_added_by_a_button(world: World, running: Document) -> None:
    Obligation.objects.filter(unit=world.school).delete()
    organiser = world.client("organiser")
    assert organiser.get(f"/documents/{running.pk}/cascade").context["missing"].obligations == 1
    organiser.post(f"/documents/{running.pk}/extend", {"row_version": running.version})
    assert Obligation.objects.filter(unit=world.school).count() == 1


# Obligations ------------------------------------------------------------------------------------------------------


def owing(world: World, query: str, name: str = "organiser") -> list[str]:
    page = world.client(name).get(f"/documents/obligations?{query}")
    return [row.record.unit.code for row in page.context["table"].paginated_rows]


def test_obligations_are_filtered_and_sorted(world: World, running: Document, task: PlanItem) -> None:
    everybody = ["W1", "W2", "W3", "W4", "S1"]
    assert owing(world, "") == everybody
    assert owing(world, "sort=-unit") == everybody[::-1]
    assert owing(world, f"unit={world.ward.pk}") == ["W1"]
    assert owing(world, f"item={task.pk}&document={running.pk}&task=submit_documents&standing=due") == everybody
    assert owing(world, "standing=overdue") == []
    assert owing(world, "q=dong+son") == ["S1"]
    assert owing(world, "since=2025-03-16") == []
    assert owing(world, "until=2025-03-15") == everybody
    assert owing(world, "scope=own") == []
    assert owing(world, "scope=own", "ward") == ["W1"]
    assert owing(world, f"scope=own&unit={world.ward.pk}") == ["W1"]


@pytest.mark.once
def test_obligations_are_exported_with_code_and_evidence(world: World, running: Document) -> None:
    duty = Obligation.objects.get(unit=world.ward)
    actions.fulfil(world.people["ward"], duty, evidence="12-TTr/ĐU", on=date(2025, 2, 1))
    text = world.client("organiser").get("/documents/obligations?_export=csv").content.decode("utf-8-sig")
    first = next(csv.DictReader(io.StringIO(text)))
    assert (first["Code"], first["State"], first["Done on"], first["What shows it"]) == (
        "W1", "done", "2025-02-01", "12-TTr/ĐU"
    )  # fmt: skip
    assert first["Plan"] == "268-KH/TU@2024-09-20"


def test_the_weeks(world: World, running: Document) -> None:
    page = world.client("organiser").get("/documents/obligations/weeks")
    (bar,) = page.context["bars"]
    assert (bar["label"], bar["counts"]) == ("Week 11: 10 Mar 2025 – 16 Mar 2025", {"due": 5})
    assert len(world.client("organiser").get(bar["url"]).context["table"].rows) == 5


def test_a_duty_is_reported_and_opened_again_in_the_browser(world: World, running: Document) -> None:
    ward, duty = world.client("ward"), Obligation.objects.get(unit=world.ward)
    address = f"/documents/obligations/{duty.pk}"
    assert "Report it done" in words(ward.get(address))
    assert ward.post(f"{address}/fulfil", {"on": "2025-02-20", "evidence": " "}).status_code == 422
    late = ward.post(f"{address}/fulfil", {"on": "2025-02-21", "evidence": "x"})
    assert late.status_code == 422
    assert "is still to come" in words(late)
    form = {"on": "2025-02-19", "evidence": "12-TTr/ĐU", "row_version": duty.version}
    assert ward.post(f"{address}/fulfil", form).status_code == 302
    assert "12-TTr/ĐU" in words(ward.get(address))
    assert ward.post(f"{address}/fulfil", form).status_code == 422
    duty.refresh_from_db()
    again = {"reason": "Sai", "row_version": duty.version}
    assert ward.post(f"{address}/reopen", again).status_code == 302
    assert "opened again" in words(ward.get(address))


# Queries ----------------------------------------------------------------------------------------------------------

LIMITS = {
    "/documents/": 5,
    "/documents/{plan}": 11,
    "/documents/{plan}/change": 9,
    "/documents/{plan}/cascade": 6,
    "/documents/obligations": 6,
    "/documents/obligations/weeks": 5,
    "/documents/obligations/{duty}": 1,
    "/documents/units/{unit}/new": 8,
}
"""How often a page may ask for documents, obligations or units; the session's own queries are not counted."""


@pytest.mark.once
@pytest.mark.parametrize("address", LIMITS)
def test_pages_take_a_bounded_number_of_queries(world: World, running: Document, address: str) -> None:
    for number in range(400, 430):
        register(world, "organiser", world.city, number=str(number), implements=[running])
    duty = Obligation.objects.get(unit=world.ward)
    client = world.client("organiser")
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address.format(plan=running.pk, duty=duty.pk, unit=world.city.pk))
    assert answer.status_code == 200
    asked = [
        query["sql"] for query in captured.captured_queries if re.search(r' FROM "(directives|org)_', query["sql"])
    ]
    assert len(asked) <= LIMITS[address], asked
