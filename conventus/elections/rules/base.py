"""Who counts: the base, and the votes that a majority needs (ELE-23 to ELE-25). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from conventus.core.rules import Citation, Refusal, raise_all
from conventus.elections.rules.law import BaseLine, Law


@dataclass(frozen=True)
class Line:
    """One line of a base: `number` ≥ 0, counted with `sign` (1, -1, or 0 = only shown)."""

    code: str
    label: str
    sign: int
    number: int


@dataclass(frozen=True)
class Base:
    """The voters over whom a majority is taken, line by line."""

    lines: tuple[Line, ...]
    total: int
    article: Citation


def base_body(voters: str, form: str) -> str:
    """The key of the base: a congress follows its form (`members`, `delegates`), another body its own key."""
    return form if voters == "congress" else voters


def base_lines(law: Law, body: str, on: date) -> tuple[BaseLine, ...]:
    """The lines that the base of `body` is made of; refuses an unknown body."""
    if body not in law.bases:
        raise Refusal("elections.base_unknown", body=body, known=", ".join(law.bases))
    return law.bases[body].at(on).value


def base_of(law: Law, body: str, figures: Mapping[str, int | None], on: date) -> Base:
    """The base of a `members` or `delegates` congress, or of another body, from `figures` by line code.

    Every figure is a number ≥ 0; the lines add up to `total` ≥ 1. Raises a `Refusal` or `Refusals` with the line's
    code as field: missing, negative or unknown figures, or nobody left (ELE-23, ELE-24).
    """
    lines = base_lines(law, body, on)
    raise_all(_figure_refusals(lines, figures))
    counted = tuple(Line(one.code, one.label, one.sign, figures[one.code] or 0) for one in lines)
    total, article = sum(line.sign * line.number for line in counted), law.bases[body].at(on).cite
    if total < 1:
        raise Refusal("elections.base_empty", article=article, field=lines[0].code, total=total)
    return Base(counted, total, article)


def _figure_refusals(lines: tuple[BaseLine, ...], figures: Mapping[str, int | None]) -> Iterator[Refusal]:
    known = {line.code: line.label for line in lines}
    for code, label in known.items():
        number = figures.get(code)
        if number is None:
            yield Refusal("elections.base_figure_missing", field=code, label=label)
        elif number < 0:
            yield Refusal("elections.base_figure_negative", field=code, label=label, number=number)
    for code in figures:
        if code not in known:
            yield Refusal("elections.base_figure_unknown", field=code, figure=code)


MAJORITIES: dict[str, Callable[[int, int], int]] = {
    "over_half_of_base": lambda base, valid: base // 2 + 1,
    "over_half_of_valid": lambda base, valid: valid // 2 + 1,
    "relative": lambda base, valid: 1,
}
"""The fewest votes that win, by name, from the base and the number of valid ballots."""


def needed_votes(majority: str, base: int, valid: int = 0) -> int:
    """The fewest votes that reach `majority`, a key of `MAJORITIES`; refuses an unknown one."""
    if majority not in MAJORITIES:
        raise Refusal("elections.majority_unknown", majority=majority, known=", ".join(MAJORITIES))
    return MAJORITIES[majority](base, valid)
