"""A paper as PDF: tagged, archival (PDF/A-2a, PDF/UA-1), set by typst with fonts that come along (`fonts/`)."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .paper import Paper, as_data, cleaned, locale_of

if TYPE_CHECKING:
    from typst import Fonts, PDFStandard

HERE = Path(__file__).parent
STANDARDS: list[PDFStandard] = ["a-2a", "ua-1"]


def to_pdf(paper: Paper) -> bytes:
    """The file's bytes; equal papers give equal bytes."""
    stamp = datetime.combine(paper.dated, time(), UTC)
    options = {"format": "pdf", "pdf_standards": STANDARDS, "timestamp": stamp}
    return _joined(_set(paper, options))


def to_pngs(paper: Paper, ppi: float = 100) -> tuple[bytes, ...]:
    """Each page as a picture, for a preview."""
    pages = _set(paper, {"format": "png", "ppi": ppi})
    return tuple(pages) if isinstance(pages, list) else (pages,)


def _joined(result: bytes | list[bytes]) -> bytes:
    return result if isinstance(result, bytes) else b"".join(result)


def _set(paper: Paper, options: dict[str, Any]) -> bytes | list[bytes]:
    """Compile; where a letter is in none of the fonts, show its code point instead and compile again."""
    from typst import Compiler, TypstError

    said = json.dumps({**as_data(cleaned(paper)), "lang": locale_of(paper)}, ensure_ascii=False)
    compiler = Compiler(font_paths=_fonts(), ignore_system_fonts=True)
    while True:
        try:
            return compiler.compile(input=_template(), sys_inputs={"paper": said}, **options) or b""
        except TypstError as error:
            absent = _letters_without_font(error) & set(said)
            if not absent:
                raise
            said = said.translate({ord(letter): f"[U+{ord(letter):04X}]" for letter in absent})


@cache
def _template() -> bytes:
    return (HERE / "paper.typ").read_bytes()


@cache
def _fonts() -> Fonts:
    """Fonts of the machine are left out, so that a paper looks the same wherever it is set."""
    from typst import Fonts

    return Fonts(include_system_fonts=False, font_paths=[HERE / "fonts"])


# The archival standards forbid letters without a shape; typst names each, as in: the text `"\u{17c6}"` could not …
WITHOUT_FONT = re.compile(r'the text `"(.+?)"` could not be displayed')
ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


def _letters_without_font(error: Any) -> set[str]:
    named = "".join(WITHOUT_FONT.findall(f"{error.message}\n{error.diagnostic}"))
    return {letter for letter in ESCAPED.sub(lambda match: chr(int(match[1], 16)), named) if not letter.isascii()}
