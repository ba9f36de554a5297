"""The counting board and its record (ELE-2, ELE-31, ELE-33). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from conventus.core.rules import Refusal, raise_all
from conventus.elections.rules.law import Law


@dataclass(frozen=True)
class BoardMember:
    """A proposed member of the counting board. `votes`: official delegate, or member with the right to vote."""

    name: str
    head: bool = False
    candidate: bool = False
    votes: bool = True


def check_board(law: Law, members: Sequence[BoardMember], on: date) -> None:
    """Refuse a board that is too small, has no or several heads, or seats candidates or people without a vote.

    Raises a `Refusal` or `Refusals` (ELE-2, ELE-31).
    """
    raise_all([*_size_refusals(law, members, on), *_member_refusals(members)])


def _size_refusals(law: Law, members: Sequence[BoardMember], on: date) -> Iterator[Refusal]:
    least, heads = law.board_least.at(on), sum(member.head for member in members)
    if len(members) < least.value:
        params = {"count": len(members), "least": least.value}
        yield Refusal("elections.board_too_small", article=least.cite, field="board", **params)
    if heads == 0:
        yield Refusal("elections.board_without_head", field="head")
    elif heads > 1:
        yield Refusal("elections.board_with_heads", field="head", count=heads)


def _member_refusals(members: Sequence[BoardMember]) -> Iterator[Refusal]:
    names = [member.name for member in members]
    for number, member in enumerate(members):
        if member.candidate:
            yield Refusal("elections.board_candidate", field="board", name=member.name)
        if not member.votes:
            yield Refusal("elections.board_without_vote", field="board", name=member.name)
        if member.name in names[:number]:
            yield Refusal("elections.board_twice", field="board", name=member.name)


RECORD_FIELDS = (
    "opened_at",
    "place",
    "congress",
    "board",
    "kind",
    "seats",
    "candidates",
    "base",
    "summoned",
    "present",
    "issued",
    "collected",
    "valid",
    "invalid",
    "votes",
    "percentages",
    "elected",
    "accepted_warnings",
    "closed_at",
    "signatures_board",
    "signatures_presidium",
)
"""Everything a counting record can hold, in the order of the paper (ELE-33)."""


def record_fields(law: Law, on: date) -> tuple[str, ...]:
    """What the record must hold under the pack, in the order of the paper."""
    wanted = law.record.at(on).value
    return tuple(field for field in RECORD_FIELDS if field in wanted)


def record_missing(law: Law, filled: Mapping[str, object], on: date) -> tuple[str, ...]:
    """The fields that the record must hold and that are still empty (None, "" or nothing in them); 0 is filled."""
    return tuple(field for field in record_fields(law, on) if filled.get(field) in (None, "", (), [], {}))


def percentage(votes: int, of: int) -> float:
    """`votes` in per cent of `of`, rounded to two places as records show it; 0 when `of` is 0."""
    return round(votes * 100 / of, 2) if of else 0.0
