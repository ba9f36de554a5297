"""`python -m benchmarks [NAME …]`: run all, or those named, on a database of their own, and print a table."""

from __future__ import annotations

import os
import sys
import tempfile


def main() -> None:
    """Set Django up on a throw-away SQLite file (or `CONVENTUS_DATABASE`), then run."""
    with tempfile.TemporaryDirectory(prefix="conventus-bench-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "CONVENTUS_VAR": folder,
            "CONVENTUS_TODAY": "2025-02-25",
        }
        os.environ.setdefault("CONVENTUS_DATABASE", f"{folder}/bench.sqlite3")
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        from benchmarks import omr_speed, organisation, scan, spine  # noqa: F401

        spine.BENCHMARKS |= {"ballots": omr_speed.compared, "scan": scan.compressed}
        spine.run(set(sys.argv[1:]))


main()
