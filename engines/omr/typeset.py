"""Draws a layout with typst: the blank page once, then as many copies of it as are wanted."""

import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2 as pdfium  # type: ignore[import-untyped]
import typst
from PIL import Image as Pictures

from engines.omr.codes import MARKER_MODULES, code_bits, marker_bits, runs
from engines.omr.geometry import EDGE, INSET, column_head, header, place, sizes
from engines.omr.layout import BLANK_DPI, Box, Layout, Row, save_layout
from engines.omr.metrics import FONTS, width, wrap
from engines.omr.spec import OmrError, Spec
from engines.omr.words import WORDS

_TEMPLATE = Path(__file__).with_name("ballot.typ")


def print_ballots(spec: Spec, folder: Path) -> Layout:
    """Write ballots.pdf (`copies` times the form) and layout.json into `folder`; both are the same at every run."""
    layout = place(spec)
    sheet = typeset(spec, layout)
    layout = replace(layout, blank=tuple(_png(picture) for picture in render(typeset(replace(spec, batch=""), layout))))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ballots.pdf").write_bytes(repeat(sheet, spec.copies))
        save_layout(layout, folder / "layout.json")
    except OSError as error:
        raise OmrError(f"{folder}: cannot be written ({error.strerror})") from error
    return layout


def typeset(spec: Spec, layout: Layout) -> bytes:
    """One copy of the form as PDF."""
    return compiled(layout, [page_data(spec, layout, page) for page in range(1, layout.pages + 1)])


def compiled(layout: Layout, pages: Sequence[dict[str, Any]]) -> bytes:
    """The PDF of pages as `page_data` describes them."""
    data = {"page": layout.page, "lang": layout.lang, "pages": pages}
    fonts: list[Path] = [FONTS]
    pdf = typst.compile(
        _TEMPLATE, font_paths=fonts, ignore_system_fonts=True, timestamp=0, pdf_tags=False,
        sys_inputs={"ballot": json.dumps(data)},
    )  # fmt: skip
    assert isinstance(pdf, bytes)
    return pdf


def repeat(pdf: bytes, copies: int) -> bytes:
    """A PDF with `copies` times the pages of `pdf`, which share their content; it says nothing of who printed when."""
    source, target = pdfium.PdfDocument(pdf), pdfium.PdfDocument.new()
    pages = list(range(len(source)))
    target.import_pages(source, pages * copies)
    out = io.BytesIO()
    target.save(out)
    dateless = re.sub(rb"D:\d{14}", b"D:20000101000000", out.getvalue())
    return re.sub(rb"<[0-9A-F]{32}><[0-9A-F]{32}>", b"<" + b"0" * 32 + b"><" + b"0" * 32 + b">", dateless)


def render(pdf: bytes, dpi: int = BLANK_DPI) -> list[Any]:
    """Grey pictures (height x width, uint8) of all pages."""
    return [page.render(scale=dpi / 72, grayscale=True).to_numpy().squeeze().copy() for page in pdfium.PdfDocument(pdf)]


def _png(picture: Any) -> bytes:
    """Sixteen shades are enough to know what is printed where."""
    out = io.BytesIO()
    Pictures.fromarray((picture // 16 * 17).astype(np.uint8)).save(out, "PNG", optimize=True)
    return out.getvalue()


def page_data(spec: Spec, layout: Layout, page: int) -> dict[str, Any]:
    """Everything that is printed on a page, with its place; a test deck adds `strokes`, lists of points."""
    rows = layout.rows_of(page)
    outlines = [box for row in rows for box in row.boxes.values()]
    if page == 1 and layout.stamp:
        outlines.append(layout.stamp)
    return {
        "bits": _bits(layout, page),
        "squares": [tick for row in rows for tick in row.ticks],
        "outlines": outlines,
        "texts": [*_head_texts(spec, layout, page), *_row_texts(spec, rows), *_foot_texts(spec, layout, page)],
    }


def _bits(layout: Layout, page: int) -> list[dict[str, Any]]:
    marks = [
        {"box": mark.box, "modules": MARKER_MODULES, "runs": runs(marker_bits(mark.id))}
        for mark in layout.marks
        if mark.page == page
    ]
    bits = code_bits(layout.code_text(page))
    codes = [{"box": code.box, "modules": len(bits), "runs": runs(bits)} for code in layout.codes if code.page == page]
    return marks + codes


def _text(text: str, x: float, y: float, size: float) -> dict[str, Any]:
    return {"text": text, "x": round(x, 2), "y": round(y, 2), "size": size}


def _head_texts(spec: Spec, layout: Layout, page: int) -> Iterable[dict[str, Any]]:
    head = header(spec)
    if page > 1:
        short = wrap(spec.title, 10, layout.page[0] - 2 * INSET - 50)[0]
        return [_text(short, INSET, EDGE + 10, 10), *_box_heads(spec, layout, page)]
    texts = [_text(line.text, line.x, line.baseline, line.size) for line in (*head.title, *head.text)]
    if head.stamp:
        texts += _stamp_texts(spec, head.stamp)
    return [*texts, *_box_heads(spec, layout, page)]


def _stamp_texts(spec: Spec, stamp: Box) -> list[dict[str, Any]]:
    lines = wrap(WORDS[spec.lang].stamp, 7, stamp[2] - stamp[0] - 8)
    return [_text(line, stamp[0] + 4, stamp[1] + 9 + 8 * index, 7) for index, line in enumerate(lines)]


def _box_heads(spec: Spec, layout: Layout, page: int) -> list[dict[str, Any]]:
    """The words above the boxes, centred over each column's first row."""
    rows = layout.rows_of(page)
    firsts = [row for row in rows if not any(_above(other, row) for other in rows)]
    return [text for row in firsts for key, box in row.boxes.items() for text in _box_head(spec, row, key, box)]


def _above(other: Row, row: Row) -> bool:
    return other.zone[0] == row.zone[0] and other.zone[1] < row.zone[1]


def _box_head(spec: Spec, row: Row, key: str, box: Box) -> list[dict[str, Any]]:
    size = round(sizes(spec).text * 0.75, 1)
    lines = wrap(str(getattr(WORDS[spec.lang], key)), size, sizes(spec).box_pitch - 2)
    base = row.zone[1] - column_head(spec) + size
    middle = (box[0] + box[2]) / 2
    return [
        _text(line, middle - width(line, size) / 2, base + index * size * 1.1, size) for index, line in enumerate(lines)
    ]


def _row_texts(spec: Spec, rows: tuple[Row, ...]) -> Iterable[dict[str, Any]]:
    for row in rows:
        first = row.lines[0]
        number = f"{row.number}."
        left = first.x - 6 - width(number, sizes(spec).name)
        yield _text(number, left, first.baseline, sizes(spec).name)
        for line in row.lines:
            yield _text(line.text, line.x, line.baseline, line.size)


def _foot_texts(spec: Spec, layout: Layout, page: int) -> Iterable[dict[str, Any]]:
    words, (wide, high) = WORDS[spec.lang], layout.page
    left = INSET + 34 + 8
    note = " ".join([words.page.format(page=page, pages=layout.pages), words.over if page < layout.pages else ""])
    for index, line in enumerate(wrap(f"{note} {words.secrecy}", 6.8, wide - INSET - left)):
        yield _text(line, left, high - EDGE - 27 + index * 8, 6.8)
    yield _text(layout.code_text(page), left, high - EDGE - 1.5, 6)
    if spec.batch:
        text = words.batch.format(batch=spec.batch)
        size = round(min(7.0, 7.0 * (wide / 2 - INSET) / width(text, 7.0)), 1)
        yield _text(text, wide - INSET - width(text, size), high - EDGE - 1.5, size)
