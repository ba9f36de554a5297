"""People from a file: the person, the membership, the post; judged, written as a whole, harmless when repeated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conventus.core.models import Entry
from conventus.org import actions
from conventus.org.imports.columns import PEOPLE
from conventus.org.imports.files import Sheet, sheet_of
from conventus.org.imports.people import plan_people
from conventus.org.imports.report import ImportRefused, Report
from conventus.org.models import Holding, Membership, Person, Unit
from tests.rooms.org.house import START, TODAY, House

Rows = Sequence[Mapping[str, str]]
DAY = timedelta(days=1)


def row(
    number: str, unit: str = "L1", kind: str = "official", since: str = "2020-01-01", **more: str
) -> dict[str, str]:
    known = {"number": number, "unit_code": unit, "membership": kind, "valid_from": since}
    return {"name": f"Người {number}"} | known | more


def sheet(*rows: Mapping[str, str]) -> Sheet:
    return sheet_of(rows, PEOPLE)


def judged(house: House, *rows: Mapping[str, str], scope: Unit | None = None) -> Report:
    return plan_people(house.organisation, scope, sheet(*rows), TODAY).report


def bring_in(house: House, *rows: Mapping[str, str], **how: Any) -> Report:
    return actions.import_people(house.admin, house.city, sheet=sheet(*rows), **how)


def reasons(report: Report) -> list[tuple[int, str, str]]:
    return [(one.row.number, one.column, one.refusal.code) for one in report.rejects]


def stored() -> list[list[tuple[Any, ...]]]:
    """People, memberships and posts, in a form that does not depend on keys."""
    person = ("code", "name", "folded", "gender", "born", "joined", "official", "email")
    member = ("person__code", "unit__code", "kind", "valid_from", "valid_to")
    holder = ("person__code", "post__unit__code", "post__key", "valid_from", "valid_to")
    found = ((Person, person), (Membership, member), (Holding, holder))
    return [sorted(model.objects.values_list(*names), key=str) for model, names in found]


def test_people_come_with_membership_and_post(house: House) -> None:
    rows = [
        row("M1", sex="Nữ", born="17/05/1980", post="Bí thư", post_from="2022-03-01", email="m1@example.org"),
        row("M2", "W1", "dự bị", "2024-08-01", joined="2024-08-01"),
    ]
    report = bring_in(house, *rows)
    assert report.counts() == {"rows": 2, "new": 2, "changed": 0, "unchanged": 0, "rejected": 0}
    first = house.person("M1")
    assert (first.gender, first.born, first.folded) == ("female", date(1980, 5, 17), "nguoi m1 m1")
    holding = Holding.objects.get()
    assert (holding.post.key, holding.post.unit, holding.person) == ("secretary", house.cell, first)
    assert Membership.objects.get(person__code="M2").kind == "probationary"
    line = Entry.objects.latest("seq")
    assert (line.action, line.after["new"]) == ("org.import_people", 2)
    assert "Người" not in str(line.after)


def test_an_import_that_is_repeated_changes_nothing(house: House) -> None:
    rows = [row("M1", post="secretary", post_from="2022-03-01"), row("M2", valid_to="2024-01-31")]
    bring_in(house, *rows)
    before = stored()
    again = bring_in(house, *rows)
    assert again.counts() == {"rows": 2, "new": 0, "changed": 0, "unchanged": 2, "rejected": 0}
    assert stored() == before


def test_a_corrected_row_changes_what_is_different(house: House) -> None:
    bring_in(house, row("M1", born="1980-05-17", post="secretary", post_from="2022-03-01"))
    report = bring_in(house, row("M1", name="Người Khác", since="2019-06-01", post="secretary", post_from="2022-04-01"))
    assert report.examples_changed[0].changes == (
        ("name", "Người M1", "Người Khác"),
        ("valid_from", "2020-01-01", "2019-06-01"),
        ("post_from", "2022-03-01", "2022-04-01"),
    )
    person = house.person("M1")
    assert (person.name, person.born, person.version) == ("Người Khác", date(1980, 5, 17), 2)
    assert Membership.objects.get().valid_from == date(2019, 6, 1)
    assert Holding.objects.get().valid_from == date(2022, 4, 1)


def test_probation_is_followed_by_official_membership(house: House) -> None:
    bring_in(house, row("M1", kind="probationary", since="2023-01-01"))
    later = row("M1", kind="official", since="2024-01-01")
    assert bring_in(house, later).counts()["changed"] == 1
    assert bring_in(house, later).counts()["unchanged"] == 1
    rows = Membership.objects.order_by("valid_from").values_list("kind", "valid_from", "valid_to")
    assert list(rows) == [
        ("probationary", date(2023, 1, 1), date(2023, 12, 31)),
        ("official", date(2024, 1, 1), None),
    ]


def test_somebody_comes_back(house: House) -> None:
    bring_in(house, row("M1", valid_to="2022-12-31"))
    bring_in(house, row("M1", "W1", since="2024-01-01", valid_to=""))
    assert list(Membership.objects.order_by("valid_from").values_list("unit__code", "valid_to")) == [
        ("L1", date(2022, 12, 31)),
        ("W1", None),
    ]


def test_a_post_may_be_of_a_unit_above(house: House) -> None:
    bring_in(house, row("M1", post="committee_member", post_from="2022-01-01", post_unit_code="C1"))
    assert Holding.objects.get().post.unit == house.city


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([row("M9", "NO")], [(2, "unit_code", "org.unit_unknown")]),
        ([row("M9", "L2")], [(2, "unit_code", "org.unit_unknown")]),
        ([row("M9", kind="guest")], [(2, "membership", "org.membership_unknown")]),
        ([row("M9", sex="x")], [(2, "sex", "org.sex_unknown")]),
        ([row("M9", born="2010-01-01")], [(2, "valid_from", "org.too_young")]),
        (
            [row("M9", joined="x", email="not an address")],
            [(2, "joined", "org.date_unreadable"), (2, "email", "org.email_unreadable")],
        ),
        ([row("M9"), row("M9", "W1")], [(2, "number", "org.code_twice"), (3, "number", "org.code_twice")]),
        ([row("HERE", "W1")], [(2, "unit_code", "org.import_transfers")]),
        ([row("HERE", kind="exempt", since="2019-01-01")], [(2, "valid_from", "org.membership_overlaps")]),
        ([row("THERE")], [(2, "number", "org.number_elsewhere")]),
        ([row("GONE", since="2020-06-01")], [(2, "valid_from", "org.membership_overlaps")]),
        ([row("M9", post="king", post_from="2022-01-01")], [(2, "post", "org.post_unknown")]),
        ([row("M9", post="secretary")], [(2, "post_from", "org.post_without_start")]),
        (
            [row("M9", kind="probationary", post="secretary", post_from="2022-01-01")],
            [(2, "post", "org.post_needs_vote")],
        ),
        (
            [row("M9", post="secretary", post_from="2022-01-01", post_unit_code="C2")],
            [(2, "post_unit_code", "org.post_unit_apart")],
        ),
        (
            [row("M9", "W1", post="secretary", post_from="2022-01-01", post_unit_code="L1")],
            [(2, "post_unit_code", "org.post_unit_apart")],
        ),
        (
            [row("M8", post="secretary", post_from="2022-01-01"), row("M9", post="secretary", post_from="2023-01-01")],
            [(2, "post", "org.post_filled"), (3, "post", "org.post_filled")],
        ),
        (
            [
                row("M8", post="secretary", post_from="2022-01-01", post_to="2022-12-31"),
                row("M9", post="secretary", post_from="2023-01-01"),
            ],
            [],
        ),
        ([row("M9", "W1", post="secretary", post_from="2022-01-01")], [(2, "post", "org.post_filled")]),
        ([row("M9", "OVER")], [(2, "unit_code", "org.unit_ended")]),
        ([row("M9", "OVER", valid_to="2021-01-01")], []),
    ],
)
def test_rows_that_are_wrong(house: House, rows: Rows, found: list[tuple[int, str, str]]) -> None:
    here = house.enrol(house.cell, "HERE", "Người Ở Đây")
    house.enrol(house.neighbour_cell, "THERE", "Người Ở Kia")
    gone = house.enrol(house.cell, "GONE", "Người Đã Đi")
    actions.end_membership(house.system, gone, on=date(2021, 1, 1))
    actions.appoint(house.system, house.ward, post="secretary", person=here.person, valid_from=START)
    values = {"level": "cell", "name": "Chi bộ Cũ", "valid_to": date(2022, 1, 1)}
    actions.found_unit(house.system, house.ward, code="OVER", **values)
    assert reasons(judged(house, *rows, scope=house.city)) == found


def test_nothing_is_written_while_a_row_is_wrong(house: House) -> None:
    with pytest.raises(ImportRefused):
        bring_in(house, row("M1"), row("M2", "NO"))
    assert not Person.objects.exists()
    report = bring_in(house, row("M1"), row("M2", "NO"), skip_bad=True)
    assert (report.counts()["new"], report.counts()["rejected"]) == (1, 1)
    assert list(Person.objects.values_list("code", flat=True)) == ["M1"]


def test_a_large_file_costs_few_queries(house: House, django_assert_max_num_queries: Any) -> None:
    rows = [row(f"M{number}", post="committee_member", post_from="2022-01-01") for number in range(300)]
    with django_assert_max_num_queries(40):
        assert bring_in(house, *rows).counts()["new"] == 300
    with django_assert_max_num_queries(20):
        assert bring_in(house, *rows).counts()["unchanged"] == 300


# Properties -------------------------------------------------------------------------------------------------------


@st.composite
def lists(draw: st.DrawFn) -> list[dict[str, str]]:
    """Rows of people with a few faults; posts that too many claim, numbers that come twice."""
    rows = []
    for number in draw(st.lists(st.integers(1, 6), min_size=1, max_size=7)):
        since = draw(st.sampled_from(["2020-01-01", "2021-06-30", "", "x"]))
        kind = draw(st.sampled_from(["official", "official", "probationary", "guest"]))
        unit = draw(st.sampled_from(["L1", "W1", "NO"]))
        post = draw(st.sampled_from(["", "", "secretary", "deputy_secretary"]))
        until = draw(st.sampled_from(["", "", "2022-06-30"]))
        post_cells = {"post": post, "post_from": "2022-01-01" if post else "", "post_to": until if post else ""}
        rows.append(
            row(f"M{number}", unit, kind, since, valid_to=draw(st.sampled_from(["", "2024-01-31"])), **post_cells)
        )
    return rows


def attempt(house: House, rows: Rows) -> Report:
    try:
        return bring_in(house, *rows, skip_bad=True)
    except ImportRefused as refused:
        return refused.report


@pytest.mark.once
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), rows=lists())
def test_an_import_is_idempotent_and_its_order_does_not_matter(
    house: House, data: st.DataObject, rows: list[dict[str, str]]
) -> None:
    Person.objects.all().delete()
    first = attempt(house, rows)
    people = stored()
    again = attempt(house, rows)
    assert (again.new, again.changed, again.unchanged) == (0, 0, first.new)
    assert stored() == people
    Person.objects.all().delete()
    other = attempt(house, data.draw(st.permutations(rows)))
    assert other.counts() == first.counts()
    assert stored() == people


@pytest.mark.once
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=lists(), second=lists())
def test_nobody_is_ever_in_two_units_at_once(
    house: House, first: list[dict[str, str]], second: list[dict[str, str]]
) -> None:
    Person.objects.all().delete()
    for rows in (first, second):
        attempt(house, rows)
    for person in Person.objects.prefetch_related("memberships"):
        periods = sorted((one.valid_from, one.valid_to or date.max) for one in person.memberships.all())
        assert periods
        assert all(end < start for (_from, end), (start, _to) in pairwise(periods))
    held = Holding.objects.filter(post__key="secretary").values_list("post", "valid_from", "valid_to")
    for post, start, end in held:
        others = [
            one for one in held if one[0] == post and one[1] <= (end or date.max) and start <= (one[2] or date.max)
        ]
        assert len(others) == 1
