"""Members rule on ballots in doubt, each alone; whoever rules on all of them has a count."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from conventus.elections import actions, reads, rules
from conventus.elections.models import Adjudication, Ballot, CountEntry, ScanBatch, Sheet

from .box import CLEAR, TOO_MANY, UNCLEAR, Box, box, lay
from .conftest import refused

__all__ = ["box"]


# Ruling -------------------------------------------------------------------------------------------


def test_two_members_rule_on_a_mark(box: Box) -> None:
    box.rule("one", UNCLEAR, "1110")
    assert box.judged(UNCLEAR).state == "waiting"
    assert box.standing(UNCLEAR) is None
    box.rule("two", UNCLEAR, "1110")
    standing = box.standing(UNCLEAR)
    assert standing
    assert (box.judged(UNCLEAR).state, dict(standing.marks)) == ("ruled", box.marks("1110"))


def test_two_members_rule_a_ballot_invalid_on_the_same_ground(box: Box) -> None:
    box.rule("one", TOO_MANY, ruling="invalid", ground="too_many")
    box.rule("two", TOO_MANY, ruling="invalid", ground="writing")
    assert box.judged(TOO_MANY).state == "disputed"
    box.rule("three", TOO_MANY, ruling="invalid", ground="too_many")
    assert box.standing(TOO_MANY) == rules.Verdict("invalid", "too_many", by=str(box.world.people["one"].pk))


def test_a_scan_that_is_no_ballot_is_in_no_count(box: Box) -> None:
    for who in ("one", "two"):
        box.rule(who, UNCLEAR, ruling="not_counted", ground="twice")
        box.rule(who, TOO_MANY, ruling="invalid", ground="too_many")
    actions.close_scan(box.world.people["one"], box.now())
    entry = CountEntry.objects.get(slot="scan")
    assert (entry.figures["collected"], entry.figures["valid"], entry.figures["invalid"]) == (5, 4, 1)


def test_in_a_dispute_either_may_think_again(box: Box) -> None:
    box.rule("one", UNCLEAR, "1100")
    box.rule("two", UNCLEAR, "1110")
    assert box.judged(UNCLEAR).state == "disputed"
    box.rule("two", UNCLEAR, "1100")
    assert box.judged(UNCLEAR).state == "ruled"
    with refused("elections.sheet_settled"):
        box.rule("one", UNCLEAR, "1110")
    box.rule("three", UNCLEAR, "1110")
    assert box.judged(UNCLEAR).state == "ruled"
    assert Adjudication.objects.filter(sheet=box.sheets[UNCLEAR]).count() == 3


def test_one_may_think_again_before_anybody_else_has_spoken(box: Box) -> None:
    first = box.rule("one", UNCLEAR, "1100")
    again = box.rule("one", UNCLEAR, ruling="invalid", ground="writing")
    assert (first.pk, first.seal) != (again.pk, again.seal)
    assert first.pk == again.pk
    assert box.judged(UNCLEAR).verdicts[0].ruling == "invalid"


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"ruling": "perhaps"}, "ruling_unknown"),
        ({"ruling": "invalid"}, "ground_missing"),
        ({"ruling": "invalid", "ground": "none_on_boxes"}, "ground_not_in_law"),
        ({"ruling": "valid", "marks": {}}, "mark_missing"),
    ],
)
def test_the_law_refuses(box: Box, how: dict[str, Any], code: str) -> None:
    with refused(f"elections.{code}"):
        box.rule("one", UNCLEAR, **how)


def test_more_than_the_seats_is_never_valid(box: Box) -> None:
    with refused("elections.too_many_chosen"):
        box.rule("one", TOO_MANY, "1111")


def test_only_marks_of_the_paper_are_kept(box: Box) -> None:
    marks = box.marks("1100") | {"999999": "chosen"}
    kept = box.rule("one", UNCLEAR, ruling="valid", ground="writing", marks=marks)
    assert (kept.marks, kept.ground) == (box.marks("1100"), "")
    assert box.rule("two", UNCLEAR, ruling="invalid", ground="writing", marks=marks).marks == {}


@pytest.mark.parametrize(
    "who", ["organiser", "admin", "auditor", "viewer", "city", "neighbour_head", "cell_head", "member"]
)
def test_whoever_does_not_count_rules_on_nothing(box: Box, who: str) -> None:
    with refused("core.not_permitted"):
        box.rule(who, UNCLEAR, "1100")


def test_the_role_alone_makes_no_member_of_the_board(box: Box) -> None:
    with refused("elections.not_on_board"):
        box.rule("spare", UNCLEAR, "1100")


def test_a_candidate_rules_on_nothing(box: Box) -> None:
    candidate = box.ballot.names()[0]
    assert candidate.person
    candidate.person.user = box.world.people["one"]
    # The board refuses candidates when it is appointed; somebody may get an account later.
    type(candidate.person).objects.filter(user=box.world.people["one"]).update(user=None)
    candidate.person.save()
    with refused("elections.counter_is_candidate"):
        box.rule("one", UNCLEAR, "1100")


def test_nothing_is_ruled_outside_the_session(box: Box) -> None:
    box.world.state("held")
    with refused("core.not_permitted"):
        box.rule("one", UNCLEAR, "1100")


def test_nothing_is_ruled_once_the_scan_is_closed(box: Box) -> None:
    for who in ("one", "two"):
        box.rule(who, UNCLEAR, "1100")
        box.rule(who, TOO_MANY, ruling="invalid", ground="too_many")
    actions.close_scan(box.world.people["head"], box.now())
    with refused("elections.scan_closed"):
        box.rule("three", UNCLEAR, "1100")


def test_a_void_stack_a_trial_and_an_earlier_count_are_not_ruled_on(box: Box) -> None:
    batch = box.sheets[UNCLEAR].batch
    for change in ({"state": "void"}, {"state": "read", "purpose": "trial"}):
        ScanBatch.objects.filter(pk=batch.pk).update(**change)
        with refused("elections.sheet_void"):
            box.rule("one", UNCLEAR, "1100")
    ScanBatch.objects.filter(pk=batch.pk).update(purpose="count")
    Ballot.objects.filter(pk=box.ballot.pk).update(attempt=2)
    with refused("elections.recounted_meanwhile"):
        box.rule("one", UNCLEAR, "1100")


def test_nothing_is_ruled_when_nobody_counts(box: Box) -> None:
    Ballot.objects.filter(pk=box.ballot.pk).update(state="differing")
    with refused("elections.judging_over"):
        box.rule("one", UNCLEAR, "1100")


# The queue ----------------------------------------------------------------------------------------


def queue(box: Box, who: str) -> list[str]:
    """The sheets that wait for a member, by their letters."""
    letters = {sheet.pk: key for key, sheet in box.sheets.items()}
    found = reads.queue_of(box.world.people[who], reads.judged_sheets(box.ballot))
    return [letters[one.sheet.pk] for one in found]


def test_only_what_is_in_doubt_waits_and_only_as_long_as_two_have_not_agreed(box: Box) -> None:
    assert set(queue(box, "one")) == {UNCLEAR, TOO_MANY}
    box.rule("one", UNCLEAR, "1100")
    assert queue(box, "one") == [TOO_MANY]
    assert set(queue(box, "two")) == {UNCLEAR, TOO_MANY}
    box.rule("two", UNCLEAR, "1100")
    assert queue(box, "three") == [TOO_MANY]


def test_a_ballot_in_dispute_waits_for_the_others_and_last_for_those_who_spoke(box: Box) -> None:
    box.rule("one", UNCLEAR, "1100")
    box.rule("two", UNCLEAR, "1110")
    assert queue(box, "one") == [TOO_MANY, UNCLEAR]
    assert set(queue(box, "three")) == {UNCLEAR, TOO_MANY}


def test_every_member_has_an_order_of_their_own_that_stays(box: Box) -> None:
    more = lay(box.form, ["0???", "1???", "?1??", "?0??"], number=2)
    box.sheets |= more
    orders = {who: queue(box, who) for who in ("head", "one", "two", "three")}
    assert len({tuple(one) for one in orders.values()}) > 1
    assert {who: queue(box, who) for who in orders} == orders


def test_progress_says_how_many_and_whose_never_what(box: Box) -> None:
    box.rule("one", UNCLEAR, "1100")
    box.rule("two", UNCLEAR, "1110")
    people, found = box.world.people, reads.progress_of(box.ballot)
    assert (found.asked, found.ruled, found.waiting, found.disputed, found.scanned) == (2, 0, 1, 1, 6)
    assert {one.username: number for one, number in found.left.items()} == {"head": 2, "one": 1, "two": 1, "three": 2}
    assert (found.disputed_with[people["one"]], found.disputed_with[people["head"]]) == (1, 0)


# By the pictures of all ballots -------------------------------------------------------------------


def test_a_member_keys_in_every_ballot_and_has_a_count(box: Box) -> None:
    one = box.world.people["one"]
    box.rule("one", UNCLEAR, "1100")
    with refused("elections.sheets_left"):
        actions.enter_by_sheets(one, box.now())
    box.all_by("one")
    actions.enter_by_sheets(one, box.now())
    entry = CountEntry.objects.get(slot="first")
    votes = dict(zip(box.names, (4, 4, 3, 3), strict=True))
    assert entry.figures == {"collected": 6, "valid": 5, "invalid": 1, "votes": votes, "against": {}}
    assert (entry.method, entry.by) == ("sheets", one)
    assert box.now().state == "counting"
    with refused("elections.entered_already"):
        actions.enter_by_sheets(one, box.now())


def test_three_ways_lead_to_one_result(box: Box) -> None:
    for who in ("one", "two"):
        box.all_by(who)
        actions.enter_by_sheets(box.world.people[who], box.now())
    assert box.now().state == "counting"
    actions.close_scan(box.world.people["head"], box.now())
    assert (box.now().state, box.ballot.collected, box.ballot.valid) == ("agreed", 6, 5)
    found = reads.grounds_of(box.now())
    assert (found.scanned, found.unseen, found.ruled) == (6, 0, 6)
    assert (dict(found.invalid), dict(found.not_counted)) == ({"too_many": 1}, {})


def test_whoever_was_outvoted_counts_as_the_board_has_ruled(box: Box) -> None:
    box.rule("two", UNCLEAR, "1100")
    box.rule("three", UNCLEAR, "1100")
    box.all_by("one", unclear="1110")
    actions.enter_by_sheets(box.world.people["one"], box.now())
    votes = dict(zip(box.names, (4, 4, 3, 3), strict=True))
    assert CountEntry.objects.get(slot="first").figures["votes"] == votes


def test_stacks_under_way_belong_to_the_count(box: Box) -> None:
    box.all_by("one")
    lay(box.form, [], number=2, state="reading")
    with refused("elections.sheets_coming"):
        actions.enter_by_sheets(box.world.people["one"], box.now())


def test_without_sheets_there_is_no_count(box: Box) -> None:
    Sheet.objects.all().delete()
    with refused("elections.no_sheets"):
        actions.enter_by_sheets(box.world.people["one"], box.now())


def test_who_is_not_on_the_board_has_no_count(box: Box) -> None:
    with refused("elections.not_on_board"):
        actions.enter_by_sheets(box.world.people["spare"], box.now())
    with refused("core.not_permitted"):
        actions.enter_by_sheets(box.world.people["organiser"], box.now())
    box.world.state("held")
    with refused("core.not_permitted"):
        actions.enter_by_sheets(box.world.people["one"], box.now())


def test_a_slip_of_one_who_keys_in_a_clear_ballot_is_no_dispute(box: Box) -> None:
    """Both would learn of it before their counts are in; the comparison of the counts tells it."""
    box.rule("one", CLEAR[0], CLEAR[0])
    box.rule("two", CLEAR[0], CLEAR[1])
    assert box.judged(CLEAR[0]).state == "clear"
    assert "Account one" not in box.page("two", CLEAR[0], "key_sheet")


# Where the counts differ --------------------------------------------------------------------------


def differing(box: Box) -> None:
    """The first keys in every ballot with a slip on a clear one, the second totals, the scan is closed."""
    box.all_by("one")
    box.rule("one", CLEAR[0], CLEAR[1])
    actions.enter_by_sheets(box.world.people["one"], box.now())
    box.rule("two", UNCLEAR, "1100")
    box.rule("two", TOO_MANY, ruling="invalid", ground="too_many")
    actions.close_scan(box.world.people["two"], box.now())
    box.world.enter("two", box.now(), (4, 4, 3, 3), collected=6, invalid=1)
    assert box.now().state == "differing"


def test_ballots_that_differ_are_shown_to_the_third(box: Box) -> None:
    differing(box)
    head = box.world.people["head"]
    (found,) = reads.differing_sheets(head, box.ballot)
    assert (found.sheet, [one.path for one in found.voices]) == (box.sheets[CLEAR[0]], ["reader", "scan", "first"])
    assert set(found.names) == {key for key, a, b in zip(box.names, CLEAR[0], CLEAR[1], strict=True) if a != b}
    assert reads.differing_sheets(head, box.ballot, box.names[0]) == []
    answer = box.world.client("head").get(reverse("elections:differing_sheets", args=[box.ballot.pk]))
    assert answer.status_code == 200
    assert f"/elections/sheets/{found.sheet.pk}/pages/0" in answer.content.decode()


def test_ballots_that_differ_are_not_shown_to_those_who_keyed_in_nor_outside_the_board(box: Box) -> None:
    differing(box)
    for who in ("one", "two", "organiser", "auditor", "admin", "spare"):
        assert reads.differing_sheets(box.world.people[who], box.ballot) == []
    address = reverse("elections:differing_sheets", args=[box.ballot.pk])
    for who in ("one", "two"):
        answer = box.world.client(who).get(address)
        assert answer.status_code == 403
        assert "/elections/sheets/" not in answer.content.decode()
