"""`conventus audit verify`: walk the minute book and name the first line that does not hold."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conventus.core.book import Fault, verify
from conventus.core.models import BookHead
from conventus.core.terminal import bar


class Command(BaseCommand):
    """Check the minute book."""

    help = "Check the minute book: every line's hash, the chain between lines, and the end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`verify`, and `--json` for machines."""
        parser.add_argument("what", choices=["verify"])
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 0 when every line holds, 1 and the first broken line otherwise."""
        head = BookHead.objects.first() or BookHead()
        checked, fault = 0, None
        with bar("Lines", head.seq, show=not options["json"]) as step:
            for found in verify():
                if isinstance(found, Fault):
                    fault = found
                else:
                    checked += 1
                    step(checked, head.seq)
        result = {"ok": fault is None, "lines": checked, "head": head.hash}
        if fault:
            result |= {"first_broken": fault.seq, "what": fault.what}
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
        elif not fault:
            self.stdout.write(f"{checked} lines hold. Head: {head.hash or '–'}")
        if fault:
            raise CommandError(f"line {fault.seq}: {fault.what}", returncode=1)
