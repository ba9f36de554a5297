"""The board, contests and lists: who may sit and stand, surplus, order, style; from the close on the list is fixed."""

from __future__ import annotations

import pytest

from conventus.core.models import Entry
from conventus.core.rules import Refusal
from conventus.elections import actions, reads
from conventus.elections.models import Candidate
from conventus.org.actions import appoint, change_kind, enrol
from conventus.org.models import Person

from .conftest import TODAY, World, refused


def test_the_board_needs_three_voters_one_head_and_accounts(world: World) -> None:
    organiser = world.people["organiser"]
    with refused("elections.board_too_small"):
        actions.appoint_board(organiser, world.congress, members=world.seats("head", "one"))
    with refused("elections.board_without_head"):
        actions.appoint_board(organiser, world.congress, members=world.seats("one", "two", "three", head="head"))
    seats = world.seats()
    with refused("elections.board_account_missing"):
        actions.appoint_board(organiser, world.congress, members=[(person, None, head) for person, _, head in seats])
    with refused("elections.board_account_twice"):
        shared = [(person, seats[0][1], head) for person, _, head in seats]
        actions.appoint_board(organiser, world.congress, members=shared)
    actions.appoint_board(organiser, world.congress, members=seats)
    assert reads.board_of(world.congress)[0].person.name == "Người head"
    line = Entry.objects.get(action="elections.appoint_board")
    assert len(line.after["board"]) == 4
    assert "Người" not in str(line.after)


def test_probationary_members_and_candidates_do_not_sit_on_the_board(world: World) -> None:
    one = Person.objects.get(user=world.people["one"])
    change_kind(world.people["organiser"], one.memberships.get(), kind="probationary", on=TODAY)
    with refused("elections.board_without_vote"):
        world.board()


def test_a_candidate_is_not_on_the_board_nor_the_other_way_round(world: World) -> None:
    contest = world.contest()
    one = Person.objects.get(user=world.people["one"])
    candidate = actions.add_candidate(world.people["organiser"], contest, person=one)
    with refused("elections.board_candidate"):
        world.board()
    actions.withdraw_candidate(world.people["organiser"], candidate, reason="Vào ban kiểm phiếu")
    world.board()
    with refused("elections.candidate_on_board"):
        actions.add_candidate(world.people["organiser"], contest, person=one)


def test_the_board_stays_while_it_counts(world: World) -> None:
    ballot = world.issued()
    world.board()
    world.enter("one", ballot, (80, 70, 60, 31))
    with refused("elections.board_at_work"):
        world.board()
    ballot.refresh_from_db()
    actions.repeat_count(world.people["head"], ballot, reason="Một thành viên vắng")
    actions.appoint_board(world.people["organiser"], world.congress, members=world.seats("head", "two", "spare"))
    with refused("elections.not_on_board"):
        world.enter("one", ballot, (80, 70, 60, 31))


def test_a_declared_ballot_remembers_its_board(world: World) -> None:
    ballot = world.declared(world.issued(), (80, 70, 60, 31))
    another = world.seats("one", "two", "spare", head="one")
    actions.appoint_board(world.people["organiser"], world.congress, members=another)
    board = [(one.name, one.office) for one in reads.record_facts(ballot, "en").board]
    assert board[0] == ("Người head", "head")
    assert ("Người spare", "member") not in board


def test_contests_are_of_known_bodies_once_each(world: World) -> None:
    organiser = world.people["organiser"]
    with refused("elections.kind_unknown"):
        actions.open_contest(organiser, world.congress, body="choir", title="Choir", seats=3)
    with refused("elections.no_seats"):
        actions.open_contest(organiser, world.congress, body="committee", title="Ban Chấp hành", seats=0)
    with refused("core.required"):
        actions.open_contest(organiser, world.congress, body="committee", title=" ", seats=3)
    with refused("elections.alternates_unknown"):
        actions.open_contest(organiser, world.congress, body="committee", title="Ban Chấp hành", seats=3, alternates=1)
    world.contest()
    with refused("elections.contest_twice"):
        world.contest()


def test_only_the_organiser_of_the_unit_prepares(world: World) -> None:
    for who in ("viewer", "auditor", "admin", "neighbour", "cell", "stranger", "head"):
        with refused("core.not_permitted"):
            actions.open_contest(world.people[who], world.congress, body="committee", title="X", seats=3)
    assert actions.open_contest(world.people["city"], world.congress, body="committee", title="X", seats=3).seats == 3


def test_after_the_session_nothing_is_prepared(world: World) -> None:
    contest = world.contest()
    world.state("held")
    with refused("core.not_permitted"):
        actions.add_candidate(world.people["organiser"], contest, person=world.members[8])


def test_a_list_is_not_closed_before_the_congress_sits(world: World) -> None:
    world.state("approved")
    contest = world.contest()
    with refused("core.not_in_phase"):
        actions.close_list(world.people["organiser"], contest)


def test_floor_and_self_need_more_than_30_percent_of_those_attending(world: World) -> None:
    contest = world.contest()
    organiser, person = world.people["organiser"], world.members[8]
    with refused("elections.floor_support_missing"):
        actions.add_candidate(organiser, contest, person=person, source="floor")
    with refused("elections.floor_support_low") as found:
        actions.add_candidate(organiser, contest, person=person, source="self", opinion_votes=73, attending=246)
    assert found.value.params["needed"] == 74
    enough = {"source": "floor", "opinion_votes": 74, "attending": 246}
    candidate = actions.add_candidate(organiser, contest, person=person, **enough)
    assert (candidate.opinion_votes, candidate.attending) == (74, 246)


def test_committee_members_off_the_list_do_not_stand_from_the_floor(world: World) -> None:
    organiser, person = world.people["organiser"], world.members[8]
    appoint(organiser, world.units["ward"], post="committee_member", person=person)
    with refused("elections.off_list_committee_member"):
        facts = {"source": "floor", "opinion_votes": 80, "attending": 90}
        actions.add_candidate(organiser, world.contest(), person=person, **facts)


def test_who_may_not_stand_is_not_listed(world: World) -> None:
    organiser, contest = world.people["organiser"], world.contest()
    young = enrol(
        world.people["city"], world.units["cell"], code="P1", name="Trần Thị Mới", kind="probationary",
        valid_from=TODAY, born=TODAY.replace(year=2000),
    ).person  # fmt: skip
    with refused("elections.may_not_stand"):
        actions.add_candidate(organiser, contest, person=young)
    with refused("elections.candidate_twice"):
        actions.add_candidate(organiser, contest, person=world.members[0])
    named = actions.add_candidate(organiser, contest, name=" Nguyễn Văn Khách ", born=1977)
    assert (named.name, named.born, named.person) == ("Nguyễn Văn Khách", 1977, None)
    with refused("core.required"):
        actions.add_candidate(organiser, contest, name=" ")


@pytest.mark.parametrize(
    ("seats", "names", "code"),
    [(3, 3, "no_surplus"), (3, 5, "surplus_over_cap"), (7, 7, "no_surplus"), (7, 10, "surplus_over_cap")],
)
def test_lists_without_or_with_too_much_surplus_are_not_closed(world: World, seats: int, names: int, code: str) -> None:
    contest = world.contest(seats, names)
    with refused(f"elections.{code}"):
        actions.close_list(world.people["organiser"], contest)
    assert contest.state == "draft"


def test_more_names_than_prepared_take_a_decision_of_the_congress(world: World) -> None:
    contest = world.contest(7, 8)
    floor = {"source": "floor", "opinion_votes": 40, "attending": 90}
    actions.add_candidate(world.people["organiser"], contest, person=world.members[8], **floor)
    with refused("elections.surplus_needs_decision") as found:
        actions.close_list(world.people["organiser"], contest)
    assert found.value.field == "decision"
    actions.close_list(world.people["organiser"], contest, decision="Biểu quyết 85/90")
    assert contest.list_decision == "Biểu quyết 85/90"


def test_the_list_gets_its_fixed_order_and_stays(world: World) -> None:
    organiser, contest = world.people["organiser"], world.contest()
    gone = actions.add_candidate(organiser, contest, person=world.members[7])
    actions.withdraw_candidate(organiser, gone, reason="Xin rút")
    with refused("elections.withdrawn_already"):
        actions.withdraw_candidate(organiser, gone)
    actions.close_list(organiser, contest)
    names = list(contest.candidates.filter(withdrawn=False).values_list("name", flat=True))
    assert names == ["Lê Văn An", "Phạm Thị Bích", "Trần Văn Cường", "Hoàng Thị Dung"]
    assert (contest.state, contest.style) == ("listed", "strike")
    listed = contest.candidates.get(name="Lê Văn An")
    for change in (
        lambda: actions.add_candidate(organiser, contest, person=world.members[8]),
        lambda: actions.withdraw_candidate(organiser, listed),
        lambda: actions.change_contest(organiser, contest, title="X", seats=4),
        lambda: actions.close_list(organiser, contest),
    ):
        with refused("elections.list_closed"):
            change()


def test_blocks_keep_their_order_and_names_are_sorted_inside(world: World) -> None:
    contest = world.contest(3, 0)
    for person in reversed(world.members.first(4)):
        actions.add_candidate(world.people["organiser"], contest, person=person)
    actions.close_list(world.people["organiser"], contest)
    assert contest.candidates.all()[0].name == "Lê Văn An"


def test_the_paper_follows_from_names_and_seats(assembly: World) -> None:
    assert assembly.listed(3, 4, body="committee").style == "strike"
    assert assembly.listed(2, 2, body="auditors", title="Auditors").style == "boxes"
    assert assembly.listed(1, 1, body="chair", title="Chair").style == "single"


def test_too_few_names_ask_for_a_decision(assembly: World) -> None:
    contest = assembly.contest(3, 2)
    with refused("elections.fewer_names_than_seats"):
        actions.close_list(assembly.people["organiser"], contest)
    actions.close_list(assembly.people["organiser"], contest, decision="The assembly accepts two names.")
    assert contest.style == "boxes"


def test_namesakes_stand_side_by_side(world: World) -> None:
    contest = world.contest(3, 3)
    twin = enrol(
        world.people["city"], world.units["cell"], code="T1", name="Lê Văn An", kind="official", valid_from=TODAY,
        born=TODAY.replace(year=1990),
    ).person  # fmt: skip
    actions.add_candidate(world.people["organiser"], contest, person=twin)
    actions.close_list(world.people["organiser"], contest)
    assert set(contest.facts().names[:2]) == {"Lê Văn An (1980)", "Lê Văn An (1990)"}


def test_the_book_holds_no_names(world: World) -> None:
    world.listed()
    lines = Entry.objects.filter(action__startswith="elections.")
    names = Candidate.objects.values_list("name", flat=True)
    assert lines.exists()
    assert not any(name in str(line.after) for line in lines for name in names)


def test_a_stale_page_is_refused(world: World) -> None:
    contest = world.contest()
    stale = type(contest).objects.get(pk=contest.pk)
    actions.change_contest(world.people["organiser"], contest, title="Ban Chấp hành khoá 9", seats=3)
    with pytest.raises(Refusal, match="meanwhile"):
        actions.close_list(world.people["organiser"], stale)
