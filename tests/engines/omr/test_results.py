"""Totals: the naive sum of read sheets, whatever their order; one changed decision changes exactly itself."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from engines.omr.geometry import place
from engines.omr.results import VALUES, Sheet, settle, totals
from engines.omr.spec import parse_spec
from engines.omr.verdict import STATES
from tests.engines.omr.conftest import spec_of

LAYOUT = place(parse_spec(spec_of("boxes", 3)))
TWO_PAGES = place(parse_spec(spec_of("boxes", 40)))
PEOPLE = [row.candidate for row in LAYOUT.rows]


@st.composite
def sheets(draw: st.DrawFn) -> list[Sheet]:
    """Sheets with any states and values, each with content of its own."""
    rows = draw(st.lists(st.tuples(st.sampled_from(STATES), *[st.sampled_from(VALUES)] * len(PEOPLE)), max_size=25))
    return [
        Sheet("f", n, "s", f"k{n}", state, 0, 1.0, "e", 1, dict(zip(PEOPLE, values, strict=True)), ())
        for n, (state, *values) in enumerate(rows)
    ]


@given(sheets())
def test_totals_are_the_naive_sum(given_sheets: list[Sheet]) -> None:
    counts = totals(given_sheets, LAYOUT)["candidates"]
    for person in PEOPLE:
        for value in VALUES:
            naive = sum(1 for sheet in given_sheets if sheet.state == "read" and sheet.read[person] == value)
            assert counts[person][value] == naive


@given(sheets(), st.randoms())
def test_order_does_not_matter(given_sheets: list[Sheet], chance: object) -> None:
    shuffled = list(given_sheets)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert settle(shuffled, LAYOUT) == settle(given_sheets, LAYOUT)


@given(sheets().filter(lambda listed: any(sheet.state == "read" for sheet in listed)), st.data())
def test_one_changed_decision_changes_exactly_that(given_sheets: list[Sheet], data: st.DataObject) -> None:
    index = data.draw(st.sampled_from([n for n, sheet in enumerate(given_sheets) if sheet.state == "read"]))
    person, value = data.draw(st.sampled_from(PEOPLE)), data.draw(st.sampled_from(VALUES))
    old = given_sheets[index]
    changed = [*given_sheets]
    changed[index] = replace(old, read={**old.read, person: value})
    before, after = (totals(listed, LAYOUT)["candidates"] for listed in (given_sheets, changed))
    before[person][old.read[person]] -= 1
    before[person][value] += 1
    assert before == after


def test_the_same_picture_twice_is_counted_once_and_asked_about() -> None:
    sheet = Sheet("a", 1, "s", "k", "read", 0, 1.0, "e", 1, dict.fromkeys(PEOPLE, "chosen"), ())
    done = settle([sheet, replace(sheet, file="b")], LAYOUT)
    assert sorted(item.state for item in done) == ["read", "review"]
    assert totals(done, LAYOUT)["candidates"][PEOPLE[0]]["chosen"] == 1


@settings(max_examples=50)
@given(st.lists(st.sampled_from([1, 2, None, "blank"]), max_size=12))
def test_pages_of_one_ballot_must_follow_each_other(pages: list[int | str | None]) -> None:
    assert TWO_PAGES.pages == 2
    listed = [
        Sheet("f", n, "s", f"k{n}", "blank" if page == "blank" else "read" if page else "unreadable", 0, 1.0, "e",
              page if isinstance(page, int) else None, {}, ())
        for n, page in enumerate(pages)
    ]  # fmt: skip
    done = settle(listed, TWO_PAGES)
    assert len(done) == len(listed)
    read = [sheet.form_page for sheet in done if sheet.state == "read"]
    assert read.count(1) == read.count(2)
