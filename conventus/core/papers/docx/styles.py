"""Page, styles and properties of a DOCX paper."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from ..paper import Paper, locale_of
from .parts import CELL, CELL_STRONG, pt

if TYPE_CHECKING:
    from docx.document import Document

FACE = "Times New Roman"


def lay_out(word: Document, paper: Paper) -> None:
    """A4 with room for binding, our styles, and the properties that a file manager shows."""
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
    "Caption": (11, False, True, 4, 6, "JUSTIFY"),
    CELL: (12, False, False, 2, 2, "LEFT"),
    CELL_STRONG: (12, True, False, 2, 2, "LEFT"),
    "Footer": (9.5, False, False, 4, 0, "LEFT"),
}


def _styles(word: Document, locale: str) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_PARAGRAPH_ALIGNMENT

    for name in (CELL, CELL_STRONG):
        word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    for name, (size, bold, italic, before, after, align) in STYLES.items():
        style = word.styles[name]
        _face(style, size, bold, italic)
        style.paragraph_format.space_before, style.paragraph_format.space_after = pt(before), pt(after)
        style.paragraph_format.alignment = WD_PARAGRAPH_ALIGNMENT[align]
        style.paragraph_format.line_spacing = 1.08
    _without(word.styles["Title"], "pBdr")
    _without(word.styles["Footer"], "tabs")
    _language(word, locale)


def _face(style: Any, size: float, bold: bool, italic: bool) -> None:
    """One face for all scripts: the template's theme fonts have to go, or they win over the name given here."""
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    style.font.name, style.font.size = FACE, pt(size)
    style.font.bold, style.font.italic, style.font.color.rgb = bold, italic, RGBColor(0, 0, 0)
    faces = style.element.rPr.rFonts
    faces.attrib.clear()
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        faces.set(qn(f"w:{script}"), FACE)
    for spacing in style.element.rPr.findall(qn("w:spacing")):
        style.element.rPr.remove(spacing)


def _without(style: Any, name: str) -> None:
    """Take a property of the template's style away (the rule under its titles, the tab stops of its foot)."""
    from docx.oxml.ns import qn

    for element in style.element.pPr.findall(qn(f"w:{name}")):
        style.element.pPr.remove(element)


def _language(word: Document, locale: str) -> None:
    from docx.oxml.ns import qn

    for lang in word.styles.element.iter(qn("w:lang")):
        for script in ("val", "eastAsia"):
            lang.set(qn(f"w:{script}"), locale)
    word.core_properties.language = locale


def _properties(word: Document, paper: Paper) -> None:
    stamp = datetime.combine(paper.dated, time(), UTC)
    about = word.core_properties
    about.title = " – ".join(part for part in (paper.title, paper.subtitle.replace("\n", " ")) if part)[:255]
    about.author = about.last_modified_by = paper.author[:255]
    about.created = about.modified = stamp
    about.comments = about.keywords = about.subject = ""
    about.identifier = paper.fingerprint[:255]
