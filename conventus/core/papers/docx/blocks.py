"""The blocks of a paper as paragraphs and tables of a DOCX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..paper import Facts, Heading, Items, Lines, Note, Paper, Paragraph, Table
from .parts import CELL, CELL_STRONG, TEXT_WIDTH, border, describe, fix, gap, repeat, together, whole

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph as WordParagraph

LABEL_WIDTH = 5.6


def add_blocks(word: Document, paper: Paper) -> None:
    """All blocks; words that lead up to a table stay with it, and the last ones with the signatures under them."""
    for at, block in enumerate(paper.blocks):
        BLOCKS[type(block)](word, block)
        if isinstance(block, Paragraph | Note) and _leads_up(paper, at):
            word.paragraphs[-1].paragraph_format.keep_with_next = True


def _leads_up(paper: Paper, at: int) -> bool:
    if at == len(paper.blocks) - 1:
        return bool(paper.signatures)
    return isinstance(paper.blocks[at + 1], Table)


def _paragraph(word: Document, block: Paragraph) -> None:
    from docx.enum.text import WD_PARAGRAPH_ALIGNMENT
    from docx.shared import Cm

    paragraph = word.add_paragraph(style="Body Text")
    if block.lead:
        paragraph.add_run(block.lead + " ").bold = True
    run = paragraph.add_run(block.text)
    if block.style == "centred":
        paragraph.alignment, run.bold = WD_PARAGRAPH_ALIGNMENT.CENTER, True
        return
    run.italic = block.style == "basis"
    paragraph.paragraph_format.first_line_indent = Cm(1)


def _heading(word: Document, block: Heading) -> None:
    word.add_heading(block.text, level=1)


def _facts(word: Document, block: Facts) -> None:
    """Label and value at a tab stop; a long value hangs under its first line."""
    from docx.shared import Cm

    pairs = [word.add_paragraph(f"{label}:\t{value}") for label, value in block.rows]
    for paragraph in pairs:
        paragraph.paragraph_format.left_indent = Cm(LABEL_WIDTH)
        paragraph.paragraph_format.first_line_indent = Cm(-LABEL_WIDTH)
        paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(LABEL_WIDTH))
    together(pairs)


def _lines(word: Document, block: Lines) -> None:
    lines = [_leader(word, label, value, dots=True) for label, value in block.rows]
    if block.total:
        lines.append(_leader(word, *block.total, dots=False))
        border(lines[-1], "top")
        for run in lines[-1].runs:
            run.bold = True
    together(lines)


def _leader(word: Document, label: str, value: str, *, dots: bool) -> WordParagraph:
    from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
    from docx.shared import Cm

    paragraph = word.add_paragraph(f"{label}\t{value}")
    paragraph.paragraph_format.left_indent = Cm(0.6)
    leader = WD_TAB_LEADER.DOTS if dots else WD_TAB_LEADER.SPACES
    paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(TEXT_WIDTH), WD_TAB_ALIGNMENT.RIGHT, leader)
    return paragraph


def _items(word: Document, block: Items) -> None:
    """Numbers are written out, because a second list in Word would go on counting from the first."""
    from docx.shared import Cm

    for at, text in enumerate(block.texts, 1):
        paragraph = word.add_paragraph(f"{at}.\t{text}", style="Body Text")
        paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = Cm(1.4), Cm(-0.8)
        paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(1.4))


def _note(word: Document, block: Note) -> None:
    word.add_paragraph(block.text, style="Caption")


def _table(word: Document, block: Table) -> None:
    from docx.shared import Cm

    table = word.add_table(rows=0, cols=len(block.columns), style="Table Grid")
    describe(table, block.summary)
    sides = [SIDES[column.align] for column in block.columns]
    _row(table, tuple(column.title for column in block.columns), ["CENTER"] * len(sides), bold=True)
    repeat(table.rows[0])
    for cells in block.rows:
        _row(table, cells, sides)
    if block.total:
        _row(table, block.total, sides, bold=True)
    shares = sum(column.width for column in block.columns)
    fix(table, [Cm(TEXT_WIDTH * column.width / shares) for column in block.columns])
    for row in (*table.rows[:2], *table.rows[-2:-1]):
        row.cells[0].paragraphs[0].paragraph_format.keep_with_next = True
    gap(word, 8)


SIDES = {"left": "LEFT", "centre": "CENTER", "right": "RIGHT"}


def _row(table: Any, cells: tuple[str, ...], sides: list[str], *, bold: bool = False) -> None:
    from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
    from docx.enum.text import WD_PARAGRAPH_ALIGNMENT

    # By its key, because python-docx searches the whole style sheet for a name, cell by cell.
    style = (CELL_STRONG if bold else CELL).replace(" ", "")
    row = table.add_row()
    whole(row)
    for cell, text, side in zip(row.cells, cells, sides, strict=True):
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        paragraph = cell.paragraphs[0]
        paragraph._p.style = style
        paragraph.alignment = WD_PARAGRAPH_ALIGNMENT[side]
        paragraph.add_run(text)


BLOCKS: dict[type, Any] = {
    Paragraph: _paragraph,
    Heading: _heading,
    Facts: _facts,
    Lines: _lines,
    Items: _items,
    Table: _table,
    Note: _note,
}
