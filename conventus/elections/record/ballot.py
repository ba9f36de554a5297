"""What stands at the head of a ballot paper, in the languages in which papers can be printed. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from conventus.core.papers import fill


@dataclass(frozen=True)
class HeadWords:
    """The heading of a ballot and of a paper for a trial, the word for a later round, and the language's own name."""

    name: str
    ballot: str
    trial: str
    again: str


HEADS = {
    "vi": HeadWords("Tiếng Việt", "Phiếu bầu cử: {title}", "Phiếu thử, không dùng để bầu: {title}", "bầu lần {number}"),
    "en": HeadWords("English", "Ballot paper: {title}", "Test paper, not a ballot: {title}", "ballot no. {number}"),
    "de": HeadWords("Deutsch", "Stimmzettel: {title}", "Probe, kein Stimmzettel: {title}", "{number}. Wahlgang"),
    "nl": HeadWords("Nederlands", "Stembiljet: {title}", "Proef, geen stembiljet: {title}", "stemming {number}"),
    "pl": HeadWords(
        "Polski", "Karta do głosowania: {title}", "Próba, nie karta do głosowania: {title}", "głosowanie nr {number}"
    ),
}


def heading(language: str, title: str, *, trial: bool) -> str:
    """The title line of the paper."""
    words = HEADS[language]
    return fill(words.trial if trial else words.ballot, title=title)


def below_heading(language: str, unit: str, congress: str, number: int) -> str:
    """The line under the title: whose congress, which, and the round when it is not the first."""
    again = fill(HEADS[language].again, number=str(number)) if number > 1 else ""
    return " · ".join(part for part in (unit, congress, again) if part)
