"""Every address of the rooms, tried by those whom it is no business of: they find nothing there.

A new address fails here until it is named, with what it is about (`ABOUT`) or with how it narrows itself (`OWN`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from conventus.core import clock
from conventus.core.models import Entry, Grant, Job, User
from conventus.cycle import actions as cycle
from conventus.directives import actions as directives
from conventus.directives.models import PlanItem
from conventus.elections.models import Audit, Ballot, Candidate, Contest, PaperForm, PrintRun, ScanBatch, Sheet, Trial
from conventus.org import actions as org
from conventus.org import uploads
from conventus.org.models import Person
from conventus.portal.sample import city
from conventus.portal.sample.clock import living
from conventus.portal.sample.walk import Turnout, hold
from tests.world import small_city

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("strangers")]
WARD = city.OPENING
ROOMS = ("core:", "org:", "directives:", "cycle:", "elections:")

ABOUT = {
    "unit": """org:unit org:found_unit org:change_unit org:people org:enrol org:appoint org:import org:access
        org:give_grant org:open_account org:draft_plan directives:register""",
    "plan": """org:plan org:plan_units org:change_plan org:add_to_plan org:bring_plan org:remove_from_plan
        org:let_plan_wait org:apply_plan org:undo_plan org:drop_plan""",
    "division": "org:place_members",
    "person": "org:person org:change_person org:transfer org:change_kind org:end_membership org:take_back",
    "holding": "org:end_holding",
    "grant": "org:end_grant",
    "upload": "org:import_report org:import_rejects org:import_confirm org:import_discard",
    "document": """directives:document directives:change directives:file directives:link directives:unlink
        directives:withdraw directives:add_item directives:cascade directives:put_in_force directives:extend""",
    "item": "directives:change_item directives:remove_item",
    "obligation": "directives:obligation directives:fulfil directives:reopen",
    "congress": """cycle:congress cycle:set_date cycle:withdraw_date cycle:submit cycle:return_with_findings
        cycle:approve cycle:open_congress cycle:close_congress cycle:file_result cycle:recognise
        cycle:send_back cycle:add_paper
        elections:contests_of elections:board elections:open_contest""",
    "milestone": "cycle:report_milestone cycle:undo_report",
    "paper": "cycle:paper cycle:withdraw_paper",
    "review": "cycle:review_paper",
    "feed": "cycle:revoke_feed",
    "contest": """elections:contest elections:change_contest elections:add_candidate elections:close_list
        elections:poster elections:trials elections:design_trial elections:design_trial_proof
        elections:prepare_ballot elections:decide elections:draw_lot""",
    "candidate": "elections:withdraw_candidate",
    "ballot_paper": """elections:form_page elections:form_proof elections:print_checklist elections:print_run
        elections:withdraw_form elections:deck elections:open_stack""",
    "print_run": "elections:run_file elections:withdraw_run",
    "trial": "elections:trial_record",
    "trial_stack": "elections:trial_result",
    "ballot": """elections:ballot elections:electorate elections:choose_paths elections:issue elections:enter_count
        elections:compare
        elections:repeat_count elections:accept_warning elections:declare elections:result elections:record
        elections:paper elections:design elections:design_proof elections:set_printed elections:stock
        elections:reconcile elections:recounts elections:audit
        elections:record_details elections:slide elections:slide_file elections:entry_log elections:evidence
        elections:seal_evidence elections:open_evidence elections:destroy_evidence elections:remove_pictures
        elections:scan elections:close_scan
        elections:adjudicate elections:key_sheets elections:differing_sheets""",
    "stack": """elections:stack elections:read_stack elections:upload_scans elections:feed_stack
        elections:complete_stack elections:pause_stack elections:move_late elections:void_stack
        elections:count_stack elections:explain_stack""",
    "sheet": "elections:sheet elections:key_sheet elections:sheet_picture elections:sheet_crop",
    "audit": "elections:draw elections:measure_audit elections:close_audit",
    "entry": "core:entry",
    "job": "core:job core:stop_job",
}
"""What an address is about: a row of the ward, or of its officer."""

OWN = {
    "home": "", "search": "q={ward}", "live_pass": "channel=unit:{unit}", "core:preferences": "", "core:rules": "",
    "core:book": "", "org:units": "q={ward}", "org:plans": "", "org:past": "on=2025-02-20&under={unit}",
    "org:past_export": "on=2025-02-20&under={unit}", "org:import_template": "", "directives:documents": "q={ward}",
    "directives:issuers": "q={ward}", "directives:obligations": "", "directives:weeks": "", "cycle:cycles": "",
    "cycle:open_cycle": "", "cycle:cycle": "unit={unit}", "cycle:generate": "unit={unit}",
    "cycle:dating": "unit={unit}",
    "cycle:appraisals": "", "elections:secrecy": "", "cycle:calendar": "unit={unit}", "cycle:feeds": "unit={unit}",
}  # fmt: skip
"""Pages that are about no row: they show their reader what is the reader's own. With what to ask them for the ward."""

OPEN = {"set_language": "before the login as well", "cycle:feed": "its address is the secret"}

STRANGERS = {
    "stranger": "has an account and no right anywhere",
    "hamrong.organiser": "plans the neighbour ward",
    "cell.secretary": "plans a cell of the ward",
}


@dataclass
class Place:
    """The ward's rows by what they are, and how its officer's pages call it."""

    keys: dict[str, dict[str, Any]]
    unit: int
    name: str


def addresses(resolver: URLResolver | None = None, space: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every address of the rooms and the portal, with the values that it takes."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace or "account" not in str(pattern.pattern):
                yield from addresses(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}", tuple(pattern.pattern.regex.groupindex)


def subjects() -> dict[str, str]:
    """What each address is about."""
    return {name: kind for kind, names in ABOUT.items() for name in names.split()}


@pytest.mark.once
def test_every_address_is_named() -> None:
    found = {name for name, _values in addresses()}
    named = subjects().keys() | OWN.keys() | OPEN.keys()
    assert found - named == set(), "new addresses: say in ABOUT what they are about"
    assert named - found == set(), "addresses that are no more"


# The ward and what it has -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def place(django_db_setup: None, django_db_blocker: Any) -> Iterator[Place]:
    """The small city once for all tests here; what they write is taken back at the end."""
    with django_db_blocker.unblock(), living(city.TODAY), transaction.atomic():
        yield _place()
        transaction.set_rollback(True)


def _place() -> Place:
    world = small_city()
    User.objects.create_user("stranger", full_name="Người lạ")
    unit, officer = world.units[WARD], world.users["dongson.organiser"]
    hold(world.congress(WARD), world.staff(city.CITY, WARD), Turnout(20, 19), seats=5, names=6, until="held")
    rows = _rows(world, unit, officer)
    return Place({kind: _key(kind, row) for kind, row in rows.items()}, unit.pk, unit.name)


def _key(kind: str, row: Any) -> dict[str, Any]:
    if kind == "upload":
        return {"token": row.token}
    if kind == "entry":
        return {"seq": row.seq}
    if kind == "division":
        return {"pk": row.plan_id, "unit": row.unit}
    return {"pk": row.document_id, "item": row.pk} if kind == "item" else {"pk": row.pk}


def _rows(world: city.World, unit: Any, officer: User) -> dict[str, Any]:
    congress, plan = world.congress(WARD), _plan(unit, officer)
    person = Person.objects.filter(memberships__unit__parent=unit).order_by("pk").first()
    system = User.objects.get(username="system.sample")
    contest = Contest.objects.get(congress=congress)
    return {
        "unit": unit,
        "person": Person.objects.get(user__username="dongson.head"),
        "holding": org.appoint(system, unit, person=person, post="secretary", valid_from=city.TODAY),
        "grant": Grant.objects.filter(unit=unit).order_by("pk").first(),
        "upload": uploads.keep(officer, unit=unit.pk, kind="units", name="units.csv", content=b"code,name\n1,2\n"),
        "plan": (reorganisation := _reorganisation(unit, officer)),
        "division": Division(reorganisation.pk, unit.children.order_by("pk")[0].pk),
        "document": plan,
        "item": PlanItem.objects.get(document=plan),
        "obligation": unit.obligations.order_by("pk").first(),
        "congress": congress,
        "milestone": congress.milestones.first(),
        "paper": cycle.file_paper(officer, congress, kind="resolution", title="Nghị quyết", file=_file()),
        "review": congress.reviews.first(),
        "feed": cycle.make_feed(officer, unit)[0],
        "contest": contest,
        "candidate": Candidate.objects.filter(contest=contest).first(),
        "ballot": Ballot.objects.filter(contest=contest).first(),
        "sheet": _sheet(contest),
        "stack": ScanBatch.objects.filter(form__contest=contest).first(),
        **_papers(contest, officer),
        "audit": Audit.objects.create(ballot=contest.ballots.first(), risk_percent=5, by=officer, at=clock.now()),
        "entry": Entry.objects.filter(unit=unit).first(),
        "job": Job.objects.create(kind="org.import", user=officer, unit=unit),
    }


@dataclass
class Division:
    """A unit that a plan divides."""

    plan_id: int
    unit: int


def _reorganisation(unit: Any, officer: User) -> Any:
    """A draft of the ward that divides one of its cells."""
    plan = org.draft_plan(officer, unit, name="Sắp xếp chi bộ", effective=city.TODAY)
    first, second = (cell.code for cell in unit.children.order_by("pk")[:2])
    steps = [{"level": "cell", "old_code": first, "new_code": new, "whole_or_part": "part"} for new in (first, second)]
    return org.add_to_plan(officer, plan, steps=steps)


def _sheet(contest: Contest) -> Sheet:
    """A scanned ballot of the ward's election."""
    ballot = contest.ballots.first()
    form = PaperForm.objects.create(contest=contest, ballot=ballot, language="vi", spec={}, layout="{}")
    batch = ScanBatch.objects.create(form=form, number=1, state=ScanBatch.State.READ)
    return Sheet.objects.create(batch=batch, key="0", state="read", pages=[{"picture": "0.jpg", "sha256": ""}])


def _papers(contest: Contest, officer: User) -> dict[str, Any]:
    """A paper for a trial with all that hangs on it."""
    names = [{"id": "1", "name": "A"}, {"id": "2", "name": "B"}]
    spec = {"election": "x", "title": "X", "seats": 1, "style": "strike", "candidates": names, "lang": "vi"}
    form = PaperForm.objects.create(contest=contest, language="vi", spec=spec, layout='{"blank": [""]}')
    run = PrintRun.objects.create(form=form, copies=1, by=officer, at=timezone.now())
    stack = ScanBatch.objects.create(form=form, number=1, purpose="trial", state="read")
    counted = {"sheets_known": 1, "sheets_read": 1, "people_known": 0, "people_read": 0, "kinds": [], "totals": []}
    trial = Trial.objects.create(
        form=form, batch=stack, number=1, passed=True, result=counted | {"faults": [], "asked": 0, "passed": True},
        by=officer, at=timezone.now(),
    )  # fmt: skip
    return {"ballot_paper": form, "print_run": run, "trial": trial, "trial_stack": stack}


def _plan(unit: Any, officer: User) -> Any:
    """A draft of the ward: nobody else's business yet, not even of those below."""
    plan = directives.register_document(
        officer, unit, type="KH", number="12", issuer_code="ĐU", title="Kế hoạch của phường", issued_on=city.TODAY
    )
    directives.add_item(officer, plan, task="report_result", level="cell", due=city.TODAY)
    plan.refresh_from_db()
    return plan


def _file() -> ContentFile[bytes]:
    return ContentFile(b"%PDF-1.4\n%%EOF\n", name="nghi-quyet.pdf")


# Tries --------------------------------------------------------------------------------------------


def ask(client: Client, address: str) -> Iterator[tuple[str, HttpResponse]]:
    """The answers to reading and to writing; a page that only takes one of them says so."""
    for method in ("get", "post"):
        answer = getattr(client, method)(address)
        if answer.status_code != 405:
            yield method, answer


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def address_of(place: Place, name: str, values: tuple[str, ...]) -> str:
    kind = subjects().get(name)
    key = {"kind": "pdf", "ending": "csv", "page": 0, "index": 0, "number": 1}
    key |= place.keys[kind] if kind else {"pk": _cycle()}
    if name == "org:add_to_plan":
        key["kind"] = "merge"
    if name in ("org:import", "org:import_template"):
        key["kind"] = "people"
    return reverse(name, kwargs={value: key[value] for value in values})


def _cycle() -> int:
    from conventus.cycle.models import Cycle

    return Cycle.objects.get().pk


@pytest.mark.once
def test_anonymous_visitors_are_sent_to_the_login(place: Place) -> None:
    for name, values in addresses():
        if name in OPEN:
            continue
        for method, answer in ask(Client(), address_of(place, name, values)):
            assert answer.status_code == 302, f"{method} {name}"
            assert answer.headers["Location"].startswith("/account/login/"), f"{method} {name}"


@pytest.mark.once
@pytest.mark.parametrize("who", STRANGERS)
def test_strangers_find_nothing(place: Place, who: str) -> None:
    client, found = signed_in(who), []
    for name, values in addresses():
        if name in subjects():
            for method, answer in ask(client, address_of(place, name, values)):
                if answer.status_code != 404:
                    found.append(f"{method} {name}: {answer.status_code}")
    assert found == []


@pytest.mark.once
@pytest.mark.parametrize("who", STRANGERS)
def test_what_shows_ones_own_does_not_show_the_ward(place: Place, who: str) -> None:
    client, found = signed_in(who), []
    for name, values in addresses():
        if name not in OWN:
            continue
        query = OWN[name].format(ward="Dong Son", unit=place.unit)
        answer = client.get(f"{address_of(place, name, values)}?{query}")
        if answer.status_code != 404 and (answer.status_code != 200 or place.name in answer.content.decode()):
            found.append(f"{name}?{query}: {answer.status_code}")
    assert found == []


def test_the_wards_officer_does_find_it(place: Place) -> None:
    """The same addresses exist: the tries above fail for want of a right, not for want of a row."""
    client = signed_in("dongson.organiser")
    lost = []
    for name, values in addresses():
        if name in subjects() and name not in WITHOUT:
            with transaction.atomic():
                answers = dict(ask(client, address_of(place, name, values)))
                transaction.set_rollback(True)
            if all(answer.status_code == 404 for answer in answers.values()):
                lost.append(name)
    assert not lost, " ".join(lost)


WITHOUT = {
    "elections:sheet": "for the counting board",
    "elections:key_sheet": "for the counting board",
    "elections:sheet_picture": "for the counting board",
    "elections:sheet_crop": "for the counting board",
    "elections:adjudicate": "for the counting board",
    "elections:key_sheets": "for the counting board",
    "elections:differing_sheets": "for the counting board",
    "elections:count_stack": "for the counting board",
    "elections:explain_stack": "for the counting board",
    "elections:draw": "for the counting board",
    "elections:measure_audit": "for the counting board",
    "elections:close_audit": "for the counting board",
    "elections:scan": "for the counting board",
    "elections:close_scan": "for the counting board",
    "elections:open_stack": "for the counting board, of a trial for whoever prepares it",
    "elections:stack": "for the counting board",
    "elections:read_stack": "for the counting board",
    "elections:upload_scans": "for the counting board",
    "elections:feed_stack": "for the counting board",
    "elections:complete_stack": "for the counting board",
    "elections:pause_stack": "for the counting board",
    "elections:move_late": "for the counting board",
    "elections:void_stack": "for the counting board",
    "org:access": "for whoever manages access",
    "org:give_grant": "for whoever manages access",
    "org:open_account": "for whoever manages access",
    "org:end_grant": "for whoever manages access",
    "org:import": "for whoever manages access",
    "org:import_report": "for whoever manages access",
    "org:import_rejects": "for whoever manages access",
    "org:import_confirm": "for whoever manages access",
    "core:entry": "for whoever reads the book",
    "org:take_back": "the person has not left",
    "directives:file": "the draft has no file",
    "directives:unlink": "the draft is linked to nothing",
}
"""What even the ward's officer does not find, with the reason."""
