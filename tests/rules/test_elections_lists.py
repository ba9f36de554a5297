"""Surplus, nominees, order of names, base and majorities, counting board and record."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conventus.elections import rules as law
from tests.rules.laws import CLUB_ELECTIONS, DAY, ELECTIONS, always, refused

SEATS = st.integers(1, 300)
NAMES = st.lists(st.text("aăâeêioôơuưyáàảãạ đbcnt", min_size=1, max_size=12), min_size=1, max_size=8)


# Surplus -----------------------------------------------------------------------------------------


@given(SEATS)
def test_surplus_bounds(seats: int) -> None:
    """ELE-10 to ELE-12: 10 to 15 % prepared, 30 % at most, whatever the number of seats."""
    least, most = law.prepared_surplus(ELECTIONS, seats, DAY)
    cap = law.surplus_cap(ELECTIONS, seats, DAY)
    assert 1 <= least <= most
    assert least * 100 >= seats * 10
    assert (least - 1) * 100 < seats * 10
    assert most == least or most * 100 <= seats * 15
    assert cap == 1 or cap * 100 <= seats * 30
    assert cap >= least


@given(SEATS)
def test_surplus_grows_with_the_seats(seats: int) -> None:
    for bound in (law.surplus_cap, lambda *given: law.prepared_surplus(*given)[0]):
        assert bound(ELECTIONS, seats, DAY) <= bound(ELECTIONS, seats + 1, DAY)


def test_without_a_rule_for_small_bodies_the_cap_is_still_one() -> None:
    choice = replace(ELECTIONS, small_body_seats=always(0))
    assert [law.surplus_cap(choice, seats, DAY) for seats in (1, 2, 3, 4, 6, 7)] == [1, 1, 1, 1, 1, 2]


@given(st.integers(1, 40), st.integers(1, 60), st.booleans())
def test_lists_inside_the_bounds_pass(seats: int, names: int, allowed: bool) -> None:
    facts = law.ListFacts("committee", seats, tuple(map(str, range(names))), allowed=allowed)
    least, most = law.prepared_surplus(ELECTIONS, seats, DAY)
    surplus = names - seats
    if least <= surplus <= law.surplus_cap(ELECTIONS, seats, DAY):
        found = {one.code for one in law.check_list(ELECTIONS, facts, DAY)}
        asked = {"elections.surplus_needs_decision"} if surplus > most and not allowed else set()
        assert found - {"elections.prepared_surplus_large"} == asked
    else:
        codes = set(refused(lambda: law.check_list(ELECTIONS, facts, DAY)))
        assert codes <= {
            "elections.no_surplus",
            "elections.prepared_surplus_small",
            "elections.surplus_over_cap",
        }


def test_a_list_without_names_or_with_one_twice() -> None:
    def check(seats: int, *names: str) -> None:
        law.check_list(ELECTIONS, law.ListFacts("delegates", seats, names), DAY)

    assert refused(lambda: check(0)) == ["elections.no_candidates", "elections.no_seats"]
    assert refused(lambda: check(1, "A", "B", "A")) == ["elections.candidate_twice"]
    assert refused(lambda: law.kind_of(ELECTIONS, "king")) == ["elections.kind_unknown"]


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_the_floor_needs_strictly_more(votes: int, attending: int) -> None:
    """ELE-8: more than 30 % of all who attend."""
    assert law.passes_floor(ELECTIONS, votes, attending, DAY) == (votes * 100 > attending * 30)
    needed = law.floor_votes_needed(ELECTIONS, attending, DAY)
    assert law.passes_floor(ELECTIONS, needed, attending, DAY)
    assert not law.passes_floor(ELECTIONS, needed - 1, attending, DAY)


def test_nominees() -> None:
    good = law.Nominee("A", "floor", opinion_votes=40, attending=100)
    law.check_nominee(ELECTIONS, good, DAY)
    law.check_nominee(ELECTIONS, law.Nominee("A", "prepared", convening_member=True), DAY)
    bad = {
        "elections.may_not_stand": replace(good, stands=False),
        "elections.off_list_committee_member": replace(good, convening_member=True),
        "elections.floor_support_missing": replace(good, opinion_votes=None),
        "elections.floor_support_low": replace(good, opinion_votes=30),
    }
    for code, nominee in bad.items():
        assert refused(lambda one=nominee: law.check_nominee(ELECTIONS, one, DAY)) == [code]  # type: ignore[misc]


# Order -------------------------------------------------------------------------------------------


def in_order(names: list[str], order: str = "given_name_vi") -> list[str]:
    return [one.name for one in law.candidate_order([law.Name(str(at), name) for at, name in enumerate(names)], order)]


def test_vietnamese_letters_and_tones() -> None:
    syllables = "a à ả ã á ạ ai ă ằ â b d đ e ê o ô ơ u ư y".split()
    assert in_order(syllables[::-1]) == syllables


def test_given_name_then_family_name() -> None:
    assert in_order(["Trần Văn An", "Lê Thị Bình", "Lê Văn An"]) == ["Lê Văn An", "Trần Văn An", "Lê Thị Bình"]
    assert in_order(["Trần Văn An", "Lê Thị Bình"], "family_name") == ["Lê Thị Bình", "Trần Văn An"]


@given(NAMES, st.sampled_from(sorted(law.ORDERS)), st.randoms())
def test_the_order_does_not_depend_on_the_entry(names: list[str], order: str, random: object) -> None:
    candidates = [law.Name(str(at), name, block=name[:1]) for at, name in enumerate(names)]
    shuffled = sorted(candidates, key=lambda _: random.random())  # type: ignore[attr-defined]
    found = law.candidate_order(candidates, order, ["a", "đ"])
    assert law.candidate_order(shuffled, order, ["a", "đ"]) == found
    assert sorted(one.key for one in found) == sorted(one.key for one in candidates)


def test_blocks_stand_in_their_order() -> None:
    people = [law.Name("1", "An", "province"), law.Name("2", "Bình", "centre"), law.Name("3", "Ấn", "")]
    found = law.candidate_order(people, "blocks", ["centre", "province"])
    assert [one.key for one in found] == ["2", "1", "3"]
    assert refused(lambda: law.candidate_order(people, "age")) == ["elections.order_unknown"]


def test_styles() -> None:
    assert [law.ballot_style(*case) for case in ((6, 5), (5, 5), (4, 5), (1, 1), (1, 3), (2, 1))] == [
        "strike",
        "boxes",
        "boxes",
        "single",
        "single",
        "strike",
    ]


# Base and majority -------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["members", "delegates", "committee"])
@given(data=st.data())
def test_lines_of_the_base_sum_up(body: str, data: st.DataObject) -> None:
    lines = law.base_lines(ELECTIONS, body, DAY)
    figures = {line.code: data.draw(st.integers(0, 50)) for line in lines}
    figures[lines[0].code] += 400
    base = law.base_of(ELECTIONS, body, figures, DAY)
    assert base.total == sum(line.sign * line.number for line in base.lines)
    assert {line.code: line.number for line in base.lines} == figures
    shown = [line for line in base.lines if line.sign == 0]
    more = law.base_of(ELECTIONS, body, figures | {line.code: line.number + 1 for line in shown}, DAY)
    assert more.total == base.total


def test_figures_of_the_base_that_cannot_be() -> None:
    good = {"committee_members": 15, "committee_excused": 1}
    assert law.base_of(ELECTIONS, "committee", good, DAY).total == 14
    bad: dict[str, dict[str, int | None]] = {
        "elections.base_figure_missing": {**good, "committee_excused": None},
        "elections.base_figure_negative": {**good, "committee_excused": -1},
        "elections.base_figure_unknown": {**good, "guests": 3},
        "elections.base_empty": {**good, "committee_excused": 15},
    }
    for code, figures in bad.items():
        call = lambda one=figures: law.base_of(ELECTIONS, "committee", one, DAY)  # noqa: E731
        assert refused(call) == [code]
    assert refused(lambda: law.base_of(ELECTIONS, "club", good, DAY)) == ["elections.base_unknown"]


def test_whose_base() -> None:
    kinds = ELECTIONS.kinds
    assert law.base_body(kinds["committee"].voters, "delegates") == "delegates"
    assert law.base_body(kinds["secretary"].voters, "delegates") == "committee"


@given(st.integers(1, 5000), st.integers(0, 5000))
def test_a_majority_is_more_than_half_and_no_more_than_needed(base: int, valid: int) -> None:
    for name, whole in (("over_half_of_base", base), ("over_half_of_valid", valid)):
        needed = law.needed_votes(name, base, valid)
        assert needed * 2 > whole >= (needed - 1) * 2


@given(st.sampled_from(sorted(law.MAJORITIES)), st.integers(1, 5000), st.integers(0, 5000))
def test_a_majority_is_monotone(name: str, base: int, valid: int) -> None:
    needed = law.needed_votes(name, base, valid)
    assert needed <= law.needed_votes(name, base + 1, valid + 1)


def test_an_unknown_majority() -> None:
    assert refused(lambda: law.needed_votes("two_thirds", 10)) == ["elections.majority_unknown"]


# Board and record --------------------------------------------------------------------------------

BOARD = [law.BoardMember("A", head=True), law.BoardMember("B"), law.BoardMember("C")]


def test_boards() -> None:
    law.check_board(ELECTIONS, BOARD, DAY)
    bad = {
        "elections.board_too_small": BOARD[:2],
        "elections.board_without_head": [*BOARD[1:], law.BoardMember("D")],
        "elections.board_with_heads": [*BOARD, law.BoardMember("D", head=True)],
        "elections.board_candidate": [*BOARD, law.BoardMember("D", candidate=True)],
        "elections.board_without_vote": [*BOARD, law.BoardMember("D", votes=False)],
        "elections.board_twice": [*BOARD, law.BoardMember("B")],
    }
    for code, members in bad.items():
        assert refused(lambda some=members: law.check_board(ELECTIONS, some, DAY)) == [code]  # type: ignore[misc]


@given(st.sets(st.sampled_from(law.RECORD_FIELDS)))
def test_the_record_misses_what_is_empty(filled: set[str]) -> None:
    missing = law.record_missing(ELECTIONS, dict.fromkeys(filled, 0), DAY)
    assert set(missing) == set(law.record_fields(ELECTIONS, DAY)) - filled


def test_the_record_follows_the_pack() -> None:
    assert "base" in law.record_fields(ELECTIONS, DAY)
    assert "base" not in law.record_fields(CLUB_ELECTIONS, DAY)
    short = replace(ELECTIONS, record=always(("issued",)))
    assert law.record_missing(short, {"issued": None}, DAY) == ("issued",)


def test_percentages() -> None:
    assert [law.percentage(*case) for case in ((46, 90), (1, 3), (0, 0))] == [51.11, 33.33, 0.0]
