"""What an import found: counts, examples and every rejected row, for the page, the command line and machines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.core.words import each, refusal_words
from conventus.org.imports.files import Row, Sheet

refusal_texts(
    "org",
    {
        "rows_rejected": N_("%(rejected)s of %(rows)s rows are wrong, nothing was imported. Correct or omit them."),
        "nothing_left": N_("All %(rows)s rows are wrong, so nothing was imported. Correct them and try again."),
    },
)

EXAMPLES = 50
"""How many new and changed rows a report shows."""


@dataclass(frozen=True)
class Reject:
    """One reason why a row is left out: the row's number in the file, the column, the cell and the rule."""

    row: Row
    column: str
    refusal: Refusal

    @property
    def value(self) -> str:
        """The cell as it stood."""
        return self.row.cells.get(self.column, "")

    @property
    def reason(self) -> str:
        """The rule in the reader's language, with its clause."""
        words = refusal_words(self.refusal)
        return f"{words} [{self.refusal.article}]" if self.refusal.article else words


def rejects_of(row: Row, refusal: Refusal) -> list[Reject]:
    """Each point of a refusal as a reject of its own."""
    return [Reject(row, one.field, one) for one in each(refusal)]


@dataclass(frozen=True)
class Shown:
    """A new or changed row as the report shows it: where, which, and what changes (column, old, new)."""

    number: int
    code: str
    name: str
    changes: tuple[tuple[str, str, str], ...] = ()


@dataclass
class Report:
    """The outcome of judging a file; `written` once it is stored."""

    sheet: Sheet
    kind: str
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejects: list[Reject] = field(default_factory=list)
    examples_new: list[Shown] = field(default_factory=list)
    examples_changed: list[Shown] = field(default_factory=list)
    written: bool = False

    @property
    def rows(self) -> int:
        """How many rows the file has."""
        return len(self.sheet.rows)

    @property
    def rejected(self) -> int:
        """How many rows are left out; a row may have several reasons."""
        return len({reject.row.number for reject in self.rejects})

    @property
    def fits(self) -> bool:
        """Whether every row can be imported."""
        return not self.rejects

    def add_new(self, shown: Shown) -> None:
        """Count a new row."""
        self.new += 1
        if len(self.examples_new) < EXAMPLES:
            self.examples_new.append(shown)

    def add_changed(self, shown: Shown) -> None:
        """Count a changed row."""
        self.changed += 1
        if len(self.examples_changed) < EXAMPLES:
            self.examples_changed.append(shown)

    def check(self, *, skip_bad: bool) -> None:
        """Refuse to write while rows are wrong, unless they are to be left out."""
        if self.rejects and (not skip_bad or self.rejected == self.rows):
            code = "org.nothing_left" if skip_bad else "org.rows_rejected"
            raise ImportRefused(self, code)

    def counts(self) -> dict[str, int]:
        """The figures for the minute book."""
        return {
            "rows": self.rows,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
        }

    def as_json(self, limit: int | None = None) -> dict[str, Any]:
        """The report for machines; `limit` cuts the list of rejects."""
        sheet = self.sheet
        return {
            "kind": self.kind,
            "file": sheet.name,
            "sha256": sheet.sha256,
            "format": sheet.format,
            "encoding": sheet.encoding,
            "delimiter": sheet.delimiter,
            "columns": dict(sheet.columns),
            "unknown_columns": list(sheet.unknown),
            **self.counts(),
            "written": self.written,
            "rejects": [_reject_json(reject) for reject in self.rejects[:limit]],
        }


def _reject_json(reject: Reject) -> dict[str, Any]:
    return {
        "row": reject.row.number,
        "column": reject.column,
        "value": reject.value,
        "code": reject.refusal.code,
        "reason": reject.reason,
    }


class ImportRefused(Refusal):
    """Nothing was written, because rows are wrong; carries the report."""

    def __init__(self, report: Report, code: str) -> None:
        super().__init__(code, rejected=report.rejected, rows=report.rows)
        self.report = report


def rejects_csv(report: Report) -> str:
    """The rejected rows as they stood, with the row's number and the reasons: to be corrected and fed back.

    It begins with a byte-order mark, so that spreadsheets read it as UTF-8.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["row", "reason", *report.sheet.headings])
    for row, reasons in _by_row(report.rejects):
        cells = [*row.raw, *[""] * (len(report.sheet.headings) - len(row.raw))]
        writer.writerow([row.number, " ".join(reasons), *cells])
    return "\ufeff" + out.getvalue()


def _by_row(rejects: Sequence[Reject]) -> Iterator[tuple[Row, list[str]]]:
    reasons: dict[int, tuple[Row, list[str]]] = {}
    for reject in sorted(rejects, key=lambda one: one.row.number):
        reasons.setdefault(reject.row.number, (reject.row, []))[1].append(reject.reason)
    yield from reasons.values()
