"""Printing: any list of names becomes pages on which nothing overlaps, and no copy differs from another."""

import json
from itertools import combinations
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.omr.__main__ import main
from engines.omr.codes import parse_code
from engines.omr.geometry import place
from engines.omr.layout import Box, Layout, load_layout
from engines.omr.spec import LANGUAGES, OmrError, parse_spec
from engines.omr.words import WORDS, instruction
from tests.engines.omr.conftest import spec_of

LETTERS = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyÁẨẰỂỘỮỹłżźćńóßäöüĳéë- ", min_size=1, max_size=60).filter(str.strip)


def apart(one: Box, two: Box) -> bool:
    return one[2] <= two[0] or two[2] <= one[0] or one[3] <= two[1] or two[3] <= one[1]


def parts(layout: Layout, page: int) -> list[Box]:
    """Everything on a page that must not touch anything else."""
    places = [mark.box for mark in layout.marks if mark.page == page]
    places += [code.box for code in layout.codes if code.page == page]
    places += [layout.stamp] if layout.stamp and page == 1 else []
    for row in layout.rows_of(page):
        places += [row.name_box, *row.boxes.values(), *row.ticks]
    return places


@settings(max_examples=40, deadline=None)
@given(
    names=st.lists(LETTERS, min_size=1, max_size=70),
    style=st.sampled_from(("strike", "boxes")),
    paper=st.sampled_from(("A4", "A5")),
    large=st.booleans(),
    stamp=st.booleans(),
)
def test_nothing_overlaps_and_nobody_is_left_out(
    names: list[str], style: str, paper: str, large: bool, stamp: bool
) -> None:
    people = [{"id": str(n), "name": name} for n, name in enumerate(names)]
    spec = parse_spec(spec_of(style, 1, candidates=people, paper=paper, large_print=large, stamp_box=stamp))
    layout = place(spec)
    assert [row.candidate for row in layout.rows] == [person.id for person in spec.candidates]
    for page in range(1, layout.pages + 1):
        boxes = parts(layout, page)
        assert all(apart(one, two) for one, two in combinations(boxes, 2))
        assert all(
            10 < x0 < x1 < layout.page[0] - 10 and 10 < y0 < y1 < layout.page[1] - 10 for x0, y0, x1, y1 in boxes
        )


@pytest.mark.parametrize("style", ["strike", "boxes"])
def test_sixty_names_fit_on_one_side_of_a4(style: str) -> None:
    people = [{"id": str(n), "name": f"Nguyễn Thị Phượng {n}"} for n in range(60)]
    assert place(parse_spec(spec_of(style, 1, candidates=people, paper="A4"))).pages == 1


def test_every_language_says_what_to_do() -> None:
    for lang in LANGUAGES:
        for style in ("strike", "boxes", "single"):
            assert len(instruction(parse_spec(spec_of(style, 1, lang=lang)))) > 25
        assert "{page}" in WORDS[lang].page


def test_copies_are_identical_and_name_no_one(folders: dict[str, Path]) -> None:
    document = pdfium.PdfDocument(folders["strike"] / "ballots.pdf")
    one, two = (page.render(scale=1).to_numpy() for page in document)
    assert (one == two).all()
    assert document.get_metadata_value("Author") == document.get_metadata_value("Title") == ""


def test_printing_twice_gives_the_same_bytes(folders: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text(json.dumps(spec_of("strike", 7, copies=2)), encoding="utf-8")
    assert main(["print", str(tmp_path / "spec.json"), "--out", str(tmp_path)]) == 0
    for name in ("ballots.pdf", "layout.json"):
        assert (tmp_path / name).read_bytes() == (folders["strike"] / name).read_bytes()


def test_the_code_says_election_layout_and_page_and_no_more(layouts: dict[str, Layout]) -> None:
    code = parse_code(layouts["boxes"].code_text(1))
    assert code is not None
    assert (code.fingerprint, code.page) == (layouts["boxes"].fingerprint, 1)
    assert len(layouts["boxes"].code_text(1)) == 22


def test_the_batch_changes_no_fingerprint_but_a_name_does() -> None:
    plain = place(parse_spec(spec_of("boxes", 5))).fingerprint
    assert place(parse_spec(spec_of("boxes", 5, batch="B", copies=9))).fingerprint == plain
    assert place(parse_spec(spec_of("boxes", 6))).fingerprint != plain


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"style": "ranked"}, "style"), ({"seats": 0}, "seats"), ({"seats": True}, "seats"), ({"seats": 9}, "seats"),
        ({"candidates": []}, "candidates"), ({"candidates": [{"id": "a"}]}, "candidate 1"), ({"paper": "A3"}, "paper"),
        ({"candidates": [{"id": "a", "name": "A"}, {"id": "a", "name": "B"}]}, "same id"), ({"colour": 1}, "colour"),
        ({"title": "\x07"}, "title"), ({"copies": 10**9}, "copies"), ({"lang": "fr"}, "lang"),
    ],
)  # fmt: skip
def test_a_wrong_spec_is_named(change: dict[str, object], word: str) -> None:
    with pytest.raises(OmrError, match=word):
        parse_spec({**spec_of("boxes", 5), **change})


def test_a_letter_without_glyph_is_refused() -> None:
    with pytest.raises(OmrError, match=r"U\+4E2D"):
        place(parse_spec(spec_of("boxes", 1, title="中")))


def test_a_changed_layout_is_refused(folders: dict[str, Path], tmp_path: Path) -> None:
    data = json.loads((folders["boxes"] / "layout.json").read_text(encoding="utf-8"))
    data["rows"][0]["boxes"]["agree"], data["rows"][0]["boxes"]["disagree"] = (
        data["rows"][0]["boxes"]["disagree"], data["rows"][0]["boxes"]["agree"],
    )  # fmt: skip
    (tmp_path / "layout.json").write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(OmrError, match="changed"):
        load_layout(tmp_path / "layout.json")
