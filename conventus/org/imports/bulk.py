"""Many rows of a table changed at once, without an object for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Model


def update_rows(model: type[Model], rows: Sequence[tuple[Mapping[str, Any], int]]) -> None:
    """Write the same columns of many rows in one statement per row, sent together; each row's version rises."""
    if not rows:
        return
    names = list(rows[0][0])
    sets = ", ".join(f"{connection.ops.quote_name(name)} = %s" for name in names)
    table = connection.ops.quote_name(model._meta.db_table)
    statement = f"UPDATE {table} SET {sets}, version = version + 1 WHERE id = %s"  # noqa: S608  (names are ours)
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(*(_stored_value(values[name]) for name in names), pk) for values, pk in rows])


def _stored_value(value: Any) -> Any:
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value


def insert_rows(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write bare rows of the columns `names`, too many to be made objects of."""
    quote = connection.ops.quote_name
    columns, marks = ", ".join(map(quote, names)), ", ".join(["%s"] * len(names))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})"  # noqa: S608  (names are ours)
    with connection.cursor() as cursor:
        cursor.executemany(statement, [[_stored_value(value) for value in row] for row in rows])
