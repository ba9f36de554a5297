"""What stands around the blocks of a DOCX paper: letterhead, titles, signatures, foot, watermark."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..paper import Footer, Letterhead, Paper, Recipients, Signature
from .parts import TEXT_WIDTH, border, field, gap, grid, line, pt

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import _Cell
    from docx.text.paragraph import Paragraph as WordParagraph


def letterhead(word: Document, head: Letterhead) -> None:
    """Issuer and motto, and level with each other the symbol and the date."""
    if head == Letterhead():
        return
    (left, right), (symbol, place_date) = grid(word, (7.8, 8.2), rows=2)
    for at, name in enumerate(head.issuer):
        line(left, name, 12, bold=at == len(head.issuer) - 1)
    line(left, head.divider, 12)
    for name in head.motto:
        line(right, name, 12.5, bold=True)
    if head.motto:
        _rule_under(right.paragraphs[-1], head.motto[-1])
    line(symbol, head.symbol, 12)
    line(place_date, head.place_date, 12.5, italic=True)


def _rule_under(paragraph: WordParagraph, text: str) -> None:
    """A rule about as long as the words above it: capitals of the face are 0.7 em wide, small letters 0.5."""
    from docx.shared import Cm

    width = sum(0.72 if letter.isupper() else 0.48 for letter in text) * 12.5 * 2.54 / 72
    side = max(0.0, (8.2 - width) / 2)
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Cm(side)
    border(paragraph, "bottom")


def titles(word: Document, paper: Paper) -> None:
    """Title, subtitle and the short rule under them."""
    from docx.shared import Cm

    word.add_paragraph(paper.title, style="Title")
    if paper.subtitle:
        word.add_paragraph(YEARS.sub("\u00a0\\1\u00a0", paper.subtitle), style="Subtitle")
    rule = word.add_paragraph(style="Subtitle")
    rule.paragraph_format.left_indent = rule.paragraph_format.right_indent = Cm((TEXT_WIDTH - 2.2) / 2)
    rule.paragraph_format.line_spacing, rule.paragraph_format.space_after = pt(5), pt(16)
    border(rule, "bottom")


# A term such as “2025 - 2030” is not torn apart at the end of a line of the subtitle.
YEARS = re.compile(r"(?<=\d) ([-–]) (?=\d)")


def signatures(word: Document, paper: Paper) -> None:
    """Rows of places to sign; the recipients stand at the left of the first."""
    rows = paper.signatures or (((),) if paper.recipients else ())
    for at, places in enumerate(rows):
        gap(word, 16, hold=at == 0)
        copies = paper.recipients if at == 0 else None
        count = max(2, len(places) + bool(copies))
        (cells,) = grid(word, (TEXT_WIDTH / count,) * count)
        if copies:
            _recipients(cells.pop(0), copies)
        depth = max((_depth(place) for place in places), default=0)
        for cell, place in zip(cells, places, strict=False):
            _signature(cell, place, depth - _depth(place))


def _depth(place: Signature) -> int:
    return place.role.count("\n") + bool(place.hint)


def _signature(cell: _Cell, place: Signature, lower: int) -> None:
    """`lower` lines more room where the neighbour's office is longer, so that the names stand level."""
    line(cell, place.role, 13, bold=True)
    line(cell, place.hint, 11, italic=True)
    cell.paragraphs[-1].paragraph_format.space_after = pt(64 + 16 * lower)
    line(cell, place.name, 13, bold=True)


def _recipients(cell: _Cell, copies: Recipients) -> None:
    line(cell, copies.label, 12, bold=True, italic=True, align="LEFT")
    for name in copies.lines:
        line(cell, f"– {name}", 11, align="LEFT")


def foot(word: Document, footer: Footer, fingerprint: str) -> None:
    """Text and fingerprint at the left, the page at the right."""
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Cm

    paragraph = word.sections[0].footer.paragraphs[0]
    paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(TEXT_WIDTH), WD_TAB_ALIGNMENT.RIGHT)
    border(paragraph, "top")
    paragraph.add_run("  ·  ".join(part for part in (footer.text, fingerprint) if part) + "\t")
    for part in re.split(r"(\{pages?\})", footer.page):
        if part in PAGE_FIELDS:
            field(paragraph, PAGE_FIELDS[part])
        elif part:
            paragraph.add_run(part)


PAGE_FIELDS = {"{page}": "PAGE", "{pages}": "NUMPAGES"}


WATERMARK = """<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"><w:pict>
<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" path="m@7,l@8,m@5,21600l@6,21600e">
<v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/>
<v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/>
<v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/>
<v:f eqn="mid @5 @6"/><v:f eqn="mid @8 @5"/><v:f eqn="mid @7 @8"/><v:f eqn="mid @6 @7"/>
<v:f eqn="sum @6 0 @5"/></v:formulas>
<v:path textpathok="t" o:connecttype="rect"/><v:textpath on="t" fitshape="t"/></v:shapetype>
<v:shape id="watermark" o:spid="_x0000_s2049" type="#_x0000_t136" stroked="f" fillcolor="#d9d9d9"
 style="position:absolute;margin-left:0;margin-top:0;width:440pt;height:110pt;rotation:315;z-index:-251658752;
mso-position-horizontal:center;mso-position-horizontal-relative:margin;
mso-position-vertical:center;mso-position-vertical-relative:margin">
<v:fill opacity=".6"/><v:textpath style="font-family:'Times New Roman';font-size:1pt;font-weight:bold"/></v:shape>
</w:pict></w:r>"""


WATERMARK_TEXT = ".//{urn:schemas-microsoft-com:vml}shape/{urn:schemas-microsoft-com:vml}textpath"


def watermark(word: Document, text: str) -> None:
    """A word across every page: the shape that office programs themselves put into the page head."""
    from docx.oxml.parser import parse_xml

    if not text:
        return
    run = parse_xml(WATERMARK)
    run.find(WATERMARK_TEXT).set("string", text)
    word.sections[0].header.paragraphs[0]._p.append(run)
