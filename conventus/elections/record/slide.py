"""The result for the hall: which names go on which slide, and the slides as PPTX. Pure: facts in, a file out."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

FONT = "Arial"
"""On every computer that shows slides, with all Vietnamese letters."""
NAMES_A_SLIDE = 9
"""A row is then a fourteenth of the height: on a screen 2.5 m high letters of 7 cm, read from 20 m."""
LONGEST = 44
"""Longer names and titles are set smaller, so that they stay on their line."""


@dataclass(frozen=True)
class Shown:
    """A name as it is shown."""

    place: int
    name: str
    votes: int
    outcome: str
    """`elected`, `alternate`, `tied` or `out`."""


@dataclass(frozen=True)
class SlideWords:
    """The words beside names and figures, in the language of the hall."""

    result: str
    votes: str
    elected: str
    alternate: str
    tied: str
    needed: str
    """“Votes needed: 46”, or that the highest numbers decide."""
    counted: str
    summary: str
    """“3 of 3 seats are filled”."""


@dataclass(frozen=True)
class SlideFacts:
    """What the hall sees: names with their votes, who is elected, and the number that elects."""

    unit: str
    contest: str
    round: str
    names: tuple[Shown, ...]
    words: SlideWords
    language: str
    declared: datetime


def pages_of(names: Sequence[Shown], most: int = NAMES_A_SLIDE) -> list[tuple[Shown, ...]]:
    """The names on as many slides as needed, filled evenly: ten names make two times five, not nine and one."""
    count = max(1, -(-len(names) // most))
    least, more = divmod(len(names), count)
    pages, start = [], 0
    for at in range(count):
        end = start + least + (at < more)
        pages.append(tuple(names[start:end]))
        start = end
    return pages


def to_pptx(facts: SlideFacts) -> bytes:
    """The slides, 16:9, light on dark, each with its own title."""
    from pptx import Presentation
    from pptx.util import Inches

    show = Presentation()
    show.slide_width, show.slide_height = Inches(13.333), Inches(7.5)
    pages = pages_of(facts.names)
    for number, names in enumerate(pages, 1):
        _slide(show, facts, names, f"{number}/{len(pages)}" if len(pages) > 1 else "")
    about = show.core_properties
    about.title, about.author, about.language = f"{facts.contest}: {facts.words.result}", "Conventus", facts.language
    about.created = about.modified = facts.declared.replace(tzinfo=None, microsecond=0)
    about.last_modified_by = ""
    stream = io.BytesIO()
    show.save(stream)
    return stream.getvalue()


DARK, LIGHT, SOFT, GOOD = "0B1F24", "FFFFFF", "B9CDD1", "7CE0A3"


def _slide(show: Any, facts: SlideFacts, names: Sequence[Shown], page: str) -> None:
    from pptx.util import Inches

    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.background.fill.solid()
    slide.background.fill.fore_color.rgb = _colour(DARK)
    title = slide.shapes.title
    title.left, title.top, title.width, title.height = Inches(0.5), Inches(0.25), Inches(12.3), Inches(1.0)
    head = f"{facts.words.result}: {facts.contest}"
    _write(title.text_frame, ((head, 36 if len(head) <= LONGEST else 24, LIGHT, True),))
    _text(slide, (0.5, 1.1, 12.3, 0.5), (f"{facts.unit} · {facts.round}", 20, SOFT, False))
    _table(slide, facts, names)
    foot = " · ".join(part for part in (facts.words.summary, facts.words.needed, facts.words.counted) if part)
    _text(slide, (0.5, 6.85, 11.3, 0.5), (foot, 20, SOFT, False))
    if page:
        _text(slide, (11.8, 6.85, 1.0, 0.5), (page, 20, SOFT, False))


Run = tuple[str, int, str, bool]
"""Text, size in points, colour, bold."""


def _colour(code: str) -> Any:
    from pptx.dml import color

    colours: Any = color.RGBColor
    return colours.from_string(code)


def _text(slide: Any, box: tuple[float, float, float, float], run: Run) -> None:
    from pptx.util import Inches

    shape = slide.shapes.add_textbox(*(Inches(one) for one in box))
    shape.text_frame.word_wrap = True
    _write(shape.text_frame, (run,))


def _write(frame: Any, runs: Sequence[Run]) -> None:
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Pt

    paragraph = frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.LEFT
    for text, size, colour, bold in runs:
        run = paragraph.add_run()
        run.text, run.font.size, run.font.bold, run.font.name = text, Pt(size), bold, FONT
        run.font.color.rgb = _colour(colour)


def _table(slide: Any, facts: SlideFacts, names: Sequence[Shown]) -> None:
    """A table of place, name, votes and outcome, so that a screen reader can walk it as one."""
    from pptx.util import Inches

    frame = slide.shapes.add_table(
        len(names) + 1, 4, Inches(0.5), Inches(1.65), Inches(12.3), Inches(0.5 * (len(names) + 1))
    )
    table = frame.table
    for column, width in zip(table.columns, (0.9, 7.3, 1.6, 2.5), strict=True):
        column.width = Inches(width)
    _row(table, 0, ("", "", facts.words.votes, ""), 18, SOFT, 0.4)
    for at, one in enumerate(names, 1):
        outcome = {"elected": facts.words.elected, "alternate": facts.words.alternate, "tied": facts.words.tied}
        cells = (str(one.place), one.name, str(one.votes), outcome.get(one.outcome, ""))
        colour = GOOD if one.outcome == "elected" else LIGHT
        _row(table, at, cells, 28 if len(one.name) <= LONGEST else 20, colour, 0.52)


def _row(table: Any, at: int, cells: Sequence[str], size: int, colour: str, height: float) -> None:
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Inches

    table.rows[at].height = Inches(height)
    for column, text in enumerate(cells):
        cell = table.cell(at, column)
        cell.fill.solid()
        cell.fill.fore_color.rgb = _colour(DARK)
        cell.vertical_anchor = MSO_ANCHOR.MIDDLE
        cell.margin_top = cell.margin_bottom = Inches(0.02)
        _write(cell.text_frame, ((text, 20 if column == 3 else size, colour, column in (1, 2)),))
        if column in (0, 2):
            cell.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT
