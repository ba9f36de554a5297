"""Lists of candidates: surplus, nominees from the floor, order of names, style of the paper (ELE-2 to ELE-17). Pure."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from conventus.core.rules import WARNING, Finding, Refusal, raise_all
from conventus.elections.rules.law import BOXES, SINGLE, STRIKE, Kind, Law


def kind_of(law: Law, kind: str) -> Kind:
    """The law of one kind of election; refuses an unknown one."""
    if kind not in law.kinds:
        raise Refusal("elections.kind_unknown", field="body", kind=kind, known=", ".join(law.kinds))
    return law.kinds[kind]


# Surplus -----------------------------------------------------------------------------------------


def prepared_surplus(law: Law, seats: int, on: date) -> tuple[int, int]:
    """Least and most extra names that the convening committee prepares for `seats` ≥ 1 (ELE-10, ELE-12, PER-11).

    The least is rounded up, the most down but never below the least; small bodies have their fixed number.
    """
    if seats <= law.small_body_seats.at(on).value:
        only = law.small_body_surplus.at(on).value
        return only, only
    least = -(-seats * law.surplus_least_percent.at(on).value // 100)
    return least, max(least, seats * law.surplus_most_percent.at(on).value // 100)


def surplus_cap(law: Law, seats: int, on: date) -> int:
    """The most extra names that the congress may allow for `seats` ≥ 1: rounded down, at least one (ELE-10, ELE-12)."""
    if seats <= law.small_body_seats.at(on).value:
        return law.small_body_surplus.at(on).value
    return max(1, seats * law.surplus_cap_percent.at(on).value // 100)


@dataclass(frozen=True)
class ListFacts:
    """A list about to be closed: `names` in all, `prepared` of them by the convening committee (None = all).

    `allowed` says that the congress voted for more extra names than the committee prepares.
    """

    kind: str
    seats: int
    names: tuple[str, ...]
    prepared: int | None = None
    allowed: bool = False


def check_list(law: Law, facts: ListFacts, on: date) -> tuple[Finding, ...]:
    """Refuse a list that cannot be voted on; return the warnings about one that can (ELE-10 to ELE-14).

    For the first ballot only: later ballots take their names from `elected`. Raises a `Refusal` or `Refusals`.
    """
    surplus = kind_of(law, facts.kind).surplus.at(on).value
    raise_all(_form_refusals(facts))
    if surplus == "required":
        raise_all(_surplus_refusals(law, facts, on))
        return tuple(_surplus_warnings(law, facts, on))
    return _few_names(facts)


def _form_refusals(facts: ListFacts) -> Iterator[Refusal]:
    if facts.seats < 1:
        yield Refusal("elections.no_seats", field="seats")
    if not facts.names:
        yield Refusal("elections.no_candidates", field="candidates")
    for name, times in Counter(facts.names).items():
        if times > 1:
            yield Refusal("elections.candidate_twice", field="candidates", name=name)


def _surplus_refusals(law: Law, facts: ListFacts, on: date) -> Iterator[Refusal]:
    surplus, prepared = len(facts.names) - facts.seats, _prepared(facts) - facts.seats
    needed, cap = law.surplus_least_percent.at(on), surplus_cap(law, facts.seats, on)
    least, _ = prepared_surplus(law, facts.seats, on)
    if surplus < 1 and least > 0:
        params: dict[str, Any] = {"candidates": len(facts.names), "seats": facts.seats}
        yield Refusal("elections.no_surplus", article=needed.cite, field="candidates", **params)
    elif prepared < least:
        params = {"surplus": max(prepared, 0), "least": least}
        yield Refusal("elections.prepared_surplus_small", article=needed.cite, field="candidates", **params)
    if surplus > cap:
        article = law.surplus_cap_percent.at(on).cite
        yield Refusal("elections.surplus_over_cap", article=article, field="candidates", surplus=surplus, most=cap)


def _surplus_warnings(law: Law, facts: ListFacts, on: date) -> Iterator[Finding]:
    article = law.surplus_most_percent.at(on).cite
    _, most = prepared_surplus(law, facts.seats, on)
    prepared = _prepared(facts) - facts.seats
    if prepared > most:
        params = {"surplus": prepared, "most": most}
        yield Finding("elections.prepared_surplus_large", WARNING, article, params)
    if len(facts.names) - facts.seats > most and not facts.allowed:
        yield Finding("elections.surplus_needs_decision", WARNING, article, {"most": most})


def _few_names(facts: ListFacts) -> tuple[Finding, ...]:
    if len(facts.names) >= facts.seats:
        return ()
    params = {"candidates": len(facts.names), "seats": facts.seats}
    return (Finding("elections.fewer_names_than_seats", WARNING, None, params),)


def _prepared(facts: ListFacts) -> int:
    return len(facts.names) if facts.prepared is None else facts.prepared


# Who may stand -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Nominee:
    """A person proposed for a list. `source` is `prepared`, `floor` or `self`; `membership` is for the words only.

    `opinion_votes` of `attending` is the opinion ballot that names from the floor need (ELE-8).
    """

    name: str
    source: str
    stands: bool = True
    membership: str = ""
    convening_member: bool = False
    opinion_votes: int | None = None
    attending: int | None = None


def floor_votes_needed(law: Law, attending: int, on: date) -> int:
    """The fewest opinion votes that are more than the pack's share of those attending (ELE-8)."""
    return attending * law.floor_percent.at(on).value // 100 + 1


def passes_floor(law: Law, votes: int, attending: int, on: date) -> bool:
    """Whether a nominee from the floor enters the list: strictly more than the share of those attending (ELE-8)."""
    return votes >= floor_votes_needed(law, attending, on)


def check_nominee(law: Law, nominee: Nominee, on: date) -> None:
    """Refuse a nominee without the right to stand, barred by ELE-5, or without enough support (ELE-8).

    A pack whose share is 0 asks for no opinion ballot: whoever may stand can be proposed from the floor.
    """
    if not nominee.stands:
        name, membership = nominee.name, nominee.membership
        raise Refusal("elections.may_not_stand", field="person", name=name, membership=membership)
    if nominee.source != "prepared":
        _check_from_floor(law, nominee, on)


def _check_from_floor(law: Law, nominee: Nominee, on: date) -> None:
    bound, rule = law.committee_list_binds.at(on), law.floor_percent.at(on)
    if nominee.convening_member and bound.value:
        raise Refusal("elections.off_list_committee_member", article=bound.cite, field="person", name=nominee.name)
    if rule.value == 0:
        return
    if nominee.opinion_votes is None or nominee.attending is None:
        raise Refusal("elections.floor_support_missing", article=rule.cite, field="opinion_votes", name=nominee.name)
    if not passes_floor(law, nominee.opinion_votes, nominee.attending, on):
        raise _low_support(law, nominee, on)


def _low_support(law: Law, nominee: Nominee, on: date) -> Refusal:
    attending = nominee.attending or 0
    params: dict[str, Any] = {"name": nominee.name, "votes": nominee.opinion_votes, "attending": attending}
    needed, article = floor_votes_needed(law, attending, on), law.floor_percent.at(on).cite
    return Refusal("elections.floor_support_low", article=article, field="opinion_votes", needed=needed, **params)


# Order and style ---------------------------------------------------------------------------------

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_SHAPES = {"\u0306", "\u0302", "\u031b"}

SortKey = tuple[object, ...]


@dataclass(frozen=True)
class Name:
    """A candidate as far as the order goes: a key of any kind, the full name (family name first), a block."""

    key: str
    name: str
    block: str = ""


def candidate_order(candidates: Iterable[Name], order: str, blocks: Sequence[str] = ()) -> tuple[Name, ...]:
    """The candidates as they stand on the ballot paper (ELE-15).

    `order` is a key of `ORDERS`; `blocks` gives the order of blocks, and unknown blocks come last by name. Refuses an
    unknown order.
    """
    if order not in ORDERS:
        raise Refusal("elections.order_unknown", field="order", order=order, known=", ".join(ORDERS))
    key = ORDERS[order]
    return tuple(sorted(candidates, key=lambda one: (*key(one, blocks), one.key)))


def _by_given_name(one: Name, blocks: Sequence[str]) -> SortKey:
    words = one.name.split()
    return (_word_keys(words[-1:] + words[:-1]),)


def _by_family_name(one: Name, blocks: Sequence[str]) -> SortKey:
    return (_word_keys(one.name.split()),)


def _by_block(one: Name, blocks: Sequence[str]) -> SortKey:
    place = blocks.index(one.block) if one.block in blocks else len(blocks)
    return (place, _word_keys(one.block.split()), *_by_given_name(one, blocks))


ORDERS: dict[str, Callable[[Name, Sequence[str]], SortKey]] = {
    "given_name_vi": _by_given_name,
    "family_name": _by_family_name,
    "blocks": _by_block,
}


def _word_keys(words: Iterable[str]) -> tuple[SortKey, ...]:
    return tuple(_word_key(word) for word in words)


def _word_key(word: str) -> SortKey:
    """Vietnamese collation of one syllable: letters first (ă after a, đ after d), then the tone, level tone first."""
    letters: list[str] = []
    tones: list[int] = []
    for mark in unicodedata.normalize("NFD", word.casefold()):
        if mark in _TONES:
            tones.append(_TONES[mark])
        elif mark in _SHAPES and letters:
            letters[-1] = unicodedata.normalize("NFC", letters[-1] + mark)
        elif not unicodedata.combining(mark):
            letters.append(mark)
    return tuple(_letter_key(letter) for letter in letters), tuple(tones)


def _letter_key(letter: str) -> tuple[int, str]:
    place = _LETTERS.find(letter)
    return (place if place >= 0 else len(_LETTERS), letter)


def ballot_style(candidates: int, seats: int) -> str:
    """`single` for one name, `strike` for more names than seats (ELE-16), else `boxes` (ELE-17)."""
    if candidates == 1:
        return SINGLE
    return STRIKE if candidates > seats else BOXES
