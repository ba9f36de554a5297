"""`conventus messages`: collect the words to translate into the catalogues."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conventus.core import translations


class Command(BaseCommand):
    """Collect the words to translate."""

    help = "Collect what the interface says into conventus/locale; with --check only say what is not translated."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--check`."""
        parser.add_argument("--check", action="store_true", help="write nothing; fail when words are missing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Merge each language and say how many messages still lack a translation."""
        missing = 0
        for language in translations.translated_languages():
            words = translations.merged(language)
            if not options["check"]:
                translations.save(language, words)
            empty = [message for message in words if message.id and not translations.is_translated(message)]
            missing += len(empty)
            self.stdout.write(f"{language}: {len(words)} messages, {len(empty)} not translated")
        if options["check"] and missing:
            raise CommandError(f"{missing} messages are not translated: add the words in conventus/locale.")
