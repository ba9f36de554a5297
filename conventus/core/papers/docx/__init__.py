"""A paper as DOCX, with real styles, repeated table heads and page fields, so that people can go on working on it."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from ..paper import Paper, cleaned
from .blocks import add_blocks
from .frame import foot, letterhead, signatures, titles, watermark
from .styles import lay_out

if TYPE_CHECKING:
    from docx.document import Document


def to_docx(paper: Paper) -> bytes:
    """The file's bytes; equal papers give equal bytes."""
    from docx import Document

    paper = cleaned(paper)
    word = Document()
    lay_out(word, paper)
    letterhead(word, paper.header)
    titles(word, paper)
    add_blocks(word, paper)
    signatures(word, paper)
    foot(word, paper.footer, paper.fingerprint)
    watermark(word, paper.watermark)
    return _bytes(word, paper)


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
    """The key under which the template keeps a picture of itself."""
    return next((key for key, rel in word.part.package.rels.items() if rel.reltype.endswith("/thumbnail")), "")
