"""The test deck: its answer is known, distinct for every name, and the reader gives exactly that answer."""

import json
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.omr.__main__ import main
from engines.omr.deck import (
    BOTH,
    CHOSEN,
    DOUBT,
    KINDS,
    NONE,
    READ,
    REJECTED,
    REVIEW,
    SIGNS,
    answer,
    deck_of,
    print_deck,
    print_practice,
)
from engines.omr.geometry import place
from engines.omr.layout import load_layout
from engines.omr.reader import Reader
from engines.omr.spec import LANGUAGES, Spec, parse_spec
from engines.omr.typeset import print_ballots, render

from .conftest import spec_of

STYLES = {"strike": 2, "boxes": 1, "single": 1}
"""The smallest list of each style."""


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    style = draw(st.sampled_from(sorted(STYLES)))
    count = draw(st.integers(STYLES[style], 14))
    most = {"strike": max(1, count - 1), "single": 1}.get(style, count)
    return parse_spec(spec_of(style, count, seats=draw(st.integers(1, most))))


@given(specs())
@settings(max_examples=25, deadline=None)
def test_every_name_has_a_sum_of_its_own(spec: Spec) -> None:
    plain = [sheet for sheet in deck_of(spec) if sheet.kind == "plain"]
    votes = [sum(sheet.read[one.id] == CHOSEN for sheet in plain) for one in spec.candidates]
    assert votes == list(range(1, len(votes) + 1))
    assert all(sum(value == CHOSEN for value in sheet.read.values()) <= spec.seats for sheet in plain)
    assert all(any(sheet.read[one.id] != CHOSEN for sheet in plain) for one in spec.candidates)
    assert all(sheet.state == READ for sheet in plain)


@given(specs())
@settings(max_examples=25, deadline=None)
def test_the_answer_is_the_sum_of_its_sheets(spec: Spec) -> None:
    sheets, told = deck_of(spec), answer(spec, place(spec))
    assert told["totals"]["ballots"] == len(told["sheets"]) == len(sheets)
    assert {sheet.kind for sheet in sheets} <= set(KINDS)
    for one in spec.candidates:
        clear = [sheet.read[one.id] for sheet in sheets if sheet.state == READ]
        assert told["totals"]["candidates"][one.id] == {
            value: clear.count(value) for value in (CHOSEN, REJECTED, BOTH, NONE)
        }
    assert all((sheet.state == REVIEW) == bool({BOTH, DOUBT} & set(sheet.read.values())) for sheet in sheets)


@pytest.mark.parametrize(
    ("style", "more", "kinds"),
    [
        ("strike", {"seats": 2}, ("plain", "overvote", "blank", "nobody", "unclear")),
        (
            "boxes",
            {"seats": 2, "large_print": True},
            ("plain", "blank", "nobody", "one-empty", "both-boxes", "unclear"),
        ),
        ("single", {"seats": 1, "stamp_box": False}, ("plain", "blank", "both-boxes", "unclear")),
    ],
)
def test_the_reader_gives_the_known_answer(
    tmp_path: Path, style: str, more: dict[str, object], kinds: tuple[str, ...]
) -> None:
    spec = parse_spec(spec_of(style, {"strike": 4, "boxes": 2, "single": 1}[style], **more))
    print_ballots(spec, tmp_path)
    layout = load_layout(tmp_path / "layout.json")
    reader, known = Reader(layout), deck_of(spec)
    pictures = render(print_deck(spec, layout))
    assert tuple(dict.fromkeys(sheet.kind for sheet in known)) == kinds
    assert [(one.state, dict(one.read)) for one in map(reader.read, pictures)] == [
        (sheet.state, sheet.read) for sheet in known
    ]


def test_pages_of_a_sheet_follow_each_other_and_are_all_signed() -> None:
    spec = parse_spec(spec_of("boxes", 40, seats=40, large_print=True))
    layout = place(spec)
    assert layout.pages > 1
    pdf = pypdfium2.PdfDocument(print_practice(spec, layout, 2))
    texts = [page.get_textpage().get_text_bounded() for page in pdf]
    assert len(texts) == 2 * layout.pages
    assert all(SIGNS["vi"] in text for text in texts)
    assert [layout.code_text(number) in text for number, text in enumerate(texts[: layout.pages], 1)] == [
        True
    ] * layout.pages


def test_there_is_a_sign_in_every_language() -> None:
    assert set(SIGNS) == set(LANGUAGES)


def test_the_file_says_nothing_of_when_it_was_made(tmp_path: Path) -> None:
    spec = parse_spec(spec_of("strike", 3, seats=2))
    layout = place(spec)
    assert print_deck(spec, layout) == print_deck(spec, layout)


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "spec.json").write_text(json.dumps(spec_of("strike", 3, seats=2)), encoding="utf-8")
    assert main(["deck", str(tmp_path / "spec.json"), "--out", str(tmp_path / "out")]) == 0
    told = json.loads((tmp_path / "out" / "answer.json").read_text(encoding="utf-8"))
    assert told["fingerprint"] == load_layout(tmp_path / "out" / "layout.json").fingerprint
    assert (tmp_path / "out" / "deck.pdf").read_bytes().startswith(b"%PDF")
    assert f"{len(told['sheets'])} marked sheets" in capsys.readouterr().out
    (tmp_path / "taken").write_text("")
    assert main(["deck", str(tmp_path / "spec.json"), "--out", str(tmp_path / "taken")]) == 1
