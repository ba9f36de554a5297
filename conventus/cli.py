"""The `conventus` program: Django's commands, with the database named on the line and errors without tracebacks."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command on the line. Exit status: 0 done, 1 refused or failed, 2 wrong usage."""
    arguments = _take_database(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        _run(arguments)
    except KeyboardInterrupt:
        sys.exit(130)


def _take_database(arguments: list[str]) -> list[str]:
    """Take `--database PATH|URL` out of the line and put it into `CONVENTUS_DATABASE`."""
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--database":
            address = next(words, "")
        elif word.startswith("--database="):
            address = word.partition("=")[2]
        else:
            rest.append(word)
            continue
        if not address:
            sys.exit("conventus: --database needs a file path or a URL such as postgres://user@host/name")
        os.environ["CONVENTUS_DATABASE"] = address
    return rest


def _run(arguments: list[str]) -> None:
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    from conventus.core.rules import Refusal

    try:
        execute_from_command_line(arguments)
    except Refusal as refusal:
        from conventus.core.words import each

        for one in each(refusal):
            print(f"conventus: {one}", file=sys.stderr)
        sys.exit(1)
    except (DatabaseError, ImproperlyConfigured, OSError, UnicodeError) as fault:
        if "--traceback" in arguments:
            raise
        hint = " Run “conventus migrate” first?" if "no such table" in str(fault) or "does not exist" in str(fault) else ""
        print(f"conventus: {str(fault).strip()}{hint}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
