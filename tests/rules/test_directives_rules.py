"""Documents and plans: what is one document, what implements what, whom a task covers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conventus.directives import rules as law
from tests.rules.laws import DIRECTIVES, refused

KEY = law.DocumentKey("268", "KH", "TU", date(2024, 9, 20), "D380")
PLAN = law.Document(KEY, rank=2, valid_to=date(2025, 12, 31))
DIRECTIVE = law.Document(law.DocumentKey("35", "CT", "TW", date(2024, 6, 14)), rank=0)
ITEM = law.PlanItem("hold_congress", due=date(2025, 4, 30), start=date(2025, 3, 1), level="base", document="268")

DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))
CODES = st.sampled_from(["A", "B", "C", "D", "E"])
UNITS = st.builds(
    law.UnitFacts,
    code=CODES,
    level=st.sampled_from(["base", "cell"]),
    kind=st.sampled_from(["xã", "phường"]),
    ancestors=st.sampled_from([("P",), ("P", "X"), ("P", "Y")]),
)
ITEMS = st.builds(
    law.PlanItem,
    task=st.just("hold_congress"),
    due=DAYS,
    level=st.sampled_from(["", "base", "cell"]),
    kinds=st.sampled_from([(), ("xã",)]),
    units=st.lists(CODES, max_size=3).map(tuple),
    below=st.sampled_from(["", "X"]),
)


def test_symbols() -> None:
    assert law.symbol("35", "CT", "TW") == DIRECTIVE.key.symbol == "35-CT/TW"
    assert law.citation_key(DIRECTIVE.key) == "35-CT/TW@2024-06-14"


def test_a_plan_implements_a_directive() -> None:
    assert law.check_document(DIRECTIVES, PLAN, [], implements=[DIRECTIVE]) == ()


def test_acts_of_the_same_day_and_body_may_be_implemented_and_replaced() -> None:
    other = replace(PLAN, key=replace(KEY, number="267"))
    assert law.check_document(DIRECTIVES, PLAN, [], [other], [other]) == ()


def test_the_same_number_on_another_day_is_pointed_out() -> None:
    others = [replace(KEY, issued=date(2019, 5, 30)), replace(KEY, issued=date(2014, 5, 26))]
    (finding,) = law.check_document(DIRECTIVES, PLAN, others)
    assert finding.params["others"] == "2014-05-26, 2019-05-30"


def test_every_province_has_its_own_numbers() -> None:
    assert law.check_document(DIRECTIVES, PLAN, [replace(KEY, body="D381")]) == ()


@pytest.mark.parametrize(
    ("document", "codes"),
    [
        (replace(PLAN, key=replace(KEY, number=" ")), ["directives.number_missing"]),
        (replace(PLAN, key=replace(KEY, type="XX")), ["directives.type_unknown"]),
        (replace(PLAN, valid_from=date(2024, 9, 19)), ["directives.valid_before_issued"]),
        (replace(PLAN, valid_to=date(2024, 9, 19)), ["directives.valid_to_before_from"]),
    ],
)
def test_documents_that_cannot_be(document: law.Document, codes: list[str]) -> None:
    assert refused(lambda: law.check_document(DIRECTIVES, document, [])) == codes


def test_what_cannot_be_implemented_or_replaced() -> None:
    later = replace(DIRECTIVE, key=replace(DIRECTIVE.key, issued=date(2025, 1, 1)))
    assert refused(lambda: law.check_document(DIRECTIVES, PLAN, [], [later])) == ["directives.implements_later"]
    assert refused(lambda: law.check_document(DIRECTIVES, DIRECTIVE, [], [PLAN])) == [
        "directives.implements_later",
        "directives.implements_lower",
    ]
    assert (
        refused(lambda: law.check_document(DIRECTIVES, PLAN, [], [PLAN], [PLAN]))
        == ["directives.implements_itself"] * 2
    )
    assert refused(lambda: law.check_document(DIRECTIVES, PLAN, [], (), [DIRECTIVE])) == [
        "directives.replaces_other_issuer",
        "directives.replaces_other_type",
    ]
    newer = replace(PLAN, key=replace(KEY, number="269", issued=date(2025, 1, 1)))
    assert refused(lambda: law.check_document(DIRECTIVES, PLAN, [], (), [newer])) == ["directives.replaces_later"]


def test_what_can_be_guided_is_what_can_be_implemented() -> None:
    newer = replace(DIRECTIVE, key=replace(DIRECTIVE.key, issued=date(2025, 1, 1)))
    assert law.check_document(DIRECTIVES, PLAN, [], guides=[DIRECTIVE]) == ()
    assert refused(lambda: law.check_document(DIRECTIVES, DIRECTIVE, [], guides=[PLAN, DIRECTIVE])) == [
        "directives.implements_itself",
        "directives.implements_later",
        "directives.implements_lower",
    ]
    assert refused(lambda: law.check_document(DIRECTIVES, PLAN, [], guides=[newer])) == ["directives.implements_later"]


def test_what_can_be_amended_may_be_of_another_type() -> None:
    newer = replace(PLAN, key=replace(KEY, number="269", issued=date(2025, 1, 1)))
    notice = replace(PLAN, key=replace(KEY, number="12", type="TB"))
    assert law.check_document(DIRECTIVES, PLAN, [], amends=[notice]) == ()
    assert refused(lambda: law.check_document(DIRECTIVES, PLAN, [], (), [notice])) == ["directives.replaces_other_type"]
    assert refused(lambda: law.check_document(DIRECTIVES, PLAN, [], amends=[DIRECTIVE, newer, PLAN])) == [
        "directives.implements_itself",
        "directives.replaces_later",
        "directives.replaces_other_issuer",
    ]


@given(DAYS, DAYS)
def test_in_force_from_the_first_to_the_last_day(day: date, end: date) -> None:
    plan = replace(PLAN, valid_to=max(end, KEY.issued))
    assert law.in_force(plan, day) == (KEY.issued <= day <= max(end, KEY.issued))


@given(ITEMS, UNITS)
def test_named_and_except_share_out_all(item: law.PlanItem, unit: law.UnitFacts) -> None:
    everyone, named, rest = (law.covers(replace(item, mode=mode), unit) for mode in law.MODES)
    assert everyone == (named or rest)
    assert not (named and rest)


@given(ITEMS, UNITS)
def test_whoever_is_covered_fits_the_selector(item: law.PlanItem, unit: law.UnitFacts) -> None:
    if law.covers(item, unit):
        assert item.level in ("", unit.level)
        assert not item.kinds or unit.kind in item.kinds
        assert not item.below or item.below in unit.ancestors


@given(st.lists(ITEMS, max_size=4), st.lists(UNITS, max_size=6))
def test_obligations_are_the_covered_pairs(items: list[law.PlanItem], units: list[law.UnitFacts]) -> None:
    owed = law.obligations_due(items, units)
    assert len(owed) == sum(law.covers(item, unit) for item in items for unit in units)
    assert [one.due for one in owed] == sorted(one.due for one in owed)
    assert all(items[one.item].due == one.due for one in owed)


def test_the_superiors_days_themselves_are_inside() -> None:
    law.check_within_superior(ITEM, [ITEM])


def test_a_good_item() -> None:
    law.check_item(DIRECTIVES, ITEM, PLAN, [replace(ITEM, start=date(2025, 2, 1), due=date(2025, 6, 30))])


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"task": "dance"}, ["directives.task_unknown"]),
        ({"mode": "some"}, ["directives.mode_unknown"]),
        ({"mode": "named"}, ["directives.units_missing"]),
        ({"units": ("A",)}, ["directives.units_without_use"]),
        ({"due": None}, ["directives.dates_missing"]),
        ({"start": date(2025, 5, 1)}, ["directives.dates_reversed"]),
        ({"due": date(2024, 9, 1), "start": None}, ["directives.due_before_issued"]),
        ({"due": date(2026, 1, 1)}, ["directives.outside_validity"]),
        ({"start": date(2026, 1, 1), "due": date(2026, 1, 2)}, ["directives.outside_validity"] * 2),
    ],
)
def test_items_that_cannot_be(change: dict[str, object], codes: list[str]) -> None:
    item = replace(ITEM, **change)  # type: ignore[arg-type]
    assert refused(lambda: law.check_item(DIRECTIVES, item, PLAN)) == codes


@given(DAYS, DAYS)
def test_within_the_superiors_window(start: date, due: date) -> None:
    above, item = replace(ITEM, document="35-CT/TW@2024-06-14"), replace(ITEM, start=start, due=due)
    inside = ITEM.start is not None and ITEM.due is not None and ITEM.start <= start and due <= ITEM.due
    if inside:
        law.check_within_superior(item, [above])
    else:
        codes = refused(lambda: law.check_within_superior(item, [above]))
        assert set(codes) <= {"directives.before_superior", "directives.after_superior"}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({}, {"task": "report_result"}),
        ({}, {"level": "cell"}),
        ({"kinds": ("xã",)}, {"kinds": ("phường",)}),
        ({"mode": "named", "units": ("A",)}, {"mode": "named", "units": ("B",)}),
        ({"mode": "named", "units": ("A",)}, {"mode": "except", "units": ("A", "B")}),
    ],
)
def test_another_matter_does_not_bind(ours: dict[str, object], theirs: dict[str, object]) -> None:
    late = replace(ITEM, due=date(2025, 12, 1), **ours)  # type: ignore[arg-type]
    law.check_within_superior(late, [replace(ITEM, **theirs)])  # type: ignore[arg-type]
    assert late.due is not None
    above = replace(late, due=late.due - timedelta(days=1))
    assert refused(lambda: law.check_within_superior(late, [above])) == ["directives.after_superior"]
