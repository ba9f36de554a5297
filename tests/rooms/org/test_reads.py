"""Who sees what: the reads that other rooms build on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from conventus.org import actions, reads
from tests.rooms.org.house import START, TODAY, House

DAY = timedelta(days=1)


def codes(units: object) -> list[str]:
    return [unit.code for unit in units]  # type: ignore[attr-defined]


def test_the_reader_sees_the_own_unit_and_all_below(house: House) -> None:
    assert codes(reads.units_of(house.viewer)) == ["C1", "W1", "L1"]
    assert codes(reads.units_of(house.below)) == ["W1", "L1"]
    assert codes(reads.units_of(house.stranger)) == []
    assert codes(reads.units_of(AnonymousUser())) == []
    assert codes(reads.roots_of(house.viewer)) == ["C1"]
    assert codes(reads.roots_of(house.system)) == ["P1"]


def test_a_unit_is_not_there_for_who_may_not_see_it(house: House) -> None:
    assert reads.unit_for(house.viewer, house.ward.pk) == house.ward
    for reader, unit in ((house.viewer, house.province), (house.viewer, house.neighbour), (house.below, house.city)):
        with pytest.raises(Http404):
            reads.unit_for(reader, unit.pk)
    with pytest.raises(Http404):
        reads.unit_for(house.viewer, house.ward.pk, "org.manage")


def test_a_unit_exists_from_its_first_to_its_last_day(house: House) -> None:
    actions.change_unit(house.system, house.neighbour_cell, **shape(house.neighbour_cell, valid_to=TODAY))
    neighbour = house.unit("C2")
    assert codes(reads.subtree(neighbour)) == ["C2", "L2"]
    assert codes(reads.subtree(neighbour, TODAY + DAY)) == ["C2"]
    assert codes(reads.subtree(neighbour, START - DAY)) == []
    assert codes(reads.children_of(house.beside, neighbour, TODAY + DAY)) == []
    assert reads.unit_for(house.beside, house.neighbour_cell.pk).code == "L2"


def shape(unit: object, **changes: object) -> dict[str, object]:
    names = ("code", "level", "kind", "name", "valid_from", "valid_to")
    return {name: getattr(unit, name) for name in names} | changes


def test_search_needs_no_marks_and_takes_words_in_any_order(house: House) -> None:
    for text in ("dong ngan", "NGÀN đông", "phuong w1"):
        assert codes(reads.search_units(house.viewer, text)) == ["W1"]
    assert codes(reads.search_units(house.viewer, "hoa lu")) == []


def test_ancestors_stop_where_the_reader_begins(house: House) -> None:
    assert codes(reads.ancestors_of(house.viewer, house.cell)) == ["C1", "W1"]
    assert codes(reads.ancestors_of(house.system, house.cell)) == ["P1", "C1", "W1"]
    assert reads.ancestors_of(house.viewer, house.city) == []


def test_members_with_a_vote_are_counted_up_the_tree(house: House) -> None:
    house.enrol(house.cell, "M1", "Nguyễn Văn Mẫu")
    house.enrol(house.cell, "M2", "Trần Thị Mẫu", kind="probationary")
    house.enrol(house.ward, "M3", "Lê Mẫu", kind="exempt")
    house.enrol(house.neighbour_cell, "M4", "Phạm Mẫu")
    units = [house.province, house.city, house.ward, house.cell, house.neighbour]
    counted = reads.official_members(units)
    assert [counted[unit.pk] for unit in units] == [3, 2, 2, 1, 1]
    kinds = reads.member_counts([house.ward])[house.ward.pk]
    assert kinds == {"official": 1, "probationary": 1, "exempt": 1}
    assert reads.official_members([house.city], START - DAY) == {house.city.pk: 0}


def test_counting_many_units_takes_one_query(house: House, django_assert_num_queries: object) -> None:
    house.enrol(house.cell, "M1", "Nguyễn Văn Mẫu")
    units = list(reads.units_of(house.system))
    with django_assert_num_queries(1):  # type: ignore[operator]
        reads.official_members(units)


def test_people_are_seen_with_the_right_only(house: House) -> None:
    member = house.enrol(house.cell, "M1", "Nguyễn Văn Mẫu")
    for reader in (house.admin, house.organiser, house.below):
        assert reads.person_for(reader, member.person_id).code == "M1"
        assert [person.code for person in reads.people_of(reader, house.ward)] == ["M1"]
        assert [person.code for person in reads.search_people(reader, "mau nguyen")] == ["M1"]
    for reader in (house.viewer, house.beside, house.stranger):
        assert list(reads.people_of(reader, house.ward)) == []
        assert list(reads.search_people(reader, "mau")) == []
        with pytest.raises(Http404):
            reads.person_for(reader, member.person_id)


def test_the_former_unit_sees_no_more_of_who_has_left(house: House) -> None:
    member = house.enrol(house.cell, "M1", "Nguyễn Văn Mẫu")
    actions.transfer(house.system, member, to=house.neighbour_cell, on=date(2025, 1, 1))
    assert reads.person_for(house.beside, member.person_id)
    with pytest.raises(Http404):
        reads.person_for(house.below, member.person_id)


def test_candidates_for_posts_are_members_who_may_stand(house: House) -> None:
    house.enrol(house.cell, "M1", "Nguyễn Văn Mẫu")
    house.enrol(house.cell, "M2", "Trần Thị Mẫu", kind="probationary")
    assert [person.code for person in reads.candidates_for_posts(house.ward)] == ["M1"]


def test_a_person_of_an_account_is_found(house: House) -> None:
    member = house.enrol(house.cell, "M1", "Nguyễn Văn Mẫu", account=house.viewer)
    assert reads.person_of_account(house.viewer) == member.person
    assert reads.person_of_account(house.stranger) is None
