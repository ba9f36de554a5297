"""Results: the majority over the base, ties, too few elected, run-off and lot, decisions of the congress."""

from __future__ import annotations

import pytest

from conventus.core.models import Entry
from conventus.cycle.hooks import bodies_of, open_points
from conventus.elections import actions, reads
from conventus.elections.models import Ballot

from .conftest import World, elected, refused


def test_more_than_half_of_the_base_elects(world: World) -> None:
    ballot = world.declared(world.issued(), (80, 46, 60, 45))
    assert (ballot.base, ballot.needed, ballot.state) == (90, 46, "declared")
    assert elected(ballot.contest) == ["Lê Văn An", "Phạm Thị Bích", "Trần Văn Cường"]
    contest = ballot.contest
    contest.refresh_from_db()
    assert (contest.state, contest.open_seats) == ("decided", 0)
    places = [(count.candidate.name, count.votes) for count in reads.elected_of(contest)]
    assert places == [("Lê Văn An", 80), ("Trần Văn Cường", 60), ("Phạm Thị Bích", 46)]
    line = Entry.objects.filter(action="elections.declare_result").get()
    assert len(line.after["elected"]) == 3
    assert line.after["contest"] == "decided"


def test_a_tie_at_the_cut_leads_to_a_ballot_among_the_tied(world: World) -> None:
    first = world.declared(world.issued(), (80, 60, 50, 50))
    assert elected(first.contest) == ["Lê Văn An", "Phạm Thị Bích"]
    tie = first.contest.ballots.last()
    assert tie is not None
    assert (tie.kind, tie.number, tie.seats, tie.style) == ("tie", 2, 1, "strike")
    assert [one.name for one in tie.names()] == ["Trần Văn Cường", "Hoàng Thị Dung"]
    assert tie.electorate == first.electorate
    second = world.declared(world.issued(first.contest), (40, 48))
    second.contest.refresh_from_db()
    assert second.contest.state == "decided"
    assert "Hoàng Thị Dung" in elected(second.contest)


def test_a_tie_in_the_tie_ballot_is_for_the_congress(world: World) -> None:
    first = world.declared(world.issued(), (80, 60, 50, 50))
    again = world.declared(world.issued(first.contest), (44, 44))
    contest = again.contest
    assert [step.code for step in reads.next_steps(again)] == ["congress_decides"]
    with refused("elections.decision_missing"):
        actions.prepare_ballot(world.people["organiser"], contest)
    with refused("elections.reason_of_decision"):
        actions.decide(world.people["organiser"], contest, open_seats=1, reason=" ")
    with refused("elections.open_seats_wrong"):
        actions.decide(world.people["organiser"], contest, open_seats=2, reason="Thôi bầu")
    actions.decide(world.people["organiser"], contest, open_seats=1, reason="Đại hội quyết định khuyết một")
    assert (contest.state, contest.open_seats) == ("decided", 1)


def test_the_congress_may_let_the_tied_stand_once_more(world: World) -> None:
    first = world.declared(world.issued(), (80, 60, 50, 50))
    again = world.declared(world.issued(first.contest), (44, 44))
    third = actions.prepare_ballot(world.people["organiser"], again.contest, decision="Bầu lại giữa hai người")
    assert (third.kind, third.number, third.decision) == ("tie", 3, "Bầu lại giữa hai người")


def test_too_few_elected_wait_for_the_congress(world: World) -> None:
    first = world.declared(world.issued(), (80, 40, 30, 20))
    contest = first.contest
    assert not contest.ballots.filter(number=2).exists()
    assert [(step.code, step.seats) for step in reads.next_steps(first)] == [("second_ballot", 2), ("leave_open", 2)]
    with refused("elections.decision_missing"):
        actions.prepare_ballot(world.people["organiser"], contest)
    second = actions.prepare_ballot(world.people["organiser"], contest, decision="Bầu tiếp 2 người")
    assert (second.kind, second.seats, second.standing.count()) == ("second", 2, 3)
    with refused("elections.ballot_running"):
        actions.decide(world.people["organiser"], contest, open_seats=2, reason="Thôi")
    with refused("elections.ballot_running"):
        actions.prepare_ballot(world.people["organiser"], contest, decision="Lại")
    last = world.declared(world.issued(contest), (60, 55, 20))
    last.contest.refresh_from_db()
    assert last.contest.state == "decided"
    assert len(elected(last.contest)) == 3


def test_the_congress_may_leave_seats_open(world: World) -> None:
    contest = world.declared(world.issued(), (80, 70, 30, 20)).contest
    assert [point.params["contest"] for point in open_points(world.congress)] == ["Ban Chấp hành"]
    actions.decide(world.people["organiser"], contest, open_seats=1, reason="Kiện toàn sau")
    assert open_points(world.congress) == []
    (body,) = bodies_of(world.congress)
    assert ([person.name for person in body.people], body.seats) == (["Lê Văn An", "Phạm Thị Bích"], 3)
    with refused("elections.contest_decided"):
        actions.prepare_ballot(world.people["organiser"], contest, decision="Nữa")
    with refused("elections.contest_decided"):
        actions.decide(world.people["organiser"], contest, open_seats=1, reason="Nữa")


def test_nothing_is_decided_where_the_law_goes_on(world: World) -> None:
    contest = world.declared(world.issued(), (80, 60, 50, 50)).contest
    with refused("elections.ballot_running"):
        actions.decide(world.people["organiser"], contest, open_seats=1, reason="Thôi")


def test_the_run_off_of_an_association_follows_at_once(assembly: World) -> None:
    contest = assembly.listed(1, 3, body="chair", title="Chair")
    first = assembly.declared(assembly.issued(contest, 88), (40, 38, 10))
    assert (first.needed, elected(contest)) == (45, [])
    run_off = contest.ballots.last()
    assert run_off is not None
    assert (run_off.kind, [one.name for one in run_off.names()]) == ("second", ["Lê Văn An", "Phạm Thị Bích"])
    assembly.declared(assembly.issued(contest, 88), (40, 41))
    contest.refresh_from_db()
    assert (contest.state, elected(contest)) == ("decided", ["Phạm Thị Bích"])


def test_the_lot_of_an_association(assembly: World) -> None:
    contest = assembly.listed(1, 2, body="chair", title="Chair")
    first = assembly.declared(assembly.issued(contest, 88), (44, 44), valid=88)
    run_off = contest.ballots.last()
    assert run_off is not None
    assert first.needed == 45
    second = assembly.declared(assembly.issued(contest, 88), (44, 44))
    assert reads.next_steps(second)[0].code == "tie_ballot"
    third = assembly.declared(assembly.issued(contest, 88), (44, 44))
    assert [step.code for step in reads.next_steps(third)] == ["lot"]
    names = third.names()
    contest.refresh_from_db()
    with refused("elections.lot_number"):
        actions.draw_lot(assembly.people["head"], contest, drawn=names, reason="Drawn")
    with refused("elections.only_head"):
        from conventus.core.actions import give_grant

        give_grant(assembly.people["admin"], assembly.units["ward"], user=assembly.people["one"], role="board_head")
        actions.draw_lot(assembly.people["one"], contest, drawn=names[:1], reason="Drawn")
    actions.draw_lot(assembly.people["head"], contest, drawn=names[1:], reason="Drawn by the head of the tellers")
    assert (contest.state, elected(contest)) == ("decided", ["Phạm Thị Bích"])


def test_boxes_count_agree_and_disagree(assembly: World) -> None:
    contest = assembly.listed(2, 2, body="auditors", title="Auditors")
    ballot = assembly.issued(contest, 88)
    assert ballot.style == "boxes"
    with refused("elections.E11"):
        assembly.enter("one", ballot, (80, 50), against=(9, 30))
    assembly.declared(ballot, (80, 50), against=(8, 30))
    contest.refresh_from_db()
    assert len(elected(contest)) == 2
    assert [count.against for count in ballot.vote_counts.all()] == [8, 30]


def test_a_single_name_must_add_up(assembly: World) -> None:
    contest = assembly.listed(1, 1, body="chair", title="Chair")
    ballot = assembly.issued(contest, 88)
    with refused("elections.E12"):
        assembly.enter("one", ballot, (80,), against=(7,))
    assembly.declared(ballot, (80,), against=(8,))
    assert elected(contest) == ["Lê Văn An"]


def test_alternates_come_from_the_same_list(world: World) -> None:
    contest = world.listed(2, 4, body="delegates", title="Đại biểu", alternates=1)
    ballot = world.declared(world.issued(contest), (60, 55, 46, 15))
    assert [one.candidate.name for one in ballot.vote_counts.filter(alternate=True)] == ["Trần Văn Cường"]
    assert elected(contest) == ["Lê Văn An", "Phạm Thị Bích"]


def test_the_result_is_the_heads_word(world: World) -> None:
    ballot = world.agreed(world.issued(), (80, 70, 60, 30))
    world.accept_all(ballot)
    for who in ("one", "organiser", "admin", "neighbour_head", "cell_head"):
        with refused("core.not_permitted"):
            actions.declare_result(world.people[who], ballot)
    actions.declare_result(world.people["head"], ballot)
    with refused("elections.declared_already"):
        actions.declare_result(world.people["head"], ballot)


def test_a_ballot_needs_a_closed_list_and_its_electorate(world: World) -> None:
    contest = world.contest()
    with refused("elections.list_open"):
        actions.prepare_ballot(world.people["organiser"], contest)
    actions.close_list(world.people["organiser"], contest)
    world.board()
    ballot = world.prepared(contest)
    with refused("elections.base_figure_missing"):
        actions.issue(world.people["head"], ballot, issued=88)
    with refused("elections.base_empty"):
        figures = {**world.figures, "official_summoned": 0}
        actions.set_electorate(world.people["organiser"], ballot, figures=figures, present=90)
    with refused("elections.present_negative"):
        actions.set_electorate(world.people["organiser"], ballot, figures=world.figures, present=-1)
    actions.set_electorate(world.people["organiser"], ballot, figures=world.figures, present=89)
    with refused("elections.E13"):
        actions.issue(world.people["head"], ballot, issued=91)
    with refused("elections.E07"):
        actions.issue(world.people["head"], ballot, issued=90)
    with refused("elections.nothing_issued"):
        actions.issue(world.people["head"], ballot, issued=0)
    actions.issue(world.people["head"], ballot, issued=87)
    actions.issue(world.people["head"], ballot, issued=88)
    with refused("elections.E07"):
        actions.set_electorate(world.people["organiser"], ballot, figures=world.figures, present=80)
    world.enter("one", ballot, (80, 70, 60, 30))
    with refused("elections.issued_already"):
        actions.issue(world.people["head"], ballot, issued=89)
    with refused("elections.not_before_issue"):
        actions.set_electorate(world.people["organiser"], ballot, figures=world.figures, present=90)


def test_the_electorate_starts_from_what_is_known(world: World) -> None:
    ballot = world.prepared(world.listed())
    assert ballot.electorate == {"official_summoned": 100, "attached_elsewhere": 0}
    assert ballot.present == 90
    actions.set_electorate(world.people["organiser"], ballot, figures=world.figures, present=90)
    other = world.prepared(world.listed(2, 3, body="delegates", title="Đại biểu"))
    assert other.electorate == dict(world.figures)


def test_no_board_no_ballots(world: World) -> None:
    ballot = world.prepared(world.listed())
    actions.set_electorate(world.people["organiser"], ballot, figures=world.figures, present=90)
    with refused("elections.no_board"):
        actions.issue(world.people["head"], ballot, issued=88)


@pytest.mark.parametrize("votes", [(80, 60, 50, 50), (80, 70, 60, 30), (80, 40, 30, 20)])
def test_the_sum_of_the_seats_is_kept(world: World, votes: tuple[int, ...]) -> None:
    ballot: Ballot = world.declared(world.issued(), votes)
    outcome = reads.outcome_of(ballot)
    assert len(outcome.elected) + outcome.open_seats == 3
    assert len(elected(ballot.contest)) == len(outcome.elected)
