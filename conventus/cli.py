"""The `conventus` program: Django's commands, with the database named on the line and errors without tracebacks."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from conventus import __version__


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

    if arguments[1:] in (["--version"], ["version"]):
        print(f"conventus {__version__}")
        return
    _load_settings()
    try:
        execute_from_command_line(arguments)
    except Refusal as refusal:
        from conventus.core.words import each

        _fail(*(str(one) for one in each(refusal)))
    except (DatabaseError, ImproperlyConfigured, OSError, UnicodeError) as fault:
        if "--traceback" in arguments:
            raise
        _fail(_said(fault))


def _load_settings() -> None:
    """Read the settings first, so that a bad address is told apart from a fault of the program."""
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    try:
        settings.DATABASES  # noqa: B018
    except (ValueError, ImproperlyConfigured) as fault:
        address = os.environ.get("CONVENTUS_DATABASE", "")
        _fail(f"the database address “{address}” cannot be used: {fault}")


def _said(fault: Exception) -> str:
    from django.conf import settings

    text = str(fault).strip().splitlines()[0] if str(fault).strip() else type(fault).__name__
    if "no such table" in text or "does not exist" in text:
        name = settings.DATABASES["default"]["NAME"]
        return f"the database {name} is not set up for this version ({text}). Run “conventus migrate” first."
    if "unable to open database file" in text:
        return f"cannot open the database {settings.DATABASES['default']['NAME']}: is its folder there, and writable?"
    return text


def _fail(*lines: str) -> NoReturn:
    for line in lines:
        print(f"conventus: {line}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
