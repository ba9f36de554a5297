"""What a bundle says. The fields are the names in its JSON files (docs/verify.md); nothing bears a time but the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Figures = Mapping[str, Any]
"""A count: `collected`, `valid`, `invalid`, `votes` and `against` by candidate."""


@dataclass(frozen=True)
class Name:
    """A name on the paper, by the key that marks and figures use."""

    id: str
    name: str


@dataclass(frozen=True)
class Election:
    """The ballot that was counted."""

    ballot: str
    unit: str
    contest: str
    round: int
    kind: str
    style: str
    seats: int
    attempt: int
    """The counting that was agreed; scans and entries of earlier ones are kept, but do not count."""
    adjudicators: int
    """So many members had to agree about a sheet in doubt."""
    declared: str
    """When, in UTC: the only time outside of the log."""
    candidates: tuple[Name, ...]


@dataclass(frozen=True)
class Member:
    """Who is behind a pseudonym (`m1`): the account by which the log names them, and the name."""

    id: str
    account: int
    name: str


@dataclass(frozen=True)
class Doubt:
    """Why the reader asked, and about whom; None: about the sheet."""

    candidate: str | None
    reason: str


@dataclass(frozen=True)
class Picture:
    """A page of a sheet: its picture in the bundle ("" when none could be kept), and which page of the form it is."""

    file: str
    page: int


@dataclass(frozen=True)
class Verdict:
    """What one member said of a sheet; `seal` is SHA-256 over the salt and `sealed`, and stands in the log."""

    by: str
    ruling: str
    ground: str
    marks: Mapping[str, str]
    note: str
    sealed: Mapping[str, Any]
    salt: str
    seal: str


@dataclass(frozen=True)
class Ruling:
    """What a sheet counts for, and `how`: `read` (clear, nobody needed to look) or `agreed` by members."""

    how: str
    ruling: str
    ground: str
    marks: Mapping[str, str]


@dataclass(frozen=True)
class Scan:
    """One scanned ballot. `sheet` is made of its pixels' hash and its stack, so that order in the box is not kept."""

    sheet: str
    stack: str
    layout: str
    state: str
    marks: Mapping[str, str]
    doubts: tuple[Doubt, ...]
    pages: tuple[Picture, ...]
    verdicts: tuple[Verdict, ...]
    standing: Ruling | None
    """None for a sheet of a stack that does not count and that nobody ruled on."""


@dataclass(frozen=True)
class Entry:
    """A count by one path, with the salt behind its seal; `choices` say how a resolution settled each difference."""

    attempt: int
    slot: str
    method: str
    by: str
    figures: Figures
    salt: str
    seal: str
    choices: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class Remark:
    """A warning accepted (`code`), or why a count was repeated (`code` is its number)."""

    code: str
    reason: str
    by: str


@dataclass(frozen=True)
class Counted:
    """The declared figures of one name."""

    id: str
    votes: int
    against: int | None
    elected: bool
    alternate: bool
    tied: bool


@dataclass(frozen=True)
class Result:
    """What was declared; `needed` is None where the highest numbers decide."""

    base: int | None
    needed: int | None
    names: tuple[Counted, ...]


@dataclass(frozen=True)
class Totals:
    """Every count of the ballot and what was declared."""

    paths: tuple[str, ...]
    entries: tuple[Entry, ...]
    agreed: Figures
    accepted: tuple[Remark, ...]
    repeats: tuple[Remark, ...]
    result: Result


@dataclass(frozen=True)
class HandCount:
    """A stack counted again by hand."""

    by: str
    figures: Figures
    reason: str
    salt: str
    seal: str


@dataclass(frozen=True)
class Stack:
    """A stack of scans: `id` is "attempt/number" with the form it was printed from; void ones say why."""

    id: str
    label: str
    counts: bool
    expected: int | None
    pages: int
    sheets: int
    void: str
    hand_counts: tuple[HandCount, ...] = ()


@dataclass(frozen=True)
class Stock:
    """Paper: what was printed and what became of it. None = not known."""

    printed: int | None
    issued: int | None
    spoilt: int | None
    unused: int | None
    collected: int | None
    valid: int | None
    invalid: int | None
    explained: tuple[str, ...]
    """Equations that did not close and whose gap the head accepted with a reason: `printed`, `collected`."""
    stacks: tuple[Stack, ...]


@dataclass(frozen=True)
class Draw:
    """One paper of a sample audit as the board read it; `seal` is SHA-256 over the salt, the ruling and the names."""

    number: int
    ruling: str
    chosen: tuple[str, ...]
    by: str
    salt: str
    seal: str


@dataclass(frozen=True)
class Audit:
    """A sample audit: how it was drawn, what it had to show, how sure that became."""

    attempt: int
    method: str
    risk_percent: int
    seed: str
    stacks: tuple[Any, ...]
    round_size: int
    statements: tuple[Any, ...]
    measured: tuple[Any, ...]
    state: str
    reason: str
    draws: tuple[Draw, ...]


@dataclass(frozen=True)
class Line:
    """A line of the minute book: its content where it is about this ballot, else its place in the chain alone."""

    seq: int
    prev: str
    hash: str
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class EvidenceFacts:
    """All that goes into a bundle: `layouts` are texts by short fingerprint, `pictures` are files with their hash."""

    election: Election
    layouts: Mapping[str, str]
    people: tuple[Member, ...]
    sheets: tuple[Scan, ...]
    totals: Totals
    stock: Stock
    log: tuple[Line, ...]
    pictures: Mapping[str, tuple[Path, str]]
    audits: tuple[Audit, ...] = ()
