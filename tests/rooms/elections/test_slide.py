"""The result for the hall: large, page by page, nothing but names and votes; the same as slides."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pptx import Presentation

from conventus.elections import reads
from conventus.elections.record.slide import NAMES_A_SLIDE, Shown, pages_of

from .conftest import World


@given(st.integers(0, 300), st.integers(1, 20))
def test_pages_hold_every_name_once_and_are_even(count: int, most: int) -> None:
    names = [Shown(at, f"Name {at}", 1, "out") for at in range(count)]
    pages = pages_of(names, most)
    assert [one for page in pages for one in page] == names
    sizes = {len(page) for page in pages}
    assert max(sizes) <= most
    assert max(sizes) - min(sizes) <= 1


def text_of(data: bytes) -> list[list[str]]:
    """The words on every slide."""
    slides = []
    for slide in Presentation(io.BytesIO(data)).slides:
        words = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        tables = [shape.table for shape in slide.shapes if shape.has_table]
        words += [cell.text_frame.text for table in tables for row in table.rows for cell in row.cells]
        slides.append(words)
    return slides


def test_the_page_shows_names_votes_and_who_is_elected(world: World) -> None:
    ballot = world.declared(world.issued(), [80, 70, 60, 40])
    page = world.client("viewer").get(reverse("elections:slide", args=[ballot.pk]))
    text = page.content.decode()
    for words in ("Lê Văn An", "80", "✓ elected", "46 votes elect", "3 of 3 seats filled", "88 valid ballots of 88"):
        assert words in text
    assert text.count("✓") == 3
    assert "1980" not in text
    assert "M0" not in text


def test_nothing_is_shown_before_it_is_declared(world: World) -> None:
    ballot = world.agreed(world.issued(), [80, 70, 60, 40])
    for route in ("slide", "slide_file"):
        assert world.client("head").get(reverse(f"elections:{route}", args=[ballot.pk])).status_code == 404


@pytest.mark.parametrize(("asked", "shown"), [("", 1), ("2", 2), ("9", 2), ("x", 1), ("0", 1), ("²", 1)])
def test_many_names_take_pages(world: World, asked: str, shown: int) -> None:
    ballot = world.declared(world.issued(world.listed(10, 12, "Nghị quyết")), [70 - 3 * at for at in range(12)])
    client, url = world.client("viewer"), reverse("elections:slide", args=[ballot.pk])
    text = client.get(f"{url}?page={asked}").content.decode()
    assert f'id="page-{shown}" >' in text
    assert text.count("hidden>") == 1
    assert f'<span class="slide-current">{shown}</span>/2' in text


def test_the_slides_say_the_same(world: World) -> None:
    ballot = world.declared(world.issued(world.listed(10, 12, "Nghị quyết")), [70 - 3 * at for at in range(12)])
    answer = world.client("viewer").get(reverse("elections:slide_file", args=[ballot.pk]))
    assert answer.headers["Content-Type"].endswith("presentationml.presentation")
    slides = text_of(answer.content)
    facts = reads.slide_facts(ballot, "en")
    assert len(slides) == len(pages_of(facts.names)) == 2
    said = [word for slide in slides for word in slide]
    for one in facts.names:
        assert one.name in said
        assert str(one.votes) in said
    assert said.count("elected") == 9
    for slide, number in zip(slides, ("1/2", "2/2"), strict=True):
        assert slide[0] == "Result: Ban Chấp hành"
        assert number in slide
    show = Presentation(io.BytesIO(answer.content))
    assert (show.slide_width, show.slide_height) == (12191695, 6858000)
    fonts = {
        run.font.name
        for slide in show.slides
        for shape in slide.shapes
        if shape.has_text_frame
        for part in shape.text_frame.paragraphs
        for run in part.runs
    }
    assert fonts == {"Arial"}
    assert NAMES_A_SLIDE == 9


def test_namesakes_are_told_apart(world: World) -> None:
    contest = world.contest(3, 4)
    names = list(contest.candidates.all())
    for one in names[:2]:
        one.name = "Lê Văn An"
        one.born = 1960 + one.pk % 20
        one.save()
    ballot = world.declared(world.issued(_closed(world, contest)), [80, 70, 60, 40])
    shown = [one.name for one in reads.slide_facts(ballot, "en").names]
    assert len(set(shown)) == 4


def _closed(world: World, contest: object) -> object:
    from conventus.elections import actions

    return actions.close_list(world.people["organiser"], contest, decision="")  # type: ignore[arg-type]
