"""Reads CSV, XLSX and ODS files: finds encoding, delimiter and headings, and gives every cell as text."""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.org.imports.columns import OURS, Columns, plain

refusal_texts(
    "imports",
    {
        "missing": N_("There is no file “%(name)s”."),
        "directory": N_("“%(name)s” is a directory. Name a CSV, XLSX or ODS file."),
        "closed": N_("“%(name)s” cannot be read: %(fault)s."),
        "empty": N_("“%(name)s” is empty. Save the table as CSV, XLSX or ODS and try again."),
        "not_a_table": N_("“%(name)s” is no table that can be read here. Save it as CSV (UTF-8), XLSX or ODS."),
        "encrypted": N_("“%(name)s” is protected by a password. Save it without one and try again."),
        "broken": N_("“%(name)s” cannot be read as a spreadsheet: %(fault)s."),
        "too_large": N_("“%(name)s” unpacks to more than %(limit)s MB. Split it into several files."),
        "encoding": N_("The text encoding “%(encoding)s” does not fit “%(name)s”. Leave it to be found, or try UTF-8."),
        "columns_missing": N_("“%(name)s” has no column %(missing)s. Its headings are: %(found)s."),
        "no_rows": N_("“%(name)s” has headings but no rows."),
        "quotes": N_("“%(name)s”: the quotation marks of row %(row)s do not match. Correct them and try again."),
        "row_too_long": N_("%(cells)s cells under %(headings)s headings. Check quotation marks and delimiters."),
    },
)

ENCODINGS = ("utf-8", "windows-1258", "windows-1252", "windows-1250", "utf-16")
"""The encodings that somebody can name; files from Vietnam, Western and Central Europe come in these."""

DELIMITERS = (",", ";", "\t", "|")
_MAGIC_ZIP, _MAGIC_OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_UNPACKED_MB = 600
_HEAD = 20
"""How many rows from the top may stand above the headings (a title, a date, the name of an office)."""

Cells = list[str]


@dataclass(frozen=True)
class Row:
    """A row of the file: its number there, its cells by column, and all cells as they stood."""

    number: int
    cells: Mapping[str, str]
    raw: Sequence[str]
    fault: Refusal | None = None


@dataclass(frozen=True)
class Sheet:
    """A file that has been read: how it was written, its headings, and its rows."""

    name: str
    sha256: str
    format: str
    encoding: str
    delimiter: str
    headings: Sequence[str]
    columns: Mapping[str, str]
    """For each column found, the heading under which it stood."""
    unknown: Sequence[str]
    rows: Sequence[Row] = field(repr=False)

    def has(self, column: str) -> bool:
        """Whether the file says anything about `column`; one it is silent about stays as it is."""
        return column in self.columns


def read_path(path: Path, columns: Columns, encoding: str = "") -> Sheet:
    """The table in the file at `path`; refuses what is no readable table, in words."""
    if path.is_dir():
        raise Refusal("imports.directory", name=path.name or str(path))
    try:
        content = path.read_bytes()
    except FileNotFoundError as fault:
        raise Refusal("imports.missing", name=str(path)) from fault
    except OSError as fault:
        raise Refusal("imports.closed", name=str(path), fault=fault.strerror or fault) from fault
    return read(path.name, content, columns, encoding)


def read(name: str, content: bytes, columns: Columns, encoding: str = "") -> Sheet:
    """The table in `content`; `encoding` is found when it is not given."""
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Refusal("imports.empty", name=name)
    if content.startswith((_MAGIC_ZIP, _MAGIC_OLE)):
        kind, tables = _spreadsheet(name, content)
        found = _best(tables, columns)
        return _sheet(name, content, columns, found, format=kind, encoding="", delimiter="")
    text, encoding = _text(name, content, encoding)
    delimiter, table = _csv(name, text, columns)
    return _sheet(name, content, columns, table, format="csv", encoding=encoding, delimiter=delimiter)


def sheet_of(rows: Iterable[Mapping[str, str]], columns: Columns, name: str = "rows") -> Sheet:
    """A table made in the program: for samples and tests, judged and written like a file."""
    listed = list(rows)
    headings = [column for column in columns.names if any(column in row for row in listed)]
    table = [headings, *([row.get(heading, "") for heading in headings] for row in listed)]
    content = "\n".join("\t".join(cells) for cells in table).encode()
    return _sheet(name, content, columns, table, format="rows", encoding="", delimiter="")


# From cells to rows -----------------------------------------------------------------------------------------------


def _sheet(name: str, content: bytes, columns: Columns, table: Sequence[Cells], **how: str) -> Sheet:
    top = _heading_row(table, columns)
    headings = [heading.strip() for heading in table[top]] if table else []
    while headings and not headings[-1]:
        headings.pop()
    places = columns.found(headings)
    if missing := columns.missing(places):
        shown = ", ".join(heading for heading in headings if heading) or "–"
        raise Refusal("imports.columns_missing", name=name, missing=", ".join(missing), found=shown[:300])
    rows = [_row(number, cells, places, len(headings)) for number, cells in _filled(table, top + 1)]
    if not rows:
        raise Refusal("imports.no_rows", name=name)
    return Sheet(
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        headings=headings,
        columns={column: headings[place] for column, place in places.items()},
        unknown=_unknown(headings, places),
        rows=rows,
        **how,
    )


def _heading_row(table: Sequence[Cells], columns: Columns) -> int:
    """The first row that has every required heading; else the first that has any cell, to be complained about."""
    for index, cells in enumerate(table[:_HEAD]):
        if not columns.missing(columns.found(cells)):
            return index
    return next((index for index, cells in enumerate(table) if any(cell.strip() for cell in cells)), 0)


def _filled(table: Sequence[Cells], start: int) -> Iterator[tuple[int, Cells]]:
    for index in range(start, len(table)):
        if any(cell.strip() for cell in table[index]):
            yield index + 1, table[index]


def _row(number: int, cells: Cells, places: Mapping[str, int], width: int) -> Row:
    fault = None
    if any(cell.strip() for cell in cells[width:]):
        fault = Refusal("imports.row_too_long", cells=len(cells), headings=width)
    named = {column: cells[place] if place < len(cells) else "" for column, place in places.items()}
    return Row(number, named, cells, fault)


def _unknown(headings: Sequence[str], places: Mapping[str, int]) -> list[str]:
    used = set(places.values())
    return [
        heading
        for place, heading in enumerate(headings)
        if heading and place not in used and plain(heading) not in OURS
    ]


# CSV --------------------------------------------------------------------------------------------------------------


def _text(name: str, content: bytes, encoding: str) -> tuple[str, str]:
    found = encoding or _encoding(name, content)
    try:
        text = content.decode("utf-8-sig" if found == "utf-8" else found)
    except (UnicodeError, LookupError) as fault:
        raise Refusal("imports.encoding", name=name, encoding=found) from fault
    if _is_binary(text):
        raise Refusal("imports.not_a_table", name=name)
    return text.removeprefix("\ufeff"), found


def _encoding(name: str, content: bytes) -> str:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return encoding
    for encoding in _without_mark(content):
        try:
            content.decode(encoding)
        except UnicodeError:
            continue
        return encoding
    return _guessed(name, content)


def _without_mark(content: bytes) -> tuple[str, ...]:
    """UTF-16 shows by a zero in nearly every other byte, UTF-8 by decoding at all."""
    sample = content[:4096]
    odd, even = sample[1::2].count(0), sample[::2].count(0)
    for here, there, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if here * 5 > len(sample) and there * 50 < len(sample):
            return (encoding,)
    return ("utf-8",)


def _guessed(name: str, content: bytes) -> str:
    from charset_normalizer import from_bytes

    matches = list(from_bytes(content[:65536], cp_isolation=["cp1258", "cp1252", "cp1250"]))
    if not matches or b"\x00" in content:
        raise Refusal("imports.not_a_table", name=name)
    near = [match for match in matches if match.chaos <= matches[0].chaos + 0.02]
    return min(near, key=lambda match: _oddness(str(match))).encoding.replace("cp", "windows-")


def _oddness(text: str) -> int:
    """How many signs speak against a decoding: “£ódŸ” has a pound and a capital at its end, “Łódź” has neither."""
    symbols = sum(1 for sign in text if sign > "\x7f" and unicodedata.category(sign)[0] not in "LM")
    return symbols + sum(1 for first, then in pairwise(text) if first.islower() and then.isupper())


def _is_binary(text: str) -> bool:
    sample = text[:4000]
    odd = sum(1 for sign in sample if sign < " " and sign not in "\t\r\n\f")
    return odd > 0 and odd * 100 >= len(sample)


def _csv(name: str, text: str, columns: Columns) -> tuple[str, list[Cells]]:
    """The delimiter under which most columns are found, and the cells."""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
        return first.strip()[-1], [[], *_cells(name, rest, first.strip()[-1])]
    head = "".join(islice(io.StringIO(text, newline=""), _HEAD))
    delimiter = max(DELIMITERS, key=lambda sign: _columns_found(head, sign, columns))
    return delimiter, list(_cells(name, text, delimiter))


def _columns_found(head: str, delimiter: str, columns: Columns) -> int:
    rows = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    try:
        return max((len(columns.found(cells)) for cells in rows), default=0)
    except csv.Error:
        return 0


def _cells(name: str, text: str, delimiter: str) -> Iterator[Cells]:
    """The rows. A quotation mark that is never closed is refused, because it would swallow the rows after it."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    done = 0
    try:
        for cells in reader:
            done += 1
            yield cells
    except csv.Error as fault:
        raise Refusal("imports.quotes", name=name, row=done + 1) from fault


# Spreadsheets -----------------------------------------------------------------------------------------------------


def _spreadsheet(name: str, content: bytes) -> tuple[str, Iterator[list[Cells]]]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    if content.startswith(_MAGIC_OLE) and _ENCRYPTED in content:
        raise Refusal("imports.encrypted", name=name)
    kind = _kind(name, content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except PasswordError as fault:
        raise Refusal("imports.encrypted", name=name) from fault
    except (CalamineError, OSError) as fault:
        raise Refusal("imports.broken", name=name, fault=_short(fault)) from fault
    return kind, (_table(name, book, sheet) for sheet in book.sheet_names)


def _short(fault: Exception) -> str:
    return str(fault).split("\n")[0][:200]


def _kind(name: str, content: bytes) -> str:
    if content.startswith(_MAGIC_OLE):
        return "xls"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as fault:
        raise Refusal("imports.broken", name=name, fault=_short(fault)) from fault
    if sum(part.file_size for part in parts) > _UNPACKED_MB * 1_000_000:
        raise Refusal("imports.too_large", name=name, limit=_UNPACKED_MB)
    names = {part.filename for part in parts}
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return "xlsx"
    if "content.xml" in names:
        return "ods"
    raise Refusal("imports.not_a_table", name=name)


def _table(name: str, book: Any, sheet: str) -> list[Cells]:
    from python_calamine import CalamineError

    try:
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as fault:
        raise Refusal("imports.broken", name=name, fault=_short(fault)) from fault
    return [[_as_text(cell) for cell in row] for row in rows]


def _as_text(cell: object) -> str:
    """A cell as somebody would have typed it: 14755.0 → 14755, a day as 2025-02-24."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _best(tables: Iterable[list[Cells]], columns: Columns) -> list[Cells]:
    """The first sheet with every required heading, else the first that holds anything."""
    fallback: list[Cells] = []
    for table in tables:
        if table and not columns.missing(columns.found(table[_heading_row(table, columns)])):
            return table
        fallback = fallback or table
    return fallback
