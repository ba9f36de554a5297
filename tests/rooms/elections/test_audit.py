"""Sample audits: opened with dice, drawn, measured, closed; what a paper shows stays with the board."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from conventus.core.models import Entry
from conventus.elections import actions, reads, rules
from conventus.elections.models import Audit, AuditDraw, Ballot, BatchCount

from .conftest import TODAY, World, refused
from .test_recount import of_stacks, scans

DICE = "27182818284590452353"
VOTES = (84, 80, 75, 12)
"""Of 88 valid papers, 46 votes needed: three plainly elected, the fourth plainly not."""


@pytest.fixture
def agreed(world: World) -> Ballot:
    return world.agreed(world.issued(), VOTES)


@pytest.fixture
def audit(world: World, agreed: Ballot) -> Audit:
    return opened(world, agreed)


def opened(world: World, ballot: Ballot, **more: object) -> Audit:
    facts = {"risk_percent": 5, "seed": DICE, "stacks": [40, 48], **more}
    return actions.open_audit(world.people["head"], ballot, **facts)  # type: ignore[arg-type]


def papers(ballot: Ballot, votes: tuple[int, ...] = VOTES) -> list[list[str]]:
    """Whom each paper in the stacks chooses: as many as were counted, nobody over the seats."""
    names = [str(one.pk) for one in ballot.names()]
    found: list[list[str]] = [[] for _ in range(88)]
    place = 0
    for key, number in zip(names, votes, strict=True):
        for _ in range(number):
            found[place % 88].append(key)
            place += 1
    assert max(len(one) for one in found) <= 3
    return found


def enter_round(world: World, audit: Audit, on_table: Callable[[int], list[str]], who: str = "one") -> None:
    """Enter every paper of the present round as it lies on the table."""
    for due in reads.due_papers(audit):
        index = due.position - 1 + (40 if due.stack == "2" else 0)
        actions.record_draw(world.people[who], audit, number=due.number, ruling="valid", chosen=on_table(index))


def measured(world: World, audit: Audit) -> Audit:
    audit.refresh_from_db()
    return actions.measure_audit(world.people["two"], audit)


# Right and wrong outcomes -------------------------------------------------------------------------


def test_a_right_outcome_is_confirmed_by_a_few_papers(world: World, agreed: Ballot, audit: Audit) -> None:
    table = papers(agreed)
    assert reads.LEAST_ROUND <= audit.round_size < 44
    while not audit.passed:
        enter_round(world, audit, table.__getitem__)
        audit = measured(world, audit)
    assert audit.measured[-1]["drawn"] < 88
    address = f"/elections/ballots/{agreed.pk}/audit"
    assert "Close the audit" in world.client("head").get(address).content.decode()
    assert "Close the audit" not in world.client("one").get(address).content.decode()
    audit = actions.close_audit(world.people["head"], audit)
    assert audit.state == "confirmed"
    agreed.refresh_from_db()
    world.accept_all(agreed)
    assert actions.declare_result(world.people["head"], agreed).state == "declared"


def test_a_wrong_outcome_ends_in_a_full_recount(world: World, agreed: Ballot, audit: Audit) -> None:
    """In truth the third has 40 votes: after all papers the statement is refuted, and everything is counted anew."""
    table = papers(agreed, (84, 80, 40, 12))
    head = world.people["head"]
    while reads.drawn_before(audit) < audit.population:
        enter_round(world, audit, table.__getitem__)
        audit = measured(world, audit)
    assert not audit.passed
    assert max(audit.risks) == 1
    with refused("elections.audit_not_passed"):
        actions.close_audit(head, audit)
    audit = actions.close_audit(head, audit, reason="Kết quả không được xác nhận")
    agreed.refresh_from_db()
    assert (audit.state, agreed.state, agreed.attempt) == ("escalated", "issued", 2)
    assert agreed.repeats[-1]["reason"] == "Kết quả không được xác nhận"
    assert reads.audit_of(agreed) is None


def test_papers_that_are_not_in_their_place_count_against_the_outcome(world: World, audit: Audit) -> None:
    for due in reads.due_papers(audit):
        actions.record_draw(world.people["one"], audit, number=due.number, ruling="missing")
    audit = measured(world, audit)
    assert set(audit.risks) == {1.0}
    assert audit.measured[-1]["missing"] == len(reads.due_papers(audit)) == audit.round_size


def test_the_sample_follows_from_the_dice(audit: Audit) -> None:
    due = {one.number: one for one in reads.due_papers(audit)}
    first = next(rules.audit.drawing(DICE, 88))
    assert (due[1].stack, due[1].position) == (("1", first) if first <= 40 else ("2", first - 40))
    places = [(one.stack, one.position) for one in reads.due_papers(audit)]
    assert places == sorted(places)


def test_the_last_round_leaves_no_small_remainder(world: World, audit: Audit) -> None:
    audit.round_size = 30
    audit.measured = [{"drawn": 55, "missing": 0, "risks": [1.0] * 4}]
    assert reads.round_end(audit) == 88


# Secrets ------------------------------------------------------------------------------------------


def test_the_book_learns_no_mark(world: World, agreed: Ballot, audit: Audit) -> None:
    enter_round(world, audit, papers(agreed).__getitem__)
    measured(world, audit)
    names = {str(one.pk) for one in agreed.names()}
    for line in Entry.objects.filter(action="elections.record_draw"):
        assert set(line.after) == {"audit", "number", "by", "seal"}
    line = Entry.objects.get(action="elections.measure_audit")
    assert set(line.after) == {"drawn", "missing", "greatest_risk"}
    assert not names & set(json.dumps(line.after).split('"'))


def test_nothing_is_measured_before_the_round_is_complete(world: World, agreed: Ballot, audit: Audit) -> None:
    due = reads.due_papers(audit)
    for one in due[:-1]:
        actions.record_draw(world.people["one"], audit, number=one.number, ruling="invalid")
    with refused("elections.round_incomplete"):
        actions.measure_audit(world.people["one"], audit)
    assert audit.measured == []


def test_only_the_board_opens_a_drawn_paper(world: World, audit: Audit) -> None:
    address = f"/elections/audits/{audit.pk}/papers/1"
    assert world.client("one").get(address).status_code == 200
    for who in ("viewer", "auditor", "admin", "organiser", "spare"):
        assert world.client(who).get(address).status_code == 404
    page = world.client("auditor").get(f"/elections/ballots/{audit.ballot_id}/audit").content.decode()
    assert "Papers to pull now" not in page
    assert "Measured risk" in page


def test_a_paper_once_entered_is_not_shown_again(world: World, agreed: Ballot, audit: Audit) -> None:
    chosen = [str(agreed.names()[0].pk)]
    actions.record_draw(world.people["one"], audit, number=1, ruling="valid", chosen=chosen)
    page = world.client("two").get(f"/elections/audits/{audit.pk}/papers/1").content.decode()
    assert "checked" not in page


# Refusals -----------------------------------------------------------------------------------------


def test_who_may_open_and_when(world: World, agreed: Ballot) -> None:
    with refused("elections.only_head"):
        actions.open_audit(world.people["one"], agreed, risk_percent=5, seed=DICE, stacks=[88])
    with refused("core.not_permitted"):
        actions.open_audit(world.people["organiser"], agreed, risk_percent=5, seed=DICE, stacks=[88])
    for facts, code in (
        ({"risk_percent": 0}, "risk_limit"),
        ({"risk_percent": 50}, "risk_limit"),
        ({"seed": "1234"}, "seed_short"),
        ({"seed": "rolled"}, "seed_digits"),
        ({"seed": "6" * 24}, "seed_plain"),
        ({"method": "guess"}, "audit_method"),
        ({"method": "stacks"}, "audit_no_stacks"),
        ({"stacks": [40, 40]}, "audit_papers"),
        ({"stacks": [88, 0]}, "audit_stack_empty"),
    ):
        with refused(f"elections.{code}"):
            opened(world, agreed, **facts)
    world.state("held")
    with refused("core.not_permitted"):
        opened(world, agreed)


def test_an_audit_waits_for_the_agreed_count(world: World) -> None:
    ballot = world.issued()
    with refused("elections.not_agreed"):
        opened(world, ballot)


def test_a_tie_is_not_audited(world: World) -> None:
    ballot = world.agreed(world.issued(), (80, 60, 50, 50))
    with refused("elections.audit_tie"):
        opened(world, ballot)
    page = world.client("head").get(f"/elections/ballots/{ballot.pk}/audit").content.decode()
    assert "No sample can confirm this outcome" in page


def test_errors_are_put_right_before_an_audit(world: World, agreed: Ballot) -> None:
    Ballot.objects.filter(pk=agreed.pk).update(printed=100)
    agreed.refresh_from_db()
    with refused("elections.E14"):
        opened(world, agreed)


def test_one_audit_for_one_count(world: World, audit: Audit) -> None:
    with refused("elections.audit_there"):
        opened(world, Ballot.objects.get(pk=audit.ballot_id), seed=DICE[::-1])


def test_while_it_is_open_nothing_is_declared_or_repeated(world: World, audit: Audit) -> None:
    ballot = Ballot.objects.get(pk=audit.ballot_id)
    with refused("elections.audit_under_way"):
        actions.declare_result(world.people["head"], ballot)
    with refused("elections.audit_under_way"):
        actions.repeat_count(world.people["head"], ballot, reason="Nghi ngờ")
    page = world.client("head").get(f"/elections/ballots/{ballot.pk}").content.decode()
    assert "A sample audit is under way" in page


def test_what_a_drawn_paper_can_be(world: World, agreed: Ballot, audit: Audit) -> None:
    one, names = world.people["one"], [str(row.pk) for row in agreed.names()]
    for facts, code in (
        ({"number": 88}, "draw_not_due"),
        ({"number": 0}, "draw_not_due"),
        ({"ruling": "strange"}, "draw_ruling"),
        ({"chosen": ["0"]}, "draw_names"),
        ({"chosen": names}, "too_many_chosen"),
        ({"chosen": []}, "invalid_by_law"),
    ):
        given = {"number": 1, "ruling": "valid", "chosen": names[:1], **facts}
        with refused(f"elections.{code}"):
            actions.record_draw(one, audit, **given)  # type: ignore[arg-type]
    with refused("elections.not_on_board"):
        actions.record_draw(world.people["spare"], audit, number=1, ruling="invalid")
    actions.record_draw(one, audit, number=1, ruling="invalid")
    with refused("elections.draw_there"):
        actions.record_draw(one, audit, number=1, ruling="missing")
    actions.record_draw(one, audit, number=1, ruling="missing", reason="Gõ nhầm")
    assert AuditDraw.objects.get().ruling == "missing"
    last = Entry.objects.filter(action="elections.record_draw").last()
    assert last is not None
    assert last.after["corrected"] == "Gõ nhầm"


def test_measured_papers_are_fixed(world: World, agreed: Ballot, audit: Audit) -> None:
    enter_round(world, audit, papers(agreed).__getitem__)
    audit = measured(world, audit)
    with refused("elections.draw_not_due"):
        actions.record_draw(world.people["one"], audit, number=1, ruling="missing", reason="Đổi ý")


def test_a_closed_audit_stays_closed(world: World, agreed: Ballot, audit: Audit) -> None:
    with refused("elections.only_head"):
        actions.close_audit(world.people["one"], audit, reason="Thôi")
    actions.close_audit(world.people["head"], audit, reason="Đếm lại cho chắc")
    for verb in (actions.measure_audit, actions.close_audit):
        with refused("elections.audit_closed"):
            verb(world.people["head"], audit)
    with refused("elections.audit_closed"):
        actions.record_draw(world.people["one"], audit, number=1, ruling="invalid")


# Whole stacks -------------------------------------------------------------------------------------

PLAIN = "1110"


def stacked(world: World, stacks: int = 4, papers: int = 3) -> Ballot:
    """A count of stacks in which all papers choose the first three names."""
    whole = (PLAIN,) * papers
    ballot = world.issued(issued=stacks * papers)
    scans(world, ballot, (whole,) * stacks)
    figures = of_stacks(ballot, *(PLAIN,) * (stacks * papers))
    for who in ("one", "two"):
        ballot = actions.enter_count(world.people[who], ballot, figures=figures)
    return ballot


@pytest.fixture
def small(world: World) -> World:
    """Twelve voters, so that twelve papers can elect."""
    world.figures = {**dict.fromkeys(world.figures, 0), "official_summoned": 12}
    world.present = 12
    return world


def count_due(world: World, audit: Audit, *by_hand: str) -> None:
    _which, stack = reads.stack_due(audit)
    assert stack is not None
    if stack.agreed is None:
        for who in ("one", "two"):
            figures = of_stacks(audit.ballot, *by_hand)
            actions.count_batch(world.people[who], stack.batch, figures=figures, reason="Kiểm tra")


def test_whole_stacks_confirm_the_outcome(small: World) -> None:
    audit = opened(small, stacked(small), method="stacks")
    assert audit.stacks == [["1", 3], ["2", 3], ["3", 3], ["4", 3]]
    with refused("elections.stack_due"):
        actions.measure_audit(small.people["one"], audit)
    with refused("elections.audit_of_papers"):
        actions.record_draw(small.people["one"], audit, number=1, ruling="invalid")
    while not audit.passed:
        count_due(small, audit, PLAIN, PLAIN, PLAIN)
        audit = measured(small, audit)
    assert actions.close_audit(small.people["head"], audit).state == "confirmed"
    assert len(audit.measured) >= BatchCount.objects.count() / 2


def test_a_stack_that_differs_raises_the_risk(small: World) -> None:
    audit = opened(small, stacked(small), method="stacks")
    count_due(small, audit, PLAIN, PLAIN, "1001")
    audit = measured(small, audit)
    assert audit.passed is False
    assert reads.stack_due(audit)[0] in range(4)
    assert any("E16" in one.code for one in reads.findings_of(Ballot.objects.get(pk=audit.ballot_id)))


# Pages --------------------------------------------------------------------------------------------


def test_the_page_says_what_it_takes_and_opens_it(world: World, agreed: Ballot) -> None:
    address = f"/elections/ballots/{agreed.pk}/audit"
    head = world.client("head")
    page = head.get(address).content.decode()
    assert "Papers in half of such audits" in page
    assert "has the votes needed" in page
    assert 'name="seed"' not in world.client("viewer").get(address).content.decode()
    form = {"row_version": agreed.version, "risk_percent": 5, "method": "polling", "stacks": "40 48", "seed": "12"}
    answer = head.post(address, form)
    assert answer.status_code == 422
    assert "too few: roll the dice" in answer.content.decode()
    assert head.post(address, form | {"stacks": "forty", "seed": DICE}).status_code == 422
    assert head.post(address, form | {"seed": f"{DICE[:10]} {DICE[10:]}"}).status_code == 302
    assert Audit.objects.get().seed == DICE


def test_papers_are_entered_one_after_the_other(world: World, agreed: Ballot, audit: Audit) -> None:
    client, table = world.client("one"), papers(agreed)
    due = reads.due_papers(audit)
    address = f"/elections/audits/{audit.pk}/papers/{due[0].number}"
    assert client.post(address, {}).status_code == 422
    for one in due:
        chosen = table[one.position - 1 + (40 if one.stack == "2" else 0)]
        struck = [str(row.pk) for row in agreed.names() if str(row.pk) not in chosen]
        answer = client.post(f"/elections/audits/{audit.pk}/papers/{one.number}", {"ruling": "valid", "struck": struck})
        assert answer.status_code == 302
    assert answer.headers["Location"] == f"/elections/ballots/{agreed.pk}/audit"
    assert AuditDraw.objects.filter(chosen=[]).count() == 0
    audit.refresh_from_db()
    assert client.post(f"/elections/audits/{audit.pk}/measure", {"row_version": audit.version}).status_code == 302
    audit.refresh_from_db()
    assert audit.measured[0]["drawn"] == len(due)
    assert client.get(f"/elections/audits/{audit.pk}/papers/1").status_code == 302


def test_the_head_closes_it_on_the_page(world: World, agreed: Ballot, audit: Audit) -> None:
    address = f"/elections/audits/{audit.pk}/close"
    head = world.client("head")
    answer = head.post(address, {"row_version": audit.version})
    assert answer.status_code == 422
    assert "say why all is counted anew" in answer.content.decode()
    answer = head.post(address, {"row_version": audit.version, "reason": "Đếm lại"})
    assert answer.headers["Location"] == f"/elections/ballots/{agreed.pk}"
    old = world.client("viewer").get(f"/elections/ballots/{agreed.pk}/audit").content.decode()
    assert "No audit was held of this count" in old
    assert "Earlier audits" in old
    assert "Đếm lại" in old


def test_a_narrow_outcome_proposes_the_full_count(world: World) -> None:
    ballot = world.agreed(world.issued(), (84, 80, 47, 12))
    page = world.client("head").get(f"/elections/ballots/{ballot.pk}/audit").content.decode()
    assert "The sample would be nearly everything" in page
    assert f"/elections/ballots/{ballot.pk}/repeat" in page


def test_boxes_are_entered_by_their_agreement(assembly: World) -> None:
    world = assembly
    ballot = world.agreed(world.issued(world.listed(seats=3, names=3)), (80, 75, 70))
    audit = opened(world, ballot)
    names = [str(one.pk) for one in ballot.names()]
    page = world.client("one").get(f"/elections/audits/{audit.pk}/papers/1").content.decode()
    assert 'name="chosen"' in page
    form = {"ruling": "valid", "chosen": names[:2]}
    assert world.client("one").post(f"/elections/audits/{audit.pk}/papers/1", form).status_code == 302
    assert AuditDraw.objects.get().chosen == sorted(names[:2])


def test_the_desk_of_the_board_shows_an_open_audit(world: World, audit: Audit) -> None:
    found = {who: [one.kind for one in reads.desk_items(world.people[who], TODAY)] for who in ("one", "head", "viewer")}
    assert found == {"one": ["elections.audit"], "head": ["elections.audit"], "viewer": []}
