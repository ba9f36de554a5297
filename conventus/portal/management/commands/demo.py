"""`conventus demo`: build a sample, print its log-ins, show it in the browser."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.core.terminal import bar
from conventus.cycle.models import Congress
from conventus.elections.models import Candidate, Contest
from conventus.org.models import Organisation, Person, Unit

refusal_texts(
    "demo",
    {"occupied": N_("This database holds “%(name)s” already. Name another one with --database, or delete it first.")},
)


class Command(BaseCommand):
    """Build the sample city and serve it."""

    help = "Build a sample (city or association) in the database and serve it on http://127.0.0.1:8000."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--sample`, `--no-serve`, `--json`, `--password`, `--port`."""
        parser.add_argument("--sample", choices=["city", "association"], default="city")
        parser.add_argument("--no-serve", action="store_true", help="only build the data")
        parser.add_argument("--json", action="store_true", help="print a summary of the data as JSON")
        parser.add_argument("--password", default="", help="password of the sample accounts (default: drawn at random)")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        """Build unless it stands already, print what there is, serve."""
        call_command("migrate", verbosity=0)
        started, kept = time.monotonic(), _kept(options["sample"])
        if kept is None:
            kept = self._build(options["sample"], options["password"] or secrets.token_urlsafe(9), options["json"])
        summary = summary_of(options["sample"]) | {"seconds": round(time.monotonic() - started, 1)}
        if options["json"]:
            self.stdout.write(json.dumps(summary, ensure_ascii=False))
        else:
            self._tell(summary, kept)
        if not options["no_serve"]:
            # The server replaces this process, so that the memory of building goes.
            os.environ.setdefault("CONVENTUS_TODAY", summary["today"])
            self.stdout.flush()
            command = [sys.executable, "-m", "conventus.cli", "runserver", "--port", str(options["port"])]
            os.execv(sys.executable, command)  # noqa: S606  (the command is ours)

    def _build(self, sample: str, password: str, quiet: bool) -> dict[str, Any]:
        if existing := Organisation.objects.first():
            raise Refusal("demo.occupied", name=existing.name)
        module = _sample(sample)
        with bar("Building the sample", module.STEPS, show=not quiet) as step, transaction.atomic():
            module.build(password, step)
        kept = {"password": password, "today": module.TODAY.isoformat()}
        path = _path(sample)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(kept))
        return kept

    def _tell(self, summary: dict[str, Any], kept: dict[str, Any]) -> None:
        self.stdout.write(f"\n{summary['organisation']}, {summary['today']}: ", ending="")
        counts = ", ".join(f"{count} × {level}" for level, count in summary["units"].items())
        self.stdout.write(f"{counts}; {summary['people']} people; built in {summary['seconds']} s.")
        self.stdout.write(f"\nLog-ins (password of all: {kept['password']})\n")
        for name, full_name, code, roles in _sample(summary["sample"]).ACCOUNTS:
            self.stdout.write(f"  {name:<22} {full_name:<24} {', '.join(roles)} @ {code}")
        self.stdout.write("")


def _sample(name: str) -> Any:
    from importlib import import_module

    return import_module(f"conventus.portal.sample.{name}")


def _path(sample: str) -> Path:
    database = hashlib.sha256(str(settings.DATABASES["default"]["NAME"]).encode()).hexdigest()[:8]
    return Path(settings.VAR) / f"demo-{sample}-{database}.json"


def _kept(sample: str) -> dict[str, Any] | None:
    """The password and day of a sample that stands in this database already."""
    key = _sample(sample).KEY
    if not Organisation.objects.filter(key=key).exists() or not _path(sample).exists():
        return None
    kept: dict[str, Any] = json.loads(_path(sample).read_text())
    return kept


def summary_of(sample: str) -> dict[str, Any]:
    """What the sample holds: units by level, people, congresses by state and level, contests, elected."""
    house = Organisation.objects.get(key=_sample(sample).KEY)
    units = Counter(Unit.objects.filter(organisation=house).values_list("level", flat=True).order_by("path"))
    congresses = Congress.objects.filter(unit__organisation=house)
    contests = Contest.objects.filter(congress__unit__organisation=house)
    elected = Candidate.objects.filter(contest__in=contests, elected=True)
    return {
        "sample": sample,
        "organisation": house.name,
        "pack": house.rules.pin,
        "today": _sample(sample).TODAY.isoformat(),
        "units": dict(units),
        "people": Person.objects.filter(organisation=house).count(),
        "congresses": dict(Counter(congresses.values_list("state", flat=True).order_by("state"))),
        "congresses_by_level": _by_level(congresses),
        "pilots": congresses.filter(pilot=True).count(),
        "contests": dict(Counter(contests.values_list("state", flat=True).order_by("state"))),
        "elected": elected.count(),
    }


def _by_level(congresses: Any) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for level, state in congresses.values_list("unit__level", "state"):
        states = found.setdefault(level, {})
        states[state] = states.get(state, 0) + 1
    return found
