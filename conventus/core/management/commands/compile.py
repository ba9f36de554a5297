"""`conventus compile`: turn the catalogues into what the program reads."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from conventus.core.translations import ROOT, compile_stale


class Command(BaseCommand):
    """Compile the translations."""

    help = "Compile the catalogues of conventus/locale that have changed."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Compile, and name each file written."""
        for path in compile_stale():
            self.stdout.write(f"{path.relative_to(ROOT)} written")
