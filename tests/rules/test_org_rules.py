"""Units and people: dates, periods, levels and rows of an import."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conventus.core.rules import WARNING, Finding, Refusal, each_of
from conventus.org import rules as org
from tests.rules.laws import DAY, ORG, PARTY, refused

LEVELS = PARTY.core.levels
UNITS = org.UnitFacts(
    LEVELS, known={"D380": "district", "C1": "base"}, seen={"C1"}, taken={"D380"}, root_level="province"
)
PEOPLE = org.PersonFacts(units={"C1"}, on=DAY, seen={"M1"})
UNIT = {"code": "C2", "parent_code": "D380", "level": "commune", "kind": "xã", "name": "Xã Đông Quang"}
PERSON = {
    "number": "M2",
    "name": "Nguyễn Thị Mẫu",
    "unit_code": "C1",
    "membership": "official",
    "valid_from": "3/2/2010",
}
DATES = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@given(DATES)
def test_both_ways_of_writing_a_date_are_read(day: date) -> None:
    assert org.parse_date(day.isoformat()) == org.parse_date(f" {day:%d/%m/%Y} ") == day
    assert org.parse_date(f"{day.day}/{day.month}/{day.year}") == day


@pytest.mark.parametrize("text", ["31/02/2025", "2025-13-01", "1.2.2025", "02/25", "yesterday", "24/2/25"])
def test_other_texts_are_no_dates(text: str) -> None:
    assert refused(lambda: org.parse_date(text, "born")) == ["org.date_unreadable"]


def test_an_empty_date_is_none() -> None:
    assert org.parse_date("  ") is None


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = org.clean_text(text)
    assert org.clean_text(once) == once
    assert "  " not in once


def test_vietnamese_names_are_composed() -> None:
    assert org.clean_text("Phươ\u0300ng\u00a0 Đông Sơn ") == "Phường Đông Sơn"


@given(DATES, DATES)
def test_a_period_is_refused_only_backwards(start: date, end: date) -> None:
    if end < start:
        assert refused(lambda: org.check_period(start, end)) == ["core.period_reversed"]
    else:
        org.check_period(start, end)


@given(st.tuples(DATES, DATES), st.tuples(DATES, DATES))
def test_overlap_is_mutual(first: tuple[date, date], second: tuple[date, date]) -> None:
    assert org.periods_overlap(first, second) == org.periods_overlap(second, first)
    assert org.periods_overlap((None, None), (min(second), max(second)))


@given(st.sampled_from(sorted(LEVELS)), st.sampled_from(sorted(LEVELS)))
def test_a_unit_stands_below_its_superior(level: str, parent: str) -> None:
    if LEVELS[level].order > LEVELS[parent].order:
        org.check_parent_level(level, parent, LEVELS)
    else:
        assert refused(lambda: org.check_parent_level(level, parent, LEVELS)) == ["org.parent_not_above"]


def test_a_good_unit_row() -> None:
    unit = org.check_unit_row(UNIT | {"name": " Xã  Đông Quang", "valid_from": "1/1/2020"}, UNITS)
    assert unit == org.UnitRow("C2", "D380", "base", "xã", "Xã Đông Quang", date(2020, 1, 1))


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"code": ""}, "core.required", "code"),
        ({"code": "a b"}, "org.code_unreadable", "code"),
        ({"code": "C1"}, "org.code_twice", "code"),
        ({"code": "D380", "parent_code": "P01"}, "org.code_taken", "code"),
        ({"level": "village"}, "org.level_unknown", "level"),
        ({"name": "  "}, "core.required", "name"),
        ({"parent_code": ""}, "org.parent_missing", "parent_code"),
        ({"parent_code": "X"}, "org.parent_unknown", "parent_code"),
        ({"parent_code": "C2"}, "org.parent_itself", "parent_code"),
        ({"parent_code": "C1"}, "org.parent_not_above", "parent_code"),
        ({"valid_to": "32/1/2025"}, "org.date_unreadable", "valid_to"),
        ({"valid_from": "2025-01-02", "valid_to": "2025-01-01"}, "core.period_reversed", "valid_to"),
    ],
)
def test_a_bad_unit_row_names_field_and_rule(change: dict[str, str], code: str, field: str) -> None:
    known = org.UnitFacts(LEVELS, {**UNITS.known, "P01": "province"}, UNITS.seen, UNITS.taken, UNITS.root_level)
    with pytest.raises(Refusal) as caught:
        org.check_unit_row(UNIT | change, known)
    assert [(one.code, one.field) for one in each_of(caught.value)] == [(code, field)]


def test_all_faults_of_a_row_are_told_at_once() -> None:
    assert refused(lambda: org.check_unit_row({"code": "a b", "level": "x", "valid_to": "y"}, UNITS)) == [
        "core.required",
        "org.code_unreadable",
        "org.date_unreadable",
        "org.level_unknown",
    ]


def test_a_good_person_row() -> None:
    row = PERSON | {
        "sex": "Nữ",
        "born": "1980-05-06",
        "membership": "chính thức",
        "post": "Bí thư",
        "post_from": "1/1/2020",
    }
    person = org.check_person_row(row, PEOPLE, ORG)
    assert (person.membership, person.sex, person.post) == ("official", "f", "secretary")
    assert (person.valid_from, person.post_from) == (date(2010, 2, 3), date(2020, 1, 1))


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"number": "M1"}, "org.code_twice", "number"),
        ({"unit_code": "C9"}, "org.unit_unknown", "unit_code"),
        ({"membership": "guest"}, "org.membership_unknown", "membership"),
        ({"sex": "x"}, "org.sex_unknown", "sex"),
        ({"valid_from": ""}, "core.required", "valid_from"),
        ({"born": "2000-01-01"}, "org.too_young", "valid_from"),
        ({"valid_to": "2009-01-01"}, "core.period_reversed", "valid_to"),
        ({"post": "king", "post_from": "2020-01-01"}, "org.post_unknown", "post"),
        ({"post": "secretary"}, "org.post_without_start", "post_from"),
        ({"post": "secretary", "post_from": "2020-01-01", "membership": "dự bị"}, "org.post_needs_vote", "post"),
        ({"post": "secretary", "post_from": "2020-01-01", "post_to": "2019-01-01"}, "core.period_reversed", "post_to"),
    ],
)
def test_a_bad_person_row_names_field_and_rule(change: dict[str, str], code: str, field: str) -> None:
    with pytest.raises(Refusal) as caught:
        org.check_person_row(PERSON | change, PEOPLE, ORG)
    assert [(one.code, one.field) for one in each_of(caught.value)] == [(code, field)]


def test_rights_of_memberships() -> None:
    """ELE-2 and ELE-3: on probation one nominates, and neither votes nor stands."""
    assert [org.may_vote(ORG, kind, DAY) for kind in ("official", "probationary", "attached")] == [True, False, False]
    assert not org.may_stand(ORG, "probationary", DAY)
    assert org.may_nominate(ORG, "probationary", DAY)


@given(DATES, DATES)
def test_full_years_grow_by_one_each_year(since: date, day: date) -> None:
    if (day.month, day.day) != (2, 29):
        assert org.full_years(since, day.replace(year=day.year + 1)) == org.full_years(since, day) + 1


def test_a_finding_speaks_like_its_refusal() -> None:
    finding = Finding("org.code_twice", WARNING, params={"text": "C1"})
    assert str(finding) == str(finding.refusal())
    assert "C1" in str(finding)
