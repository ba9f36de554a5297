"""How long the evidence of a ballot is kept, and what a passphrase must be to protect it. Pure."""

from __future__ import annotations

import calendar
import unicodedata
from collections.abc import Iterable
from datetime import date

from conventus.core.rules import N_, Citation, Refusal, refusal_texts

refusal_texts(
    "elections",
    {
        "passphrase_short": N_(
            "The passphrase has %(length)s characters; at least %(least)s are needed. Take four or five words."
        ),
        "passphrase_simple": N_("The passphrase repeats too few characters. Take four or five words."),
        "passphrase_known": N_("The passphrase is a name that stands on the ballot or the record. Take other words."),
        "kept_until": N_("The ballots are kept until %(day)s. Until then nobody destroys their evidence."),
    },
)

PASSPHRASE_LEAST = 16
DIFFERENT_LEAST = 8


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def check_passphrase(words: str, known: Iterable[str] = ()) -> str:
    """The passphrase as it is used, in composed letters (NFC) as every keyboard can give them; refuses a weak one."""
    phrase = unicodedata.normalize("NFC", words.strip())
    if len(phrase) < PASSPHRASE_LEAST:
        raise Refusal("elections.passphrase_short", field="passphrase", length=len(phrase), least=PASSPHRASE_LEAST)
    if len(set(phrase.casefold())) < DIFFERENT_LEAST:
        raise Refusal("elections.passphrase_simple", field="passphrase")
    if phrase.casefold() in {one.casefold() for one in known}:
        raise Refusal("elections.passphrase_known", field="passphrase")
    return phrase


def check_kept(until: date, today: date, cite: Citation) -> None:
    """Refuse to destroy what is still to be kept (ELE-35)."""
    if today < until:
        raise Refusal("elections.kept_until", article=cite, day=until)
