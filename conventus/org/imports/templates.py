"""Empty import files to fill in: the headings and one example row."""

from __future__ import annotations

import csv
import io

from conventus.org.imports.columns import KINDS

EXAMPLES = {
    "units": ("X-001", "", "cell", "chi bộ", "Chi bộ Mẫu 1", "2020-01-01", ""),
    "people": (
        "M-0001", "Nguyễn Thị Mẫu", "f", "1980-05-17", "X-001", "official", "2010-02-03", "",
        "secretary", "2020-06-01", "", "", "2009-02-03", "2010-02-03", "",
    ),
}  # fmt: skip
"""An invented row; who fills in the file writes over it."""

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def template_file(kind: str, ending: str) -> tuple[bytes, str]:
    """The template's bytes and media type; dates stay text, so that no spreadsheet turns them round."""
    rows = [list(KINDS[kind].names), list(EXAMPLES[kind])]
    return (_csv(rows), "text/csv; charset=utf-8") if ending == "csv" else (_xlsx(kind, rows), _XLSX)


def _csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return ("\ufeff" + out.getvalue()).encode()


def _xlsx(kind: str, rows: list[list[str]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = kind
    for row in rows:
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for place in range(1, len(rows[0]) + 1):
        sheet.column_dimensions[get_column_letter(place)].width = 22
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
