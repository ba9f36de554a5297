"""The words of an organisation's form, kept as data, and its way of writing numbers and dates."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Generic, TypeVar

from conventus.core.rules import Confidence

from .paper import Footer, Letterhead, Signature

W = TypeVar("W")


class FormError(ValueError):
    """A form file is not fit for use; the text names the file or the word and what is wrong with it."""


@dataclass(frozen=True)
class HeadWords:
    """The letterhead. `symbol` knows `{number}`, `place_date` knows `{place}` and `{date}`."""

    motto: tuple[str, ...]
    divider: str
    symbol: str
    symbol_blank: str
    """Stands where the paper has no number yet, so that one can be written in by hand."""
    place_date: str
    capitals: bool
    """Whether the issuer's lines are set in capitals."""


@dataclass(frozen=True)
class Formats:
    """Patterns in the notation of CLDR; `moment` knows `{time}` and `{date}`."""

    date: str
    date_early: str
    """The pattern for January and February, which Vietnamese papers write with a leading zero."""
    time: str
    moment: str
    stamp: str
    """Time and date in figures, for tables."""
    percent: str


@dataclass(frozen=True)
class General:
    """Words that every paper has. `page` knows `{page}` and `{pages}`."""

    page: str
    draft: str
    number: str
    """Head of the column that counts the rows."""
    sign_hint: str


@dataclass(frozen=True)
class Form(Generic[W]):
    """A form in one language. `confidence` and `note` say how sure we are of its words and where they come from."""

    language: str
    confidence: Confidence
    note: str
    letterhead: HeadWords
    formats: Formats
    general: General
    words: W

    def count(self, number: int) -> str:
        """A whole number in the language's notation."""
        from babel.numbers import format_decimal

        return format_decimal(number, locale=self.language)

    def share(self, part: int, whole: int) -> str:
        """`part` of `whole` as a percentage; a dash when there is no whole. A half is rounded up."""
        from babel.numbers import format_percent

        if not whole:
            return "–"
        ratio = (Decimal(part) / Decimal(whole)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        return format_percent(ratio, format=self.formats.percent, locale=self.language)

    def day(self, day: date) -> str:
        """A date written out."""
        from babel.dates import format_date

        pattern = self.formats.date_early if day.month <= 2 else self.formats.date
        return format_date(day, format=pattern, locale=self.language)

    def moment(self, moment: datetime) -> str:
        """Time and date as they are given; local time is the caller's affair."""
        from babel.dates import format_time

        time = format_time(moment.time(), format=self.formats.time, locale=self.language)
        return fill(self.formats.moment, time=time, date=self.day(moment.date()))

    def stamp(self, moment: datetime) -> str:
        """Time and date in figures."""
        from babel.dates import format_datetime

        return format_datetime(moment.replace(tzinfo=None), format=self.formats.stamp, locale=self.language)

    def head(self, issuer: tuple[str, ...], number: str, place: str, dated: date) -> Letterhead:
        """The letterhead of a paper; lines of the issuer that are empty fall out."""
        words = self.letterhead
        names = tuple(name.upper() if words.capitals else name for name in issuer if name)
        symbol = fill(words.symbol, number=number) if number else words.symbol_blank
        place_date = fill(words.place_date, place=place, date=self.day(dated))
        return Letterhead(names, words.motto, words.divider, symbol, place_date)

    def sign(self, role: str, name: str = "") -> Signature:
        """A place to sign, with this form's hint."""
        return Signature(role, name, self.general.sign_hint)

    def footer(self, text: str) -> Footer:
        """The foot of every page."""
        return Footer(text, self.general.page)


SLOT = re.compile(r"\{(\w+)\}")


def fill(words: str, **values: str) -> str:
    """Put values into `{name}` slots; a value is never read as a template itself."""
    try:
        return SLOT.sub(lambda slot: values[slot[1]], words)
    except KeyError as missing:
        raise FormError(f"“{words}” has a slot {missing} that this paper cannot fill.") from None


def word(words: Mapping[str, W], code: str) -> W:
    """The form's word for a code of the rules."""
    try:
        return words[code]
    except KeyError:
        raise FormError(f"The form has no word for “{code}”; it knows {', '.join(sorted(words))}.") from None


def load_form(path: Path, words: type[W]) -> Form[W]:
    """Read a form file. Missing and unknown keys are refused, so that a misspelt label cannot vanish from a paper."""
    from cattrs import transform_error

    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        form: Form[W] = _structure()(data, Form[words])  # type: ignore[valid-type]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise FormError(f"{path}: {problem}") from problem
    except Exception as problem:
        raise FormError(f"{path}: {'; '.join(transform_error(problem))}") from problem
    return form


def _structure() -> Callable[[Any, Any], Any]:
    """A strict reader: no unknown keys, and no number or truth value turned into words by stealth."""
    from cattrs import Converter

    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook(str, _only(str))
    converter.register_structure_hook(bool, _only(bool))
    converter.register_structure_hook(Confidence, lambda value, _: Confidence(value))
    return converter.structure


def _only(kind: type) -> Callable[[Any, Any], Any]:
    def check(value: Any, _: Any) -> Any:
        if not isinstance(value, kind):
            raise TypeError(f"needs {kind.__name__}, not {value!r}")
        return value

    return check
