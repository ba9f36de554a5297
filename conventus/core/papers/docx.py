"""A paper as DOCX, with real styles, repeated table heads and page fields, so that it can be worked on in an office program."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .paper import (
    Facts,
    Footer,
    Heading,
    Items,
    Letterhead,
    Lines,
    Note,
    Paper,
    Paragraph,
    Recipients,
    Signature,
    Table,
    cleaned,
    locale_of,
)

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import _Cell
    from docx.text.paragraph import Paragraph as WordParagraph

FACE = "Times New Roman"
TEXT_WIDTH = 16.0
"""Centimetres between the margins: A4 less 3 cm on the binding side and 2 cm on the other."""
LABEL_WIDTH = 5.6
RULE = "―――――――"


def to_docx(paper: Paper) -> bytes:
    """The file's bytes; equal papers give equal bytes."""
    from docx import Document

    paper = cleaned(paper)
    word = Document()
    _lay_out(word, paper)
    _letterhead(word, paper.header)
    _titles(word, paper)
    for block in paper.blocks:
        BLOCKS[type(block)](word, block)
    _hold_to_signatures(word, paper)
    _signatures(word, paper)
    _footer(word, paper.footer, paper.fingerprint)
    _watermark(word, paper.watermark)
    return _bytes(word, paper)


# --- Page, styles, properties -----------------------------------------------------------------------------------------


def _lay_out(word: Document, paper: Paper) -> None:
    from docx.shared import Cm

    page = word.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin, page.right_margin = Cm(3), Cm(2)
    page.top_margin, page.bottom_margin = Cm(2), Cm(2.2)
    page.footer_distance = Cm(1)
    _styles(word, locale_of(paper))
    _properties(word, paper)


# name of the style: size in points, bold, italic, space before and after in points, alignment
STYLES: dict[str, tuple[float, bool, bool, float, float, str]] = {
    "Normal": (13, False, False, 0, 4, "LEFT"),
    "Body Text": (13, False, False, 0, 6, "JUSTIFY"),
    "Title": (15, True, False, 12, 2, "CENTER"),
    "Subtitle": (13, True, False, 0, 0, "CENTER"),
    "Heading 1": (13, True, False, 12, 6, "LEFT"),
    "List Number": (13, False, False, 0, 4, "JUSTIFY"),
    "Caption": (11, False, True, 4, 6, "JUSTIFY"),
    "Footer": (9.5, False, False, 4, 0, "LEFT"),
}


def _styles(word: Document, locale: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    for name, (size, bold, italic, before, after, align) in STYLES.items():
        style = word.styles[name]
        _face(style, size, bold, italic)
        style.paragraph_format.space_before, style.paragraph_format.space_after = _pt(before), _pt(after)
        style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH[align]
        style.paragraph_format.line_spacing = 1.08
    _no_border(word.styles["Title"])
    _language(word, locale)


def _pt(size: float) -> Any:
    from docx.shared import Pt

    return Pt(size)


def _face(style: Any, size: float, bold: bool, italic: bool) -> None:
    """One face for all scripts: the template's theme fonts have to go, or they win over the name given here."""
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    style.font.name, style.font.size = FACE, _pt(size)
    style.font.bold, style.font.italic, style.font.color.rgb = bold, italic, RGBColor(0, 0, 0)
    faces = style.element.rPr.rFonts
    faces.attrib.clear()
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        faces.set(qn(f"w:{script}"), FACE)
    for spacing in style.element.rPr.findall(qn("w:spacing")):
        style.element.rPr.remove(spacing)


def _no_border(style: Any) -> None:
    from docx.oxml.ns import qn

    for border in style.element.pPr.findall(qn("w:pBdr")):
        style.element.pPr.remove(border)


def _language(word: Document, locale: str) -> None:
    from docx.oxml.ns import qn

    for lang in word.styles.element.iter(qn("w:lang")):
        for script in ("val", "eastAsia"):
            lang.set(qn(f"w:{script}"), locale)
    word.core_properties.language = locale


def _properties(word: Document, paper: Paper) -> None:
    stamp = datetime(paper.dated.year, paper.dated.month, paper.dated.day)
    about = word.core_properties
    about.title = " – ".join(part for part in (paper.title, paper.subtitle.replace("\n", " ")) if part)[:255]
    about.author = about.last_modified_by = paper.author[:255]
    about.created = about.modified = stamp
    about.comments = about.keywords = about.subject = ""
    about.identifier = paper.fingerprint[:255]


# --- Head -------------------------------------------------------------------------------------------------------------


def _letterhead(word: Document, head: Letterhead) -> None:
    if head == Letterhead():
        return
    left, right = _grid(word, (7.4, 8.6))
    for at, name in enumerate(head.issuer):
        _line(left, name, 12, bold=at == len(head.issuer) - 1)
    _line(left, head.divider, 12)
    _line(left, head.symbol, 12)
    for name in head.motto:
        _line(right, name, 12.5, bold=True)
    if head.motto:
        _rule_under(right.paragraphs[-1], head.motto[-1])
    _pad(right, max(0, _height(left) - len(head.motto) - 1))
    _line(right, head.place_date, 12.5, italic=True)


def _grid(word: Document, widths: tuple[float, ...]) -> list[_Cell]:
    """One row of borderless cells, for things that stand side by side."""
    from docx.shared import Cm

    table = word.add_table(rows=1, cols=len(widths))
    table.autofit = False
    _whole(table.rows[0])
    for cell, width in zip(table.rows[0].cells, widths, strict=True):
        cell.width = Cm(width)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    return list(table.rows[0].cells)


def _line(cell: _Cell, text: str, size: float, *, bold: bool = False, italic: bool = False, align: str = "CENTER") -> None:
    """A line of a cell; the paragraph that every new cell is born with is used first."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    if not text:
        return
    first = cell.paragraphs[0]
    paragraph = cell.add_paragraph() if first.text or len(cell.paragraphs) > 1 else first
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, _pt(size)
    paragraph.alignment = WD_ALIGN_PARAGRAPH[align]
    paragraph.paragraph_format.space_after = _pt(2)


def _height(cell: _Cell) -> int:
    return sum(1 for paragraph in cell.paragraphs if paragraph.text)


def _pad(cell: _Cell, lines: int) -> None:
    """Empty lines, so that the date stands level with the symbol."""
    for _ in range(lines):
        cell.add_paragraph().paragraph_format.space_after = _pt(2)


def _rule_under(paragraph: WordParagraph, text: str) -> None:
    """A rule about as long as the words above it: capitals of the face are 0.7 em wide, small letters 0.5."""
    from docx.shared import Cm

    width = sum(0.72 if letter.isupper() else 0.48 for letter in text) * 12.5 * 2.54 / 72
    side = max(0.0, (8.2 - width) / 2)
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Cm(side)
    _border(paragraph, "bottom")


def _border(paragraph: WordParagraph, side: str) -> None:
    _properties_of(paragraph, "pBdr", [(side, {"val": "single", "sz": "6", "space": "1", "color": "auto"})])


def _properties_of(paragraph: WordParagraph, name: str, children: list[tuple[str, dict[str, str]]]) -> None:
    """Insert a property python-docx has no name for, at the place the schema wants it."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    parent = OxmlElement(f"w:{name}")
    for child, attributes in children:
        element = OxmlElement(f"w:{child}")
        for key, value in attributes.items():
            element.set(qn(f"w:{key}"), value)
        parent.append(element)
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(parent, *AFTER_BORDER)


AFTER_BORDER = tuple(
    f"w:{name}"
    for name in (
        "shd tabs suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd "
        "snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment "
        "textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange"
    ).split()
)


def _titles(word: Document, paper: Paper) -> None:
    word.add_paragraph(paper.title, style="Title")
    if paper.subtitle:
        word.add_paragraph(paper.subtitle, style="Subtitle")
    rule = word.add_paragraph(RULE, style="Subtitle")
    rule.paragraph_format.space_after = _pt(10)


# --- Blocks -----------------------------------------------------------------------------------------------------------


def _paragraph(word: Document, block: Paragraph) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm

    paragraph = word.add_paragraph(style="Body Text")
    if block.lead:
        paragraph.add_run(block.lead + " ").bold = True
    run = paragraph.add_run(block.text)
    if block.style == "centred":
        paragraph.alignment, run.bold = WD_ALIGN_PARAGRAPH.CENTER, True
        return
    run.italic = block.style == "basis"
    paragraph.paragraph_format.first_line_indent = Cm(1)


def _heading(word: Document, block: Heading) -> None:
    word.add_heading(block.text, level=1)


def _facts(word: Document, block: Facts) -> None:
    """Label and value at a tab stop; a long value hangs under its first line."""
    from docx.shared import Cm

    for label, value in block.rows:
        paragraph = word.add_paragraph(f"{label}:\t{value}")
        paragraph.paragraph_format.left_indent = Cm(LABEL_WIDTH)
        paragraph.paragraph_format.first_line_indent = Cm(-LABEL_WIDTH)
        paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(LABEL_WIDTH))


def _lines(word: Document, block: Lines) -> None:
    for label, value in block.rows:
        _leader(word, label, value, dots=True)
    if block.total:
        total = _leader(word, *block.total, dots=False)
        _border(total, "top")
        for run in total.runs:
            run.bold = True


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
    table.autofit = False
    _describe(table, block.summary)
    shares = sum(column.width for column in block.columns)
    widths = [Cm(TEXT_WIDTH * column.width / shares) for column in block.columns]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    _row(table, tuple(column.title for column in block.columns), ["CENTER"] * len(widths), widths, bold=True)
    _repeat(table.rows[0])
    sides = [SIDES[column.align] for column in block.columns]
    for cells in block.rows:
        _row(table, cells, sides, widths)
    if block.total:
        _row(table, block.total, sides, widths, bold=True)
    word.add_paragraph().paragraph_format.line_spacing = 0.5


SIDES = {"left": "LEFT", "centre": "CENTER", "right": "RIGHT"}


def _row(table: Any, cells: tuple[str, ...], sides: list[str], widths: list[Any], *, bold: bool = False) -> None:
    from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT

    row = table.add_row()
    _whole(row)
    for cell, text, side, width in zip(row.cells, cells, sides, widths, strict=True):
        cell.width, cell.vertical_alignment = width, WD_CELL_VERTICAL_ALIGNMENT.CENTER
        _line(cell, text, 12, bold=bold, align=side)
        cell.paragraphs[0].paragraph_format.space_before = _pt(2)


def _whole(row: Any) -> None:
    """A row is not torn apart by a page break."""
    _row_property(row, "cantSplit")


def _repeat(row: Any) -> None:
    """The head comes again on every page, and screen readers take it for the head."""
    _row_property(row, "tblHeader")


def _row_property(row: Any, name: str) -> None:
    from docx.oxml.parser import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement(f"w:{name}"))


def _describe(table: Any, summary: str) -> None:
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    if summary:
        caption = OxmlElement("w:tblCaption")
        caption.set(qn("w:val"), summary)
        table._tbl.tblPr.append(caption)


BLOCKS: dict[type, Any] = {
    Paragraph: _paragraph,
    Heading: _heading,
    Facts: _facts,
    Lines: _lines,
    Items: _items,
    Table: _table,
    Note: _note,
}


# --- Signatures, foot, watermark --------------------------------------------------------------------------------------


def _hold_to_signatures(word: Document, paper: Paper) -> None:
    """The last words of a paper stay on the page with the signatures under them."""
    if paper.signatures and paper.blocks and isinstance(paper.blocks[-1], Paragraph | Note):
        word.paragraphs[-1].paragraph_format.keep_with_next = True


def _signatures(word: Document, paper: Paper) -> None:
    rows = paper.signatures or (((),) if paper.recipients else ())
    for at, places in enumerate(rows):
        word.add_paragraph().paragraph_format.line_spacing = 0.6
        copies = paper.recipients if at == 0 else None
        cells = _grid(word, (TEXT_WIDTH / (len(places) + bool(copies)),) * (len(places) + bool(copies)))
        if copies:
            _recipients(cells.pop(0), copies)
        for cell, place in zip(cells, places, strict=True):
            _signature(cell, place)


def _signature(cell: _Cell, place: Signature) -> None:
    _line(cell, place.role, 13, bold=True)
    _line(cell, place.hint, 11, italic=True)
    room = cell.add_paragraph()
    room.paragraph_format.space_after = _pt(48)
    _line(cell, place.name, 13, bold=True)


def _recipients(cell: _Cell, copies: Recipients) -> None:
    _line(cell, copies.label, 12, bold=True, italic=True, align="LEFT")
    for name in copies.lines:
        _line(cell, f"– {name}", 11, align="LEFT")


def _footer(word: Document, footer: Footer, fingerprint: str) -> None:
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Cm

    paragraph = word.sections[0].footer.paragraphs[0]
    paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(TEXT_WIDTH), WD_TAB_ALIGNMENT.RIGHT)
    _border(paragraph, "top")
    paragraph.add_run("  ·  ".join(part for part in (footer.text, fingerprint) if part) + "\t")
    rest = footer.page
    while "{" in rest:
        before, _, rest = rest.partition("{")
        field, _, rest = rest.partition("}")
        paragraph.add_run(before)
        _field(paragraph, {"page": "PAGE", "pages": "NUMPAGES"}[field])
    paragraph.add_run(rest)


def _field(paragraph: WordParagraph, code: str) -> None:
    """A field that the office program fills in; 1 stands there until it does."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run = paragraph.add_run("1")
    field.append(run._r)
    paragraph._p.append(field)


WATERMARK = """<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"><w:pict>
<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" path="m@7,l@8,m@5,21600l@6,21600e">
<v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/>
<v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/>
<v:f eqn="mid @5 @6"/><v:f eqn="mid @8 @5"/><v:f eqn="mid @7 @8"/><v:f eqn="mid @6 @7"/><v:f eqn="sum @6 0 @5"/></v:formulas>
<v:path textpathok="t" o:connecttype="rect"/><v:textpath on="t" fitshape="t"/></v:shapetype>
<v:shape id="watermark" o:spid="_x0000_s2049" type="#_x0000_t136" stroked="f" fillcolor="#d9d9d9"
 style="position:absolute;margin-left:0;margin-top:0;width:440pt;height:110pt;rotation:315;z-index:-251658752;
mso-position-horizontal:center;mso-position-horizontal-relative:margin;
mso-position-vertical:center;mso-position-vertical-relative:margin">
<v:fill opacity=".6"/><v:textpath style="font-family:'Times New Roman';font-size:1pt;font-weight:bold"/></v:shape></w:pict></w:r>"""


def _watermark(word: Document, text: str) -> None:
    """A word across every page: the shape that office programs themselves put into the page head."""
    from lxml import etree

    if not text:
        return
    run = etree.fromstring(WATERMARK)
    path = run.find(".//{urn:schemas-microsoft-com:vml}shape/{urn:schemas-microsoft-com:vml}textpath")
    path.set("string", text)
    word.sections[0].header.paragraphs[0]._p.append(run)


# --- Bytes ------------------------------------------------------------------------------------------------------------


def _bytes(word: Document, paper: Paper) -> bytes:
    """The archive written again with the paper's date on every entry and without the template's picture."""
    word.part.package.rels.pop(_thumbnail(word), None)
    raw, fixed = io.BytesIO(), io.BytesIO()
    word.save(raw)
    day = paper.dated
    stamp = (max(day.year, 1980), day.month, day.day, 0, 0, 0)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            member = zipfile.ZipInfo(entry.filename, stamp)
            member.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(member, source.read(entry))
    return fixed.getvalue()


def _thumbnail(word: Document) -> str:
    return next((key for key, rel in word.part.package.rels.items() if rel.reltype.endswith("/thumbnail")), "")
