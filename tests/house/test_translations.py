"""Every word of the interface is translated, with the same figures in it."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.utils import translation

from conventus.core.rules import REFUSALS
from conventus.core.translations import catalogue_file, collect, is_translated, translated_languages
from tests.house.tree import import_everything

PLACE = re.compile(r"%\((\w+)\)[sd]|%%|%[sd]")
LANGUAGES = translated_languages()
import_everything()


def test_vietnamese_is_among_the_languages() -> None:
    assert "vi" in LANGUAGES


def words(language: str) -> dict[tuple[str, object], Message]:
    """The catalogue of the language by context and message."""
    with catalogue_file(language).open("rb") as file:
        return {_key(message): message for message in read_po(file, domain="django") if message.id}


def _key(message: Message) -> tuple[str, object]:
    return message.context or "", message.id


def _forms(text: object) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_holds_what_is_said_and_nothing_else(language: str) -> None:
    said = {_key(message) for message in collect() if message.id}
    kept = set(words(language))
    assert not said - kept, f"run “conventus messages”: {sorted(map(str, said - kept))[:20]}"
    assert not kept - said, f"run “conventus messages”: {sorted(map(str, kept - said))[:20]}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated(language: str) -> None:
    missing = [str(message.id) for message in words(language).values() if not is_translated(message)]
    assert not missing, f"{len(missing)} of {len(words(language))}: {missing[:20]}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_stand_in_the_translation_as_in_the_original(language: str) -> None:
    for message in words(language).values():
        if not is_translated(message):
            continue
        wanted = {place.group() for form in _forms(message.id) for place in PLACE.finditer(form)}
        for form in _forms(message.string):
            places = {place.group() for place in PLACE.finditer(form)}
            assert places <= wanted, f"{message.id!r}: {form!r}"
            # One form for all numbers needs the figure that an English singular may leave out.
            assert places >= {place.group() for place in PLACE.finditer(_forms(message.id)[-1])}, (
                f"{message.id!r}: {form!r}"
            )


def test_each_refusal_is_collected() -> None:
    said = {message.id for message in collect() if isinstance(message.id, str)}
    assert not {code for code, text in REFUSALS.items() if text not in said}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_refusal_has_words_in_each_language(language: str) -> None:
    with translation.override(language):
        same = [code for code, text in REFUSALS.items() if translation.gettext(text) == text]
    assert not same, f"{len(same)} of {len(REFUSALS)}: {same[:20]}"


def test_refusals_are_sentences() -> None:
    assert not {code: text for code, text in REFUSALS.items() if not re.search(r"[.?!]$|%\(\w+\)s$", text)}
