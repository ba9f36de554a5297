"""Units and people as of a day, in the columns of an import: what was exported can be imported elsewhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date

from conventus.org.models import Displaced, Membership
from conventus.org.reads import UnitThen, in_force
from conventus.org.rules import UNIT_COLUMNS

PEOPLE = ("number", "name", "sex", "born", "unit_code", "membership", "valid_from", "valid_to")


def units_csv(units: Sequence[UnitThen]) -> str:
    """The units in the order of the tree; a superior outside of them is not named."""
    codes = {unit.pk: unit.code for unit in units}
    rows = ((u.code, codes.get(u.parent or 0, ""), u.level, u.kind, u.name, u.valid_from, u.valid_to) for u in units)
    return _csv(UNIT_COLUMNS, ([_cell(value) for value in row] for row in rows))


def people_csv(units: Sequence[UnitThen], day: date) -> str:
    """The members of `day` in `units`, by number; an end set by a later reorganisation is none yet on that day."""
    codes = {unit.pk: unit.code for unit in units}
    until = _ends_before_plans()
    names = ("pk", "person__code", "person__name", "person__gender", "person__born", "unit_id", "kind", "valid_from",
             "valid_to", "ended_by__effective")  # fmt: skip
    rows = in_force(Membership.objects.all(), day).order_by("person__code", "pk").values_list(*names)
    return _csv(PEOPLE, _people(rows.iterator(chunk_size=5000), codes, until, day))


def _ends_before_plans() -> dict[int, str]:
    kept = Displaced.objects.filter(table="membership").values_list("key", "before")
    return {key: before["valid_to"] or "" for key, before in kept}


def _people(
    rows: Iterator[tuple[object, ...]], codes: dict[int, str], until: dict[int, str], day: date
) -> Iterator[list[str]]:
    for pk, number, name, sex, born, unit, kind, start, end, planned in rows:
        code = codes.get(unit)  # type: ignore[call-overload]
        if code is not None:
            later = isinstance(planned, date) and planned > day
            shown = until.get(pk, "") if later else _cell(end)  # type: ignore[call-overload]
            yield [_cell(value) for value in (number, name, sex, born, code, kind, start)] + [shown]


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _csv(columns: Sequence[str], rows: Iterator[list[str]] | Iterator[Sequence[str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()
