"""`conventus migrate`: Django's, and the cache table."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.commands.migrate import Command as Migrate


class Command(Migrate):
    """Bring the database to this version."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then make the cache table if it is not there."""
        super().handle(*args, **options)
        call_command("createcachetable", database=options["database"], verbosity=0)
