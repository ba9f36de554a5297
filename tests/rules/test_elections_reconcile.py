"""Reconciliation: balanced papers give no finding, and each figure that is off by one is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conventus.core.rules import REFUSALS
from conventus.elections import rules as law
from conventus.elections.rules import reconcile
from tests.rules.laws import DAY, ELECTIONS

NAMES = ("a", "b", "c")


@st.composite
def counted(draw: st.DrawFn) -> tuple[law.BallotFacts, law.Count]:
    """A count in which everything balances: every paper accounted for, every sheet scanned, no warning raised."""
    valid = draw(st.integers(60, 400))
    collected = valid + draw(st.integers(0, valid // 20))
    votes = {"a": valid, "b": valid - 1, "c": draw(st.integers(1, valid - 2))}
    votes["a"] = min(votes["a"], 2 * valid - votes["b"] - votes["c"])
    votes["a"] -= votes["a"] == votes["b"]
    spoilt, unused = draw(st.integers(0, 9)), draw(st.integers(0, 40))
    first = draw(st.integers(1, collected - 1))
    stacks = (law.Stack("one", first, first), law.Stack("two", collected - first, collected - first))
    facts = law.BallotFacts(
        "strike",
        2,
        NAMES,
        issued=collected,
        names=dict.fromkeys(NAMES, "") | {"a": "An", "b": "Bích", "c": "Cường"},
        papers=law.Papers(collected + spoilt + unused, collected, spoilt, unused),
        scanned=law.Scanned(collected, valid, dict.fromkeys(NAMES, valid), stacks),
    )
    return facts, law.Count(collected, valid, collected - valid, votes)


def found(facts: law.BallotFacts, count: law.Count) -> list[str]:
    findings = law.check_count(ELECTIONS, facts, count, DAY)
    assert all("%(" not in str(one) for one in findings)
    return [one.code.removeprefix("elections.") for one in findings]


@given(counted())
def test_balanced_papers_give_no_finding(balanced: tuple[law.BallotFacts, law.Count]) -> None:
    facts, count = balanced
    assert found(facts, count) == []
    assert {one.state for one in law.balance(facts, count)} == {law.CLOSED}


@given(counted(), st.sampled_from(["printed", "spoilt", "unused"]), st.sampled_from([-1, 1]))
def test_a_paper_too_many_or_too_few(balanced: tuple[law.BallotFacts, law.Count], figure: str, by: int) -> None:
    facts, count = balanced
    papers = facts.papers
    assert papers is not None
    wrong = replace(papers, **{figure: getattr(papers, figure) + by})
    assert found(replace(facts, papers=wrong), count) == ["W08"]


@given(counted(), st.sampled_from([-1, 1]))
def test_one_issued_too_many_or_too_few(balanced: tuple[law.BallotFacts, law.Count], by: int) -> None:
    """Fewer issued than collected is an error that stops everything; one more is a ballot not handed in."""
    facts, count = balanced
    assert facts.papers is not None
    assert facts.issued is not None
    issued = facts.issued + by
    wrong = replace(facts, issued=issued, papers=replace(facts.papers, issued=issued))
    assert found(wrong, count) == (["E05"] if by < 0 else ["W01", "W08"])


@given(counted(), st.sampled_from(["collected", "valid", "invalid"]), st.sampled_from([-1, 1]))
def test_a_total_of_the_count_off_by_one(balanced: tuple[law.BallotFacts, law.Count], figure: str, by: int) -> None:
    facts, count = balanced
    wrong = replace(count, **{figure: getattr(count, figure) + by})
    codes = found(facts, wrong)
    if wrong.invalid is not None and wrong.invalid < 0:
        assert codes == ["E02"]
    else:
        assert "E06" in codes
        assert set(codes) <= {"E05", "E06", "E08", "E09", "E10"}


@given(counted(), st.sampled_from([-1, 1]))
def test_one_sheet_too_many_or_too_few(balanced: tuple[law.BallotFacts, law.Count], by: int) -> None:
    facts, count = balanced
    assert facts.scanned is not None
    wrong = replace(facts.scanned, sheets=facts.scanned.sheets + by)
    assert found(replace(facts, scanned=wrong), count) == ["W09"]


@given(counted(), st.sampled_from([0, 1]), st.sampled_from([-1, 1]))
def test_one_stack_off_by_one(balanced: tuple[law.BallotFacts, law.Count], which: int, by: int) -> None:
    facts, count = balanced
    assert facts.scanned is not None
    stacks = list(facts.scanned.stacks)
    stacks[which] = replace(stacks[which], expected=(stacks[which].expected or 0) + by)
    wrong = replace(facts, scanned=replace(facts.scanned, stacks=tuple(stacks)))
    (finding,) = law.check_count(ELECTIONS, wrong, count, DAY)
    assert finding.code == "elections.W10"
    assert stacks[which].label in str(finding)
    assert stacks[1 - which].label not in str(finding)


@given(counted(), st.sampled_from(NAMES), st.sampled_from([-1, 1]))
def test_marks_of_one_name_off_by_one(balanced: tuple[law.BallotFacts, law.Count], key: str, by: int) -> None:
    facts, count = balanced
    assert facts.scanned is not None
    marks = {**facts.scanned.marks, key: facts.scanned.marks[key] + by}
    (finding,) = law.check_count(ELECTIONS, replace(facts, scanned=replace(facts.scanned, marks=marks)), count, DAY)
    assert finding.code == "elections.E15"
    assert facts.names[key] in str(finding)


@given(counted(), st.sampled_from(["spoilt", "unused"]))
def test_papers_not_counted_block(balanced: tuple[law.BallotFacts, law.Count], figure: str) -> None:
    """Who printed must also count what is left; where the number printed is not known, nothing is asked."""
    facts, count = balanced
    assert facts.papers is not None
    unknown = replace(facts.papers, **{figure: None})
    assert found(replace(facts, papers=unknown), count) == ["E14"]
    assert found(replace(facts, papers=replace(unknown, printed=None)), count) == []


@pytest.mark.parametrize(
    ("by_hand", "codes"),
    [("", []), ("equal", []), ("explained", []), ("waiting", ["E17"]), ("differs", ["E16"])],
)
@given(balanced=counted())
def test_hand_counts_of_a_stack(by_hand: str, codes: list[str], balanced: tuple[law.BallotFacts, law.Count]) -> None:
    facts, count = balanced
    assert facts.scanned is not None
    first, second = facts.scanned.stacks
    stacks = (replace(first, by_hand=by_hand), second)
    assert found(replace(facts, scanned=replace(facts.scanned, stacks=stacks)), count) == codes


def test_what_is_not_known_is_no_gap() -> None:
    papers, box, rulings = law.equations(law.Papers(100, 90, None, 8))
    assert (papers.state, box.state, rulings.state) == (law.UNKNOWN, law.UNKNOWN, law.UNKNOWN)
    assert papers.missing == ("spoilt",)


def test_fewer_collected_than_issued_is_allowed() -> None:
    (box,) = (one for one in reconcile.equations(law.Papers(issued=90), reconcile.Totals(88)) if one.code == "box")
    assert (box.state, box.difference) == (law.CLOSED, -2)


def test_two_different_people_make_a_hand_count() -> None:
    assert reconcile.agreed_by_hand([]) is None
    assert reconcile.agreed_by_hand([("x", 5)]) is None
    assert reconcile.agreed_by_hand([("x", 5), ("x", 5)]) is None
    assert reconcile.agreed_by_hand([("x", 5), ("y", 6)]) is None
    assert reconcile.agreed_by_hand([("x", 5), ("y", 6), ("z", 6)]) == 6
    assert reconcile.agreed_by_hand([("x", 5), ("y", 6), ("x", 6)]) == 6


def test_every_new_check_has_words() -> None:
    numbers = ("E14", "E15", "E16", "E17", "W08", "W09", "W10")
    assert [number for number in numbers if f"elections.{number}" not in REFUSALS] == []
