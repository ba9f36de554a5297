"""`conventus worker`: run the jobs of the queue."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from conventus.core import jobs


class Command(BaseCommand):
    """Run the jobs."""

    help = "Run the jobs that people have asked for, one at a time, until Ctrl-C or SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--batch` for schedules; `--job` is how the worker hands a job over to a process of its own."""
        parser.add_argument("--batch", action="store_true", help="end when nothing is left to do")
        parser.add_argument("--job", type=int, metavar="NUMBER", help="do only this job, which the worker has begun")

    def handle(self, *args: Any, **options: Any) -> None:
        """Settle what a killed worker has left behind, then work."""
        if options["job"]:
            jobs.run_apart(options["job"])
            return
        jobs.settle_interrupted()
        choices = {"interval": 0.5, "startup_delay": False, "reload": False, "batch": options["batch"]}
        call_command("db_worker", verbosity=options["verbosity"], **choices)
