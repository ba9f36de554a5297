"""The spine: import, generation, subtree, action door, minute book, pages, cold start."""

from __future__ import annotations

import csv
import gc
import hashlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conventus.core import packs
from conventus.core.accounts import system_account
from conventus.core.book import verify
from conventus.core.models import Entry, User
from conventus.cycle import actions as cycle
from conventus.cycle.models import Congress
from conventus.directives import actions as directives
from conventus.org import actions as org
from conventus.org.imports.columns import UNITS
from conventus.org.imports.files import read_path
from conventus.org.models import Organisation, Unit

TREE = packs.PACKS / "vn-party-2024" / "data" / "units-2025-01.csv"
Row = tuple[str, str, str, str]
BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {}


def benchmark(work: Callable[[], Iterator[Row]]) -> Callable[[], Iterator[Row]]:
    """Register a benchmark under its function's name."""
    BENCHMARKS[work.__name__] = work
    return work


def run(names: set[str]) -> None:
    """Print one row a figure: what, measured, compared with, ratio."""
    print(f"{connection.vendor}; ratios within one line were timed in the same run\n")
    print(f"{'what':<46}{'measured':>14}  {'compared with':<44}{'ratio':>9}")
    for name, work in BENCHMARKS.items():
        if not names or name in names:
            for what, measured, peer, ratio in work():
                print(f"{what:<46}{measured:>14}  {peer:<44}{ratio:>9}")


@contextmanager
def _undone() -> Iterator[None]:
    """Whatever happens inside is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _seconds(work: Callable[[], Any], repeats: int = 1) -> float:
    """The median time of `work`, in seconds."""
    times = []
    for _ in range(repeats):
        gc.collect()
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _house() -> Organisation:
    system = system_account("bench")
    return org.found_organisation(system, None, key="bench", name="Bench", pack="vn-party-2024", language="vi")


# Import -------------------------------------------------------------------------------------------------------------


@benchmark
def imports() -> Iterator[Row]:
    """The national tree, with rules and reject report, against writing the ready tuples alone."""
    with _undone():
        house, sheet = _house(), read_path(TREE, UNITS)
        seconds = _seconds(lambda: org.import_units(system_account("bench"), house, sheet=sheet))
        rows = list(Unit.objects.filter(organisation=house).values_list())
        floor = _seconds(lambda: _write_again(Unit, rows))
        count = len(rows)
        yield (
            f"import of {count:,} units",
            f"{count / seconds:,.0f} rows/s",
            "executemany of the ready rows",
            f"{floor / seconds:.2f}",
        )


def _write_again(model: Any, rows: list[tuple[Any, ...]]) -> None:
    """Write rows as they are into an empty copy of the table, with its indexes."""
    table, columns = model._meta.db_table, [field.column for field in model._meta.concrete_fields]
    with connection.cursor() as cursor, _undone():
        if connection.vendor == "sqlite":
            cursor.execute(f"CREATE TEMP TABLE copy AS SELECT * FROM {table} WHERE 0")
            cursor.execute(f"CREATE UNIQUE INDEX temp.copy_key ON copy ({columns[0]})")
        else:
            cursor.execute(f"CREATE TEMP TABLE copy (LIKE {table} INCLUDING INDEXES)")
        plain = [tuple(json.dumps(cell) if isinstance(cell, (list, dict)) else cell for cell in row) for row in rows]
        places = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO copy ({', '.join(columns)}) VALUES ({places})", plain)


# Generation ---------------------------------------------------------------------------------------------------------


@benchmark
def generation() -> Iterator[Row]:
    """One congress a unit with its milestones, from the pack, against writing the ready rows alone; at two sizes."""
    for provinces in (6, 63):
        with _undone():
            yield _generated(provinces)


def _generated(provinces: int) -> Row:
    system, house = system_account("bench"), _house()
    whole = org.found_unit(system, None, organisation=house, code="TW", level="centre", name="TW")
    with TREE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kept = {row["code"] for row in [row for row in rows if row["level"] == "province"][:provinces]}
    for level in ("district", "commune"):
        kept |= {row["code"] for row in rows if row["level"] == level and row["parent_code"] in kept}
    from conventus.org.imports.files import sheet_of

    org.import_units(system, whole, sheet=sheet_of([row for row in rows if row["code"] in kept], UNITS))
    act = directives.register_document(
        system, whole, type="CT", number="35", issuer_code="TW", title="35", issued_on=date(2024, 6, 14)
    )
    directives.put_in_force(system, act)
    made = cycle.open_cycle(system, whole, name="bench", term_from=2025, term_to=2030, directive=act)
    with CaptureQueriesContext(connection) as queries:
        seconds = _seconds(lambda: cycle.generate(system, made))
    congresses = list(Congress.objects.values_list())
    floor = _seconds(lambda: _write_again(Congress, congresses))
    what = f"congresses for {len(congresses):,} units, {len(queries):,} queries"
    return what, f"{len(congresses) / seconds:,.0f} /s", "executemany of the ready congresses", f"{floor / seconds:.2f}"


# Tree ---------------------------------------------------------------------------------------------------------------


@benchmark
def subtree() -> Iterator[Row]:
    """A province's subtree by path range, against a recursive query over parents."""
    with _undone():
        house = _house()
        org.import_units(system_account("bench"), house, sheet=read_path(TREE, UNITS))
        unit = Unit.objects.get(organisation=house, code="P38")
        path = _seconds(
            lambda: _count(
                "SELECT count(*) FROM org_unit WHERE path >= %s AND path < %s", [unit.path, unit.path + "~"]
            ),
            25,
        )
        recursive = _seconds(lambda: _count(RECURSIVE, [unit.pk]), 25)
        yield (
            "count a province's subtree by path",
            f"{path * 1000:.2f} ms",
            "recursive query over parents",
            f"{recursive / path:.1f}×",
        )


RECURSIVE = (
    "WITH RECURSIVE below(id) AS (SELECT %s UNION ALL SELECT unit.id FROM org_unit unit "
    "JOIN below ON unit.parent_id = below.id) SELECT count(*) FROM below"
)


def _count(query: str, values: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return int(cursor.fetchone()[0])


# Door and book ------------------------------------------------------------------------------------------------------


@benchmark
def door() -> Iterator[Row]:
    """An action (lock, right, change, line) against the bare update, each in its own transaction."""
    system = system_account("bench")
    house = _house()
    unit = org.found_unit(system, None, organisation=house, code="X", level="centre", name="X")
    fields = {"code": "X", "level": "centre"}
    names = iter(range(10**6))
    action = (
        _seconds(lambda: [org.change_unit(system, unit, name=f"X {next(names)}", **fields) for _ in range(200)]) / 200
    )
    bare = _seconds(lambda: [Unit.objects.filter(pk=unit.pk).update(name=f"Y {next(names)}") for _ in range(200)]) / 200
    yield (
        "one action through the door",
        f"{action * 1000:.2f} ms",
        f"bare UPDATE, committed ({bare * 1000:.2f} ms)",
        f"{action / bare:.1f}×",
    )
    lines = Entry.objects.count()
    checking = _seconds(lambda: list(verify()), 3)
    texts = [json.dumps([entry.before, entry.after, entry.hash]).encode() * 2 for entry in Entry.objects.all()]
    hashing = _seconds(lambda: [hashlib.sha256(text).hexdigest() for text in texts], 3)
    yield (
        f"audit verify, {lines:,} lines",
        f"{lines / checking:,.0f} /s",
        "SHA-256 of as many bytes alone",
        f"{hashing / checking:.3f}",
    )


# Pages --------------------------------------------------------------------------------------------------------------


@benchmark
def pages() -> Iterator[Row]:
    """Each main page of the sample city: queries and time, against a page that does nothing but sign the reader in."""
    from conventus.portal.sample import city
    from conventus.portal.sample.views_of import paths_of

    settings.ALLOWED_HOSTS = ["testserver"]
    if not Organisation.objects.filter(key=city.KEY).exists():
        with transaction.atomic():
            built = _seconds(lambda: city.build("bench-only-password"))
        yield "build the sample city", f"{built:.1f} s", "target 40 s", f"{built / 40:.2f}"
    client = Client()
    client.force_login(
        User.objects.get(username="city.organiser"), "allauth.account.auth_backends.AuthenticationBackend"
    )
    null = _seconds(lambda: client.get("/preferences"), 9)
    shown = {
        "desk": "/",
        "units": "/units/",
        "unit": "unit:D380",
        "register": "/documents/",
        "document": "document:268-KH/TU",
        "progress": "progress:D380",
        "congress": "congress:W14785",
        "calendar": "/congresses/calendar",
    }
    addresses = paths_of(shown.values())
    for name, word in shown.items():
        queries: list[str] = []
        with connection.execute_wrapper(
            lambda execute, sql, *rest, seen=queries: (seen.append(sql), execute(sql, *rest))[1]
        ):
            assert client.get(addresses[word]).status_code == 200, word
        spent = _seconds(lambda word=word: client.get(addresses[word]), 5)  # type: ignore[misc]
        yield (
            f"page: {name}, {len(queries)} queries",
            f"{spent * 1000:.0f} ms",
            f"preferences page ({null * 1000:.0f} ms)",
            f"{spent / null:.1f}×",
        )


@benchmark
def cold_start() -> Iterator[Row]:
    """From the start of Python to the first page, against `django.setup()` alone, each in its own process."""
    setup = "import django; django.setup()"
    page = """
from config.wsgi import application
from django.conf import settings
settings.ALLOWED_HOSTS = ['testserver']
from django.test import Client
assert Client().get('/account/login/').status_code == 200
import sys
print(','.join(sorted({'typst', 'docx', 'openpyxl', 'holidays', 'icalendar'} & set(sys.modules))))
"""
    bare = _seconds(lambda: _python(setup), 3)
    first = _seconds(lambda: _python(page), 3)
    heavy = _python(page) or "none"
    yield "cold start to the first page", f"{first:.2f} s", f"django.setup() ({bare:.2f} s)", f"{first / bare:.1f}×"
    yield "heavy libraries loaded by that page", heavy, "", ""


def _python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout.strip()
