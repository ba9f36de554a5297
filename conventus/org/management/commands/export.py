"""`conventus export units|people`: the organisation as of a day, in the format of an import."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conventus.core import clock
from conventus.org.exports import people_csv, units_csv
from conventus.org.models import Organisation
from conventus.org.reads import units_on


class Command(BaseCommand):
    """Write units or people as CSV."""

    help = "Write units or people as they stood on a day, in the format that an import takes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What, where to, and as of which day."""
        parser.add_argument("what", choices=["units", "people"])
        parser.add_argument("file", nargs="?", type=Path, help="the file to write; without one, standard output")
        parser.add_argument("--on", type=date.fromisoformat, help="the day (default: today)")
        parser.add_argument("--organisation", default="", help="its key, where there are several")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file."""
        known = {row.key: row for row in Organisation.objects.all()}
        key = options["organisation"] or (next(iter(known)) if len(known) == 1 else "")
        if key not in known:
            raise CommandError(f"Name the organisation: --organisation KEY. There are: {', '.join(known) or '–'}.")
        day = options["on"] or clock.today()
        keys = set(known[key].units.values_list("pk", flat=True))
        units = [unit for unit in units_on(day) if unit.pk in keys]
        text = units_csv(units) if options["what"] == "units" else people_csv(units, day)
        if options["file"]:
            options["file"].write_text(text, encoding="utf-8", newline="")
        else:
            sys.stdout.write(text)
