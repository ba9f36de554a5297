"""The shape of `counting_record.<lang>.toml`: every label and sentence of a counting record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from conventus.core.papers import Form, load_form


@dataclass(frozen=True)
class Sections:
    """Headings, in the order of the paper."""

    sitting: str
    board: str
    contest: str
    base: str
    ballots: str
    votes: str
    elected: str
    entries: str
    scan: str
    warnings: str
    remarks: str


@dataclass(frozen=True)
class Labels:
    """Names of single facts."""

    assembly: str
    began: str
    ended: str
    hall: str
    attended: str
    contest: str
    round: str
    style: str
    seats: str
    listed: str
    base: str
    printed: str
    issued: str
    spoilt: str
    unused: str
    collected: str
    missing: str
    valid: str
    invalid: str
    scanned: str
    unseen: str
    ruled: str


@dataclass(frozen=True)
class Columns:
    """Heads of columns."""

    name: str
    office: str
    votes: str
    share: str
    outcome: str
    step: str
    by: str
    at: str
    note: str
    code: str
    warning: str
    reason: str
    ruling: str
    ballots: str
    members: str


@dataclass(frozen=True)
class Sentences:
    """Whole sentences with slots."""

    opening: str
    needed: str
    highest: str
    clause: str
    share: str
    elected: str
    short: str
    nobody: str
    equal: str
    resolved: str
    equal_scan: str
    resolved_scan: str
    stacks: str
    doubts: str
    counterfeits: str
    no_warnings: str
    closing: str
    closing_blank: str


@dataclass(frozen=True)
class Offices:
    """What stands over the places to sign."""

    presidium: str
    head: str
    member: str


@dataclass(frozen=True)
class RecordWords:
    """The words of `counting_record.<lang>.toml`."""

    title: str
    subtitle: str
    footer: str
    is_elected: str
    not_elected: str
    members_sign: bool
    """Whether every member of the board signs, or its head for all."""
    shares_over: Literal["base", "valid"]
    """Whether shares are taken over the base or over the valid ballots."""
    numerals: tuple[str, ...]
    """How the sections are numbered."""
    sections: Sections
    labels: Labels
    columns: Columns
    sentences: Sentences
    sign: Offices
    rounds: Mapping[str, str]
    styles: Mapping[str, str]
    offices: Mapping[str, str]
    base: Mapping[str, str]
    steps: Mapping[str, str]
    methods: Mapping[str, str]
    """How a count was made."""
    rulings: Mapping[str, str]
    """What members ruled: `valid`, the grounds of an invalid ballot, the reasons why a sheet is none."""


RecordForm: TypeAlias = Form[RecordWords]


def load_record_form(path: Path) -> RecordForm:
    """Read `counting_record.<lang>.toml` of a pack."""
    return load_form(path, RecordWords)
