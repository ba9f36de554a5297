"""The worked cases of every pack: facts in, the verdict that a lawyer wrote down out."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from conventus.core import packs
from conventus.core.packs import CONVERTER, Pack
from conventus.core.rules import Confidence, Finding, Refusal, Value, each_of
from conventus.cycle import rules as cycle
from conventus.directives import rules as directives
from conventus.elections import rules as elections
from conventus.org import rules as org

for _room, _law in {"org": org, "directives": directives, "cycle": cycle, "elections": elections}.items():
    packs.register_law(_room, _law.Law)


def _check_date(
    law: cycle.Law,
    facts: cycle.DateFacts | None = None,
    *,
    plans: tuple[cycle.PlanWindow, ...] = (),
    holidays: Mapping[date, str] | None = None,
    on: date | None = None,
    **rest: Any,
) -> tuple[Finding, ...]:
    """`cycle.check_date` with the window worked out from level, pilot and plans, so that a case need not spell it."""
    window = cycle.congress_window(law, rest["level"], rest.get("pilot", False), plans, on or rest["start"])
    return cycle.check_date(law, cycle.DateFacts(window=window, **rest), holidays or {})


def _check_unit_row(row: dict[str, str], known: dict[str, str], levels: Any) -> org.UnitRow:
    return org.check_unit_row(row, org.UnitFacts(levels, known))


RULES: dict[str, Callable[..., Any]] = {
    "org.check_person_row": org.check_person_row,
    "org.check_unit_row": _check_unit_row,
    "directives.check_document": directives.check_document,
    "directives.check_within_superior": directives.check_within_superior,
    "directives.covers": directives.covers,
    "cycle.check_contents": cycle.check_contents,
    "cycle.check_date": _check_date,
    "cycle.check_months_left": cycle.check_months_left,
    "cycle.check_transition": cycle.check_transition,
    "cycle.congress_form": cycle.congress_form,
    "cycle.congress_window": cycle.congress_window,
    "cycle.next_states": cycle.next_states,
    "cycle.official_half_days": cycle.official_half_days,
    "cycle.schedule_of": cycle.schedule_of,
    "cycle.working_days_before": cycle.working_days_before,
    "elections.ballot_validity": elections.ballot_validity,
    "elections.base_of": elections.base_of,
    "elections.candidate_order": elections.candidate_order,
    "elections.check_board": elections.check_board,
    "elections.check_count": elections.check_count,
    "elections.check_list": elections.check_list,
    "elections.check_nominee": elections.check_nominee,
    "elections.check_verdict": elections.check_verdict,
    "elections.elected": elections.elected,
    "elections.floor_votes_needed": elections.floor_votes_needed,
    "elections.needed_votes": elections.needed_votes,
    "elections.passes_floor": elections.passes_floor,
    "elections.prepared_surplus": elections.prepared_surplus,
    "elections.surplus_cap": elections.surplus_cap,
    "elections.why_ask": elections.why_ask,
}
"""The rules that a case may name."""


def _origin(kind: Any) -> Any:
    return get_origin(kind)


FORMS = CONVERTER.copy()
FORMS.register_structure_hook_func(
    lambda kind: _origin(kind) is Collection,
    lambda parts, kind: FORMS.structure(parts, several(kind)),
)
FORMS.register_structure_hook(date, lambda day, _: date.fromisoformat(day) if isinstance(day, str) else day)


def cases() -> list[Any]:
    """Every case of every pack, named `pack: case`."""
    return [
        pytest.param(key, case, id=f"{key}: {case['name']}")
        for key in packs.known()
        for path in sorted((packs.PACKS / key / "golden").glob("*.toml"))
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    ]


@pytest.mark.parametrize(("key", "case"), cases())
def test_case(key: str, case: dict[str, Any]) -> None:
    assert set(case) == {"name", "rule", "facts", "expect"}
    assert set(case["expect"]) <= {"value", "refusal", "findings"}
    value, refused = outcome(packs.load(key), case["rule"], case["facts"])
    wanted = case["expect"].get("refusal", [])
    assert refused == sorted([wanted] if isinstance(wanted, str) else wanted)
    if "findings" in case["expect"]:
        assert [finding.code for finding in value] == case["expect"]["findings"]
    if "value" in case["expect"]:
        assert matches(plain(value), case["expect"]["value"]), plain(value)


def outcome(pack: Pack, rule: str, facts: dict[str, Any]) -> tuple[Any, list[str]]:
    """What the rule answers, or the codes of its refusals."""
    function = RULES[rule]
    try:
        return function(**arguments(pack, rule, facts)), []
    except Refusal as refusal:
        points = each_of(refusal)
        assert all(str(point) for point in points)
        return None, sorted({point.code for point in points})


def arguments(pack: Pack, rule: str, facts: dict[str, Any]) -> dict[str, Any]:
    """The rule's arguments: the pack's law where it asks for it, the case's facts shaped by their types."""
    hints = get_type_hints(RULES[rule])
    if rule == "cycle.check_date":
        hints |= get_type_hints(cycle.DateFacts)
    known = {"law": pack.laws[rule.partition(".")[0]], "levels": pack.core.levels}
    given = {name: FORMS.structure(fact, shape(hints[name])) for name, fact in facts.items()}
    return {name: value for name, value in known.items() if name in hints} | given


def shape(hint: Any) -> Any:
    """An abstract collection of a signature as a type that data can be shaped into."""
    if get_origin(hint) in (Iterable, Sequence):
        return several(hint)
    return dict[str, str] if hint == Mapping[str, str | None] else hint


def several(hint: Any) -> Any:
    """The tuple type for an abstract collection's type."""
    inner: Any = get_args(hint)[0]
    return tuple.__class_getitem__((inner, ...))


def plain(value: Any) -> Any:
    """Dataclasses as tables and tuples as arrays, as a case writes them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {part.name: plain(getattr(value, part.name)) for part in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return str(value) if isinstance(value, str) else value


def matches(found: Any, wanted: Any) -> bool:
    """Whether `found` is as wanted; a table may leave out what the case is not about, an array may not."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(matches(found.get(key), one) for key, one in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(matches, found, wanted))
    return bool(found == wanted) and type(found) is type(wanted)


# The packs themselves ----------------------------------------------------------------------------


@pytest.mark.parametrize("key", packs.known())
def test_every_value_cites_a_registered_document(key: str) -> None:
    pack = packs.load(key)
    values = [(name, value) for name, rule in pack.rules().items() for value in rule.values]
    assert [name for name, value in values if value.cite.document not in pack.documents] == []
    assert [name for name, value in values if value.confidence not in set(Confidence)] == []


@pytest.mark.parametrize("key", packs.known())
def test_every_default_says_so(key: str) -> None:
    """What was not found in a source is marked in words as well, except in statutes that are a sample as a whole."""
    rules = packs.load(key).rules().items()
    bare = [name for name, rule in rules for value in rule.values if _is_bare(value)]
    assert bare == []


def _is_bare(value: Value[Any]) -> bool:
    sample = value.cite.document.startswith("sample-statutes")
    return value.confidence == Confidence.DEFAULT and not value.note and not sample


@pytest.mark.parametrize("key", packs.known())
def test_readings_of_a_rule_do_not_overlap(key: str) -> None:
    for name, rule in packs.load(key).rules().items():
        periods = [(value.valid_from, value.valid_to) for value in rule.values]
        clash = [pair for at, one in enumerate(periods) for pair in periods[:at] if org.periods_overlap(one, pair)]
        assert not clash, name


@pytest.mark.parametrize("key", packs.known())
def test_names_of_algorithms_are_known(key: str) -> None:
    pack = packs.load(key)
    law: elections.Law = pack.laws["elections"]
    assert {value.value for rule in law.majority.values() for value in rule.values} <= set(elections.MAJORITIES)
    assert {value.value for value in law.order.values} <= set(elections.ORDERS)
    assert {code for value in law.record.values for code in value.value} <= set(elections.RECORD_FIELDS)
    assert {kind.voters for kind in law.kinds.values()} <= {"congress", *law.bases}
    posts = {post for value in law.convening_posts.values for post in value.value}
    assert posts <= set(pack.laws["org"].posts)
    calendar: cycle.Law = pack.laws["cycle"]
    assert set(calendar.levels) <= set(pack.core.levels)
    assert {level for one in calendar.milestones.values() for level in one.lead} <= set(pack.core.levels)


@pytest.mark.parametrize("key", packs.known())
def test_words_exist_in_every_language(key: str) -> None:
    pack = packs.load(key)
    english, others = pack.terms["en"], [pack.terms[code] for code in pack.core.languages]
    assert all(set(words) == set(english) for words in others)
    laws = pack.laws
    wanted = {
        "level": pack.core.levels,
        "role": pack.core.roles,
        "membership": laws["org"].memberships,
        "post": laws["org"].posts,
        "document_type": laws["directives"].types,
        "task": laws["directives"].tasks,
        "milestone": laws["cycle"].milestones,
        "contents": laws["cycle"].contents,
        "kind": laws["elections"].kinds,
    }
    keys = [f"{group}.{word}" for group, words in wanted.items() for word in words]
    assert [key for key in keys if key not in english] == []


def test_the_packs_hold_enough_cases() -> None:
    count = {key: sum(one.values[0] == key for one in cases()) for key in packs.known()}
    assert count["vn-party-2024"] >= 30
    assert count["association"] >= 12
