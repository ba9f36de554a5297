"""Where the room meets the engine that prints ballots: designs, proofs, print files, the deck of a trial.

The engine's libraries are heavy; they are loaded when something is printed, not with every page.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.elections import rules
from conventus.elections.models import PaperForm
from conventus.elections.record.ballot import HEADS
from engines.omr.spec import LANGUAGES, OmrError, parse_spec

if TYPE_CHECKING:
    from engines.omr.layout import Layout
    from engines.omr.spec import Spec

refusal_texts(
    "elections",
    {
        "form_unprintable": N_(
            "The paper cannot be set: %(reason)s. Take larger paper or standard print, or shorten title or name."
        ),
        "form_outdated": N_(
            "This version sets the paper in another way than when it was designed. Withdraw it and design it anew."
        ),
    },
)

LANGUAGE_NAMES = {code: words.name for code, words in HEADS.items()}

__all__ = [
    "LANGUAGES",
    "LANGUAGE_NAMES",
    "Design",
    "ballots",
    "checked",
    "deck",
    "designed",
    "known_sheets",
    "page_count",
    "picture",
    "practice",
    "proof",
]

PICTURE_DPI = 110
PROOF = {"vi": "BẢN IN THỬ", "en": "PROOF", "de": "PROBEDRUCK", "nl": "PROEFDRUK", "pl": "WYDRUK PRÓBNY"}
"""Stands in the batch's place of a proof, so that a copy of it does not pass for a ballot of a print run."""


@dataclass(frozen=True)
class Design:
    """A form as the engine made it: the layout's text, its fingerprint and the number of its pages."""

    layout: str
    fingerprint: str
    pages: int


def designed(spec: Mapping[str, Any]) -> Design:
    """Set a form once and keep its layout; refuses what cannot be printed."""
    from engines.omr.typeset import print_ballots

    with TemporaryDirectory(prefix="conventus-form-") as folder:
        try:
            layout = print_ballots(_parsed(spec), Path(folder))
        except OmrError as error:
            raise _unprintable(error) from error
        text = (Path(folder) / "layout.json").read_text(encoding="utf-8")
    return Design(text, layout.fingerprint, layout.pages)


def picture(spec: Mapping[str, Any], page: int = 1) -> tuple[bytes, int]:
    """A page of a form that is not kept, as PNG, and how many pages there are."""
    from PIL import Image

    from engines.omr.typeset import render, typeset

    parsed, layout = _placed(spec)
    drawn = render(typeset(parsed, layout), PICTURE_DPI)[min(page, layout.pages) - 1]
    out = io.BytesIO()
    Image.fromarray(drawn).save(out, "PNG", optimize=True)
    return out.getvalue(), layout.pages


def page_count(spec: Mapping[str, Any]) -> int:
    """How many pages a form takes; refuses what cannot be printed."""
    return _placed(spec)[1].pages


def proof(form: PaperForm) -> bytes:
    """One copy as PDF, marked as a proof."""
    return ballots(form, 1, PROOF[form.spec["lang"]])


def ballots(form: PaperForm, copies: int, batch: str) -> bytes:
    """A print file: so many copies that differ in nothing. It says neither when it was made nor by whom."""
    from engines.omr.typeset import repeat, typeset

    spec, layout = checked(form)
    return repeat(typeset(replace(spec, batch=batch), layout), copies)


def deck(form: PaperForm) -> bytes:
    """The marked sheets of a trial as PDF."""
    from engines.omr.deck import print_deck

    return print_deck(*checked(form))


def practice(form: PaperForm, copies: int) -> bytes:
    """Unmarked sheets of a paper for a trial, signed as a test."""
    from engines.omr.deck import print_practice

    return print_practice(*checked(form), copies)


def known_sheets(form: PaperForm) -> list[rules.KnownSheet]:
    """The deck's answer: every sheet with what must be read of it."""
    from engines.omr.deck import deck_of

    return [rules.KnownSheet(one.kind, one.state, one.read) for one in deck_of(_parsed(form.spec))]


def checked(form: PaperForm) -> tuple[Spec, Layout]:
    """Spec and layout of a form; refuses one that this version of the engine would set in another way."""
    spec, layout = _placed(form.spec)
    if layout.fingerprint != form.fingerprint:
        raise Refusal("elections.form_outdated")
    return spec, layout


def _placed(spec: Mapping[str, Any]) -> tuple[Spec, Layout]:
    from engines.omr.geometry import place

    parsed = _parsed(spec)
    try:
        return parsed, place(parsed)
    except OmrError as error:
        raise _unprintable(error) from error


def _parsed(spec: Mapping[str, Any]) -> Spec:
    try:
        return parse_spec(spec)
    except OmrError as error:
        raise _unprintable(error) from error


def _unprintable(error: OmrError) -> Refusal:
    return Refusal("elections.form_unprintable", reason=str(error))
