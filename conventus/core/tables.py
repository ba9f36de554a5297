"""What every table shares: pages, exports without formulas, badges."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django_tables2 as tables
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django_tables2.export import TableExport

from conventus.core.templatetags.ui import state

PER_PAGE = (25, 50, 100)
EXPORTS = ("xlsx", "csv")
NOWRAP = {"td": {"class": "nowrap"}}
NUMBER = {"td": {"class": "num"}, "th": {"class": "num"}}


def badge(name: str, label: Any) -> str:
    """A state as it looks everywhere."""
    return render_to_string("core/components/badge.html", state(name, label, small=True))


def answered(request: HttpRequest, table: tables.Table, name: str) -> HttpResponse | None:
    """The table as a file when the address asks for one (`_export=xlsx`); otherwise lay out the page it asks for.

    A table may have `rows_per_page`, and `look_up`, which is given the rows that are shown or filed.
    """
    table.order_by = request.GET.getlist(table.prefixed_order_by_field) or table.order_by
    kind = request.GET.get("_export", "")
    if kind in EXPORTS:
        _look_up(table, table.rows)
        file: HttpResponse = SafeExport(kind, table).response(f"{name}.{kind}")
        return file
    wanted = request.GET.get(table.prefixed_per_page_field, "")
    usual = getattr(table, "rows_per_page", PER_PAGE[0])
    table.paginate(per_page=int(wanted) if wanted.isdigit() and int(wanted) in PER_PAGE else usual)
    # A wrong number shows the nearest page, as when rows have gone meanwhile.
    table.page = table.paginator.get_page(request.GET.get(table.prefixed_page_field))
    _look_up(table, table.paginated_rows)
    return None


def _look_up(table: tables.Table, rows: Iterable[Any]) -> None:
    if look_up := getattr(table, "look_up", None):
        look_up([row.record for row in rows])


class SafeExport(TableExport):  # type: ignore[misc]
    """An export whose texts no spreadsheet takes for formulas."""

    def table_to_dataset(self, table: tables.Table, *args: Any) -> Any:
        """The rows, made harmless."""
        dataset = super().table_to_dataset(table, *args)
        rows = [tuple(_harmless(cell) for cell in row) for row in dataset]
        del dataset[:]
        dataset.extend(rows)
        return dataset

    def export(self) -> Any:
        """The file; CSV says that it is UTF-8, or spreadsheets misread Vietnamese."""
        content = super().export()
        return "\ufeff" + content if self.format == self.CSV else content


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
