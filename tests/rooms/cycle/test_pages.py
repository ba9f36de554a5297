"""Pages of the cycle through the browser: who sees what, what they do there, how many queries they take."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conventus.core import jobs
from conventus.core.models import Job
from conventus.core.rules import Refusal
from conventus.cycle import actions
from conventus.cycle.models import Congress, Paper

from .conftest import World, open_cycle, paper

MARCH_20 = date(2025, 3, 20)


def url(name: str, *args: Any, **query: Any) -> str:
    """An address of the room."""
    text = "&".join(f"{key}={value}" for key, value in query.items())
    return reverse(f"cycle:{name}", args=args) + (f"?{text}" if text else "")


def words(client: Client, address: str, status: int = 200) -> str:
    """The page as text."""
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


# Who sees what ------------------------------------------------------------------------------------


@pytest.mark.once
def test_strangers_and_neighbours_see_nothing(world: World) -> None:
    ward, city = world.congress("W1"), world.units["D380"]
    step = ward.milestones.first()
    assert step
    for name in ("stranger", "neighbour", "sister", "cell"):
        client = world.client(name)
        words(client, url("congress", ward.pk), 404)
        words(client, url("cycle", world.cycle.pk, unit=city.pk), 404)
        assert client.post(url("submit", ward.pk)).status_code == 404
        assert client.post(url("report_milestone", step.pk)).status_code == 404
        assert client.post(url("set_date", ward.pk), {"starts_on": "2025-03-20"}).status_code == 404
    words(world.client("stranger"), url("cycle", world.cycle.pk), 404)
    words(world.client("stranger"), url("calendar"), 404)
    assert Client().get(url("congress", ward.pk)).status_code == 302


@pytest.mark.once
def test_viewer_sees_but_is_offered_nothing(world: World) -> None:
    page = words(world.client("viewer"), url("congress", world.congress("W1").pk))
    assert "Phường Đông 1" in page
    assert "Set the date" not in page
    assert world.client("viewer").post(url("submit", world.congress("W1").pk)).status_code == 403
    words(world.client("viewer"), url("generate", world.cycle.pk, unit=world.units["D380"].pk), 404)
    words(world.client("viewer"), url("dating", world.cycle.pk, unit=world.units["D380"].pk), 404)
    words(world.client("viewer"), url("appraisals"), 404)


# The list and opening a cycle ---------------------------------------------------------------------


def test_list_of_cycles(world: World) -> None:
    assert "2025–2030" in words(world.client("cell"), url("cycles"))
    assert "2025–2030" not in words(world.client("stranger"), url("cycles"))


def test_open_a_cycle_on_the_page(bare: World) -> None:
    client = bare.client("province")
    page = words(client, url("open_cycle"))
    assert "35-CT/TW" in page
    facts = {"name": "2025–2030", "term_from": 2025, "term_to": 2024, "directive": bare.directive.pk}
    response = client.post(url("open_cycle"), facts)
    assert response.status_code == 422
    assert "The term must end after it begins" in response.content.decode()
    response = client.post(url("open_cycle"), facts | {"term_to": 2030}, follow=True)
    assert "Generate the congresses" in response.content.decode()
    words(bare.client("viewer"), url("open_cycle"), 404)


def test_generate_on_the_page(bare: World) -> None:
    client = bare.client("province")
    client.post(url("open_cycle"), {"name": "C", "term_from": 2025, "term_to": 2030, "directive": bare.directive.pk})
    (pk,) = Congress._meta.get_field("cycle").related_model.objects.values_list("pk", flat=True)
    response = client.post(url("generate", pk), follow=True)
    assert "12 congresses were generated." in response.content.decode()
    assert "Every unit has its congress" in words(client, url("generate", pk))


def test_many_are_generated_as_a_job(bare: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("conventus.cycle.views.cycles"), "AT_ONCE", 5)
    cycle = open_cycle(bare)
    response = bare.client("province").post(url("generate", cycle.pk))
    job = Job.objects.get()
    assert response["Location"] == reverse("core:job", args=[job.pk])
    assert (job.kind, job.lock) == ("cycle.generate", f"cycle:{cycle.pk}")
    seen: list[tuple[int, int]] = []
    work = jobs.KINDS[job.kind]
    result = work(job.user, lambda done, total, message="": seen.append((done, total)), **job.arguments)
    assert result["created"] == Congress.objects.count() == 12
    assert seen[-1] == (12, 12)
    assert bare.client("province").get(result["next"]).status_code == 200


# Progress -----------------------------------------------------------------------------------------


def test_progress_page(world: World) -> None:
    world.held("W1", MARCH_20)
    city = world.units["D380"]
    page = words(world.client("viewer"), url("cycle", world.cycle.pk, unit=city.pk))
    assert f'data-live="unit:{city.pk}"' in page
    assert "Phường Đông 5" in page
    assert "congresses-" not in page
    top = words(world.client("province"), url("cycle", world.cycle.pk))
    assert "Thị xã Bỉm Sơn" in top
    assert "1 of 6 below held" not in top  # the cells count too
    assert "3 of 8 below held" in top


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "dong 3"}, {"W3"}),
        ({"q": "ĐÔNG SƠN"}, {"S1"}),
        ({"wave": "pilots"}, {"W5", "S1"}),
        ({"kind": "trường học"}, {"S1"}),
        ({"state": "dated"}, {"W2"}),
        ({"state": "after"}, {"W1", "W3", "W4", "W5", "S1"}),
        ({"watch": "late"}, {"W2"}),
        ({"watch": "outside"}, {"W2"}),
        ({"scope": "all", "level": "cell"}, {"W1-1", "W1-2"}),
    ],
)
def test_filters(world: World, query: dict[str, str], found: set[str]) -> None:
    world.date("W2", date(2025, 3, 3))
    Congress.objects.filter(unit__code="W2").update(window_to=date(2025, 3, 3))
    Congress.objects.exclude(unit__code="W2").update(state="held")
    address = url("cycle", world.cycle.pk, unit=world.units["D380"].pk, _export="csv", **query)
    rows = world.client("viewer").get(address).content.decode("utf-8-sig").splitlines()[1:]
    assert {row.split(",")[1] for row in rows} == found


@pytest.mark.once
def test_export_of_the_rows(world: World) -> None:
    response = world.client("viewer").get(url("cycle", world.cycle.pk, unit=world.units["D380"].pk, _export="xlsx"))
    assert response["Content-Type"].startswith("application/vnd.openxmlformats")
    assert response.content.startswith(b"PK")


# One congress -------------------------------------------------------------------------------------


def test_date_on_the_page(world: World) -> None:
    client, congress = world.client("ward"), world.congress("W1")
    facts = {"starts_on": "2025-04-07", "start_half": "pm", "half_days": 3, "preparatory": 1, "venue": "Hội trường"}
    response = client.post(url("set_date", congress.pk), facts | {"row_version": 1})
    assert response.status_code == 422
    assert "is a public holiday" in response.content.decode()
    response = client.post(
        url("set_date", congress.pk), facts | {"starts_on": "2025-04-08", "row_version": 1}, follow=True
    )
    page = response.content.decode()
    assert "The date is set." in page
    assert "have no date yet (Chi bộ 1, Chi bộ 2)" in page  # a warning, with its clause
    assert world.congress("W1").ends_on == date(2025, 4, 9)
    response = client.post(url("set_date", congress.pk), facts | {"starts_on": "2025-04-09", "row_version": 1})
    assert "Somebody changed this meanwhile" in response.content.decode()


def test_whole_way_on_the_page(world: World) -> None:
    ward, superior = world.client("ward"), world.client("appraiser")
    world.date("W1", MARCH_20, "ward")
    page = words(ward, url("congress", world.congress("W1").pk))
    assert "has not been reported" in page  # why the button does nothing yet
    for step in world.congress("W1").milestones.exclude(key="appraisal"):
        ward.post(url("report_milestone", step.pk), {"note": "xong", "row_version": step.version})
    pk = world.congress("W1").pk
    ward.post(url("submit", pk), {"row_version": world.congress("W1").version})
    assert "Phường Đông 1" in words(superior, url("appraisals"))
    response = superior.post(url("return_with_findings", pk), {"return_form-findings": ""})
    assert response.status_code == 422
    superior.post(url("return_with_findings", pk), {"return_form-findings": "Một.\n\nHai\ndòng."})
    assert world.congress("W1").reviews.get().findings == ["Một.", "Hai dòng."]
    ward.post(url("submit", pk))
    superior.post(url("approve", pk), {"approve_form-document_symbol": "12-TB/TU"})
    assert world.congress("W1").state == "approved"
    assert "cannot be opened before that day" in words(ward, url("congress", pk))
    Congress.objects.filter(unit__parent__code="W1").update(state="held")
    world.set_today(MARCH_20)
    response = ward.post(url("open_congress", pk), {"opening_form-summoned": 60, "opening_form-present": 70})
    assert "are more than the 60 summoned" in response.content.decode()
    ward.post(url("open_congress", pk), {"opening_form-summoned": 60, "opening_form-present": 58})
    ward.post(url("close_congress", pk))
    ward.post(url("file_result", pk))
    assert "Phường Đông 1" in words(superior, url("appraisals", show="results"))
    superior.post(url("send_back", pk), {"send_back_form-findings": "Thiếu biên bản."})
    ward.post(url("file_result", pk))
    superior.post(url("recognise", pk), {"recognise_form-document_symbol": "77-QĐ/TU"})
    assert world.congress("W1").state == "recognised"
    assert "Nothing is left to do" in words(ward, url("congress", pk))
    assert "Thiếu biên bản." in words(ward, url("congress", pk))


def test_unit_cannot_decide_about_itself(world: World) -> None:
    congress = world.submitted("W1", MARCH_20)
    for name in ("ward", "ward_appraiser"):
        assert world.client(name).post(url("approve", congress.pk)).status_code in (403, 422)
    assert world.congress("W1").state == "submitted"
    page = words(world.client("ward"), url("congress", congress.pk))
    assert "Approve the preparation" not in page
    assert "The preparation is with Thành phố Thanh Hóa." in page


def test_history_for_those_who_read_the_book(world: World) -> None:
    congress = world.submitted("W1", MARCH_20)
    assert "organiser @ W1" in words(world.client("auditor"), url("congress", congress.pk))
    assert "organiser @ W1" not in words(world.client("ward"), url("congress", congress.pk))


# Papers -------------------------------------------------------------------------------------------


def test_papers(world: World) -> None:
    client, congress = world.client("ward"), world.congress("W1")
    facts = {"kind": "political_report", "title": "Báo cáo chính trị, dự thảo 3", "file": paper()}
    client.post(url("add_paper", congress.pk), facts)
    row = Paper.objects.get()
    assert (row.stage, row.file.size) == ("preparation", len(paper().read()))
    response = client.get(url("paper", row.pk))
    assert response["Content-Disposition"].startswith("attachment")
    assert response.content == paper().read()
    words(world.client("sister"), url("paper", row.pk), 404)
    bad = {"kind": "other", "title": "x", "file": paper()}
    bad["file"].name = "x.exe"
    response = client.post(url("add_paper", congress.pk), bad)
    assert response.status_code == 422
    client.post(url("withdraw_paper", row.pk))
    assert Paper.objects.get().withdrawn
    assert world.client("viewer").post(url("withdraw_paper", row.pk)).status_code == 403


def test_papers_of_the_result(world: World) -> None:
    client, congress = world.client("ward"), world.held("W1", MARCH_20)
    client.post(url("add_paper", congress.pk), {"kind": "minutes", "title": "Biên bản", "file": paper()})
    row = Paper.objects.get()
    assert row.stage == "after"
    with pytest.raises(Refusal, match="with the superior"):
        actions.withdraw_filed_paper(world.people["ward"], _other_stage(row))
    client.post(url("withdraw_paper", row.pk))
    row = Paper.objects.get(pk=row.pk)
    assert row.withdrawn
    with pytest.raises(Refusal, match="withdrawn already"):
        actions.withdraw_filed_paper(world.people["ward"], row)
    with pytest.raises(Refusal, match="no role of yours"):
        actions.withdraw_filed_paper(world.people["appraiser"], row)


def _other_stage(row: Paper) -> Paper:
    """A paper of the preparation at the same congress."""
    stored = {"file": row.file, "sha256": row.sha256, "filed_on": row.filed_on, "kind": "other", "title": "x"}
    return Paper.objects.create(congress=row.congress, stage="preparation", withdrawn=False, **stored)


def test_papers_rest_while_with_the_superior(world: World) -> None:
    congress = world.submitted("W1", MARCH_20)
    response = world.client("ward").post(
        url("add_paper", congress.pk), {"kind": "other", "title": "x", "file": paper()}
    )
    assert "with the superior" in response.content.decode()
    assert not Paper.objects.exists()


@pytest.mark.once
@pytest.mark.parametrize("kind", ["pdf", "docx"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_notice_and_decision(world: World, kind: str, language: str) -> None:
    congress = world.filed("W1", MARCH_20)
    actions.recognise(world.people["appraiser"], congress, document_symbol="77-QĐ/TU")
    for review in world.congress("W1").reviews.all():
        response = world.client("ward").get(url("review_paper", review.pk, kind, language=language))
        assert response.status_code == 200
        assert response.content[:4] == (b"%PDF" if kind == "pdf" else b"PK\x03\x04")
        words(world.client("sister"), url("review_paper", review.pk, kind), 404)
        words(world.client("ward"), url("review_paper", review.pk, kind, language="xx"), 404)


# Dating many --------------------------------------------------------------------------------------


def rows(world: World, **days: str) -> dict[str, str]:
    """What the dating page sends for some wards."""
    sent: dict[str, str] = {}
    for code, day in days.items():
        row = world.congress(code)
        facts = {
            "starts_on": day,
            "start_half": "am",
            "half_days": "2",
            "venue": "Hội trường",
            "row_version": row.version,
        }
        sent |= {f"c{row.pk}-{name}": str(value) for name, value in facts.items()}
    return sent


def test_dating_page_all_or_nothing(world: World) -> None:
    client, address = world.client("organiser"), url("dating", world.cycle.pk, unit=world.units["D380"].pk)
    assert "Phường Đông 5" in words(client, address)
    response = client.post(address, rows(world, W1="2025-03-20", W2="2025-04-07"))
    page = response.content.decode()
    assert response.status_code == 422
    assert "Nothing was saved" in page
    assert "is a public holiday" in page
    assert not Congress.objects.exclude(starts_on=None).exists()
    response = client.post(address, rows(world, W1="2025-03-20", W2="2025-04-08"), follow=True)
    assert "2 congresses were dated." in response.content.decode()
    assert world.congress("W2").venue == "Hội trường"
    words(world.client("ward"), address, 404)


def test_proposal_fills_the_form_and_writes_nothing(world: World) -> None:
    client = world.client("organiser")
    page = words(client, url("dating", world.cycle.pk, unit=world.units["D380"].pk, propose=1))
    assert "A proposal; nothing has been saved" in page
    assert page.count("is-proposed") == 6
    assert not Congress.objects.exclude(starts_on=None).exists()


# Queries ------------------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "most"),
    [("cycle", 30), ("dating", 20), ("congress", 30), ("calendar", 15), ("cycles", 14), ("appraisals", 12)],
)
def test_queries_do_not_grow(world: World, name: str, most: int, django_assert_max_num_queries: Any) -> None:
    city, congress = world.units["D380"], world.congress("W1")
    addresses = {
        "cycle": url("cycle", world.cycle.pk, unit=city.pk),
        "dating": url("dating", world.cycle.pk, unit=city.pk, propose=1),
        "congress": url("congress", congress.pk),
        "calendar": url("calendar", month="2025-03"),
        "cycles": url("cycles"),
        "appraisals": url("appraisals"),
    }
    world.submitted("W1", MARCH_20)
    client = world.client("appraiser" if name == "appraisals" else "organiser")
    client.get(addresses[name])
    with django_assert_max_num_queries(most):
        client.get(addresses[name])
