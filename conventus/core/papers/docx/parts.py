"""What python-docx has no word for: rows of borderless cells, borders, fields, whole rows, low gaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import _Cell
    from docx.text.paragraph import Paragraph

TEXT_WIDTH = 16.0
"""Centimetres between the margins: A4 less 3 cm on the binding side and 2 cm on the other."""
CELL, CELL_STRONG = "Table Text", "Table Text Strong"
"""Our styles for the cells of a table; in the file they go by these names without spaces."""


def pt(size: float) -> Any:
    """A length in points."""
    from docx.shared import Pt

    return Pt(size)


def grid(word: Document, widths: tuple[float, ...], rows: int = 1) -> list[list[_Cell]]:
    """Rows of cells without borders or margins, for things that stand side by side."""
    from docx.shared import Cm

    table = word.add_table(rows=rows, cols=len(widths))
    fix(table, [Cm(width) for width in widths])
    _margins(table)
    for row in table.rows:
        whole(row)
    return [list(row.cells) for row in table.rows]


def fix(table: Any, widths: list[Any]) -> None:
    """Widths as given, in the column grid and in each cell: the office programs look at one or the other."""
    from docx.enum.table import WD_TABLE_ALIGNMENT

    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width


def _margins(table: Any) -> None:
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), "0")
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    look.addprevious(margins)


def line(
    cell: _Cell, text: str, size: float, *, bold: bool = False, italic: bool = False, align: str = "CENTER"
) -> None:
    """A line of a cell; the paragraph that every new cell is born with is used first."""
    from docx.enum.text import WD_PARAGRAPH_ALIGNMENT

    if not text:
        return
    first = cell.paragraphs[0]
    paragraph = cell.add_paragraph() if first.text or len(cell.paragraphs) > 1 else first
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, pt(size)
    paragraph.alignment = WD_PARAGRAPH_ALIGNMENT[align]
    paragraph.paragraph_format.space_after = pt(2)


def gap(word: Document, size: float, *, hold: bool = False) -> None:
    """A low empty line: tables have no space of their own around them, and two in a row would grow together."""
    paragraph = word.add_paragraph()
    paragraph.paragraph_format.keep_with_next = hold
    paragraph.paragraph_format.space_after = pt(0)
    paragraph.paragraph_format.line_spacing = pt(size)


def together(paragraphs: Sequence[Paragraph]) -> None:
    """These stay on one page."""
    for paragraph in paragraphs[:-1]:
        paragraph.paragraph_format.keep_with_next = True


def whole(row: Any) -> None:
    """A row is not torn apart by a page break."""
    _row_property(row, "cantSplit")


def repeat(row: Any) -> None:
    """The head comes again on every page, and screen readers take it for the head."""
    _row_property(row, "tblHeader")


def _row_property(row: Any, name: str) -> None:
    from docx.oxml.parser import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement(f"w:{name}"))


def describe(table: Any, summary: str) -> None:
    """What a screen reader says before the table."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    if summary:
        caption = OxmlElement("w:tblCaption")
        caption.set(qn("w:val"), summary)
        table._tbl.tblPr.append(caption)


def border(paragraph: Paragraph, side: str) -> None:
    """A thin line above (`top`) or under (`bottom`) a paragraph, put where the schema wants it among its properties."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    borders, edge = OxmlElement("w:pBdr"), OxmlElement(f"w:{side}")
    for key, value in {"val": "single", "sz": "6", "space": "1", "color": "auto"}.items():
        edge.set(qn(f"w:{key}"), value)
    borders.append(edge)
    paragraph._p.get_or_add_pPr().insert_element_before(borders, *AFTER_BORDER)


AFTER_BORDER = ("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr", "w:sectPr")
"""The properties used in these papers that come after a border."""


def field(paragraph: Paragraph, code: str) -> None:
    """A field that the office program fills in; 1 stands there until it does."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    simple = OxmlElement("w:fldSimple")
    simple.set(qn("w:instr"), code)
    simple.append(paragraph.add_run("1")._r)
    paragraph._p.append(simple)
