"""`conventus sample_scans`: marked ballots as a scanner would deliver them, for trying the count without paper."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conventus.elections.models import Ballot
from conventus.portal.sample.scans import write_scans


class Command(BaseCommand):
    """Write simulated scans of a ballot's paper."""

    help = "Write simulated scans of a ballot's paper into a folder: most are clear, some are for people to judge."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which ballot, how many, where to."""
        parser.add_argument("ballot", type=int, metavar="NUMBER", help="the ballot (see its address)")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder for the scans")
        parser.add_argument("--count", type=int, default=40, metavar="N", help="how many ballots (default: 40)")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="another number, other ballots")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 1 when there is no such ballot or no paper of it."""
        ballot = Ballot.objects.filter(pk=options["ballot"]).first()
        if ballot is None:
            raise CommandError(f"there is no ballot {options['ballot']}")
        form = ballot.forms.filter(withdrawn="").first()
        if form is None:
            raise CommandError(f"no paper of ballot {ballot.pk} is designed yet; its page has a button for that")
        if options["count"] < 1:
            raise CommandError("--count must be at least 1")
        made = write_scans(form, options["count"], options["out"], options["seed"])
        self.stdout.write(f"{made} pages of {options['count']} ballots in {options['out']}")
