"""How files are read: encodings, delimiters, headings, spreadsheets, and what is no table at all."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from conventus.core.rules import Refusal
from conventus.org.imports.columns import PEOPLE, UNITS
from conventus.org.imports.files import read, read_path, sheet_of
from conventus.org.imports.templates import EXAMPLES, template_file

pytestmark = pytest.mark.once

ROWS = [
    ["Mã đơn vị", "Cấp", "Tên đơn vị", "Ghi chú"],
    ["W1", "commune", "Phường Đông Sơn", "ưỡẫ"],
    ["W2", "commune", "Xã Đông Khê", ""],
]
TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}


def joined(rows: Sequence[Sequence[str]] = ROWS, delimiter: str = ",") -> str:
    return "".join(delimiter.join(row) + "\r\n" for row in rows)


def windows_1258(text: str) -> bytes:
    """As Windows writes Vietnamese: the letter, then its tone as a sign of its own."""
    out = b""
    for letter in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", letter)
        base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in TONES))
        out += base.encode("cp1258") + "".join(part for part in parts if part in TONES).encode("cp1258")
    return out


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("windows-1258", "windows-1258"),
    ],
)
def test_encodings_and_delimiters_are_found(encoding: str, found: str, delimiter: str) -> None:
    text = joined(delimiter=delimiter)
    content = windows_1258(text) if encoding == "windows-1258" else text.encode(encoding)
    sheet = read("a.csv", content, UNITS)
    assert (sheet.encoding, sheet.delimiter, sheet.format) == (found, delimiter, "csv")
    assert sheet.columns == {"code": "Mã đơn vị", "level": "Cấp", "name": "Tên đơn vị"} or encoding == "windows-1258"
    assert [unicodedata.normalize("NFC", row.cells["name"]) for row in sheet.rows] == ["Phường Đông Sơn", "Xã Đông Khê"]
    assert [unicodedata.normalize("NFC", name) for name in sheet.unknown] == ["Ghi chú"]


def test_other_languages_are_read_too() -> None:
    german = read("a.csv", "code;level;name\n1;cell;Straße Süd\n2;cell;Über Höhe\n".encode("cp1252"), UNITS)
    assert [row.cells["name"] for row in german.rows] == ["Straße Süd", "Über Höhe"]
    polish = read("a.csv", "code;level;name\n1;cell;Łódź Górna\n2;cell;Żółw świętokrzyski\n".encode("cp1250"), UNITS)
    assert polish.rows[0].cells["name"] == "Łódź Górna"


def test_an_encoding_can_be_named() -> None:
    content = joined().encode("utf-16-le")
    assert read("a.csv", content, UNITS, "utf-16").rows[0].cells["code"] == "W1"
    with pytest.raises(Refusal) as refused:
        read("a.csv", "code,level,name\n1,cell,Đ\n".encode("cp1258"), UNITS, "utf-8")
    assert refused.value.code == "imports.encoding"


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Mã đơn vị (*)", "code"),
        ("MA_DON_VI", "code"),
        ("unit-code", "code"),
        ("  Tên   tổ chức ", "name"),
        ("Cấp trên", "parent_code"),
        ("Từ ngày:", "valid_from"),
        ("Ghi chú", ""),
    ],
)
def test_headings_are_known_by_many_names(heading: str, column: str) -> None:
    assert UNITS.named(heading) == column


def test_headings_may_stand_below_a_title_and_rows_keep_their_numbers() -> None:
    text = "Danh sách đơn vị\n\n" + joined() + "\r\n" + "W3,commune,Xã Ba,\r\n"
    sheet = read("a.csv", text.encode(), UNITS)
    assert [row.number for row in sheet.rows] == [4, 5, 7]


def test_a_line_that_names_the_delimiter_is_understood() -> None:
    sheet = read("a.csv", ("sep=;\r\n" + joined(delimiter=";")).encode(), UNITS)
    assert (sheet.delimiter, [row.number for row in sheet.rows]) == (";", [3, 4])


def test_cells_may_hold_delimiters_and_lines_in_quotes() -> None:
    sheet = read("a.csv", b'code,level,name\nW1,cell,"One, two\nthree"\n', UNITS)
    assert sheet.rows[0].cells["name"] == "One, two\nthree"


def test_a_row_with_too_many_cells_is_told_apart() -> None:
    sheet = read("a.csv", b"code,level,name\nW1,cell,One, two\nW2,cell,Two,\nW3,cell\n", UNITS)
    assert [row.fault.code if row.fault else "" for row in sheet.rows] == ["imports.row_too_long", "", ""]
    assert sheet.rows[2].cells["name"] == ""


def book(rows: Sequence[Sequence[object]], *, before: Sequence[Sequence[object]] = ()) -> bytes:
    """An XLSX file; with `before`, a first sheet that is not meant."""
    file = Workbook()
    if before:
        for row in before:
            file.active.append(row)  # type: ignore[union-attr]
        file.create_sheet("Đơn vị")
    for row in rows:
        file.worksheets[-1].append(row)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def test_a_spreadsheet_is_read_with_its_days_and_numbers() -> None:
    rows = [["code", "level", "name", "valid_from"], [14755, "commune", "Phường Hàm Rồng", date(2024, 12, 31)]]
    sheet = read("a.xlsx", book(rows), UNITS)
    assert (sheet.format, sheet.encoding) == ("xlsx", "")
    assert sheet.rows[0].cells == {
        "code": "14755",
        "level": "commune",
        "name": "Phường Hàm Rồng",
        "valid_from": "2024-12-31",
    }


def test_the_sheet_with_the_headings_is_taken() -> None:
    sheet = read("a.xlsx", book(ROWS, before=[["Hướng dẫn"], ["Đọc trước khi điền"]]), UNITS)
    assert len(sheet.rows) == 2


def ods(rows: Sequence[Sequence[str]]) -> bytes:
    """The least that an ODS file can be."""
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    table = f'<table:table table:name="1">{cells}</table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml", f'<?xml version="1.0"?><office:document-content{names}>{body}</office:document-content>'
        )
        manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
        archive.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{manifest}"/>')
    return out.getvalue()


def test_an_open_document_is_read() -> None:
    sheet = read("a.ods", ods(ROWS), UNITS)
    assert (sheet.format, [row.cells["code"] for row in sheet.rows]) == ("ods", ["W1", "W2"])


def zipped(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "imports.empty"),
        (b" \r\n\t\r\n", "imports.empty"),
        (b"\xef\xbb\xbf", "imports.empty"),
        (b"code,level,name\n", "imports.no_rows"),
        (b"code,level,name\n,,\n", "imports.no_rows"),
        (b"code,name\nW1,One\n", "imports.columns_missing"),
        (b"just some words\n", "imports.columns_missing"),
        (b'code,level,name\nW1,cell,"One\nW2,cell,Two\n', "imports.quotes"),
        (b"%PDF-1.7\n\x00\x01\x02\x03\x04" * 40, "imports.not_a_table"),
        (bytes(range(256)) * 20, "imports.not_a_table"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(200)), "imports.not_a_table"),
        (b"PK\x03\x04 cut off", "imports.broken"),
        (zipped(**{"word/document.xml": "<w/>"}), "imports.not_a_table"),
        (zipped(**{"xl/workbook.xml": "<broken"}), "imports.broken"),
        (OLE + b"\x00" * 512 + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 2000, "imports.encrypted"),
        (OLE + b"\x00" * 2000, "imports.broken"),
        (book([]), "imports.columns_missing"),
    ],
)
def test_what_is_no_table_is_said_in_words(content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read("tệp.csv", content, UNITS)
    assert refused.value.code == code
    assert "tệp.csv" in str(refused.value)


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    for path, code in ((tmp_path, "imports.directory"), (tmp_path / "none.csv", "imports.missing")):
        with pytest.raises(Refusal) as refused:
            read_path(path, UNITS)
        assert refused.value.code == code


def test_rows_made_in_the_program_are_a_sheet_too() -> None:
    sheet = sheet_of([{"code": "W1", "level": "cell", "name": "One"}], UNITS)
    assert (list(sheet.columns), sheet.rows[0].number) == (["code", "level", "name"], 2)
    assert not sheet.has("valid_to")


@pytest.mark.parametrize("kind", ["units", "people"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_templates_can_be_read_back(kind: str, ending: str) -> None:
    columns = UNITS if kind == "units" else PEOPLE
    content, _media_type = template_file(kind, ending)
    sheet = read(f"t.{ending}", content, columns)
    assert tuple(sheet.rows[0].cells.values()) == EXAMPLES[kind]
    assert not sheet.unknown
