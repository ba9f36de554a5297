"""Six scanned ballots as rows alone: what is tried with them begins where a stack has been taken in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse

from conventus.elections import actions, reads, rules
from conventus.elections.models import Adjudication, Ballot, PaperForm, ScanBatch, Sheet

from .conftest import World
from .scans import MIXED, ballot_to_scan, form_for

LETTERS = {"1": "chosen", "0": "rejected", "b": "both", "-": "none", "?": "doubt"}
CLEAR, UNCLEAR, TOO_MANY = MIXED[:4], "11?0", "1111"


@dataclass
class Box:
    """A ballot whose six papers are scanned: four clear ones, one with an unclear mark, one that chooses too many."""

    world: World
    ballot: Ballot
    form: PaperForm
    sheets: dict[str, Sheet]

    @property
    def names(self) -> list[str]:
        """The candidates' keys in the order of the paper."""
        return [str(one.pk) for one in self.ballot.names()]

    def marks(self, letters: str) -> dict[str, str]:
        """Marks by candidate."""
        return dict(zip(self.names, (LETTERS[one] for one in letters), strict=True))

    def rule(self, who: str, sheet: str, letters: str = "", **how: Any) -> Adjudication:
        """Rule on a sheet: valid with these marks, or as said."""
        said = {"ruling": "valid", "marks": self.marks(letters)} if letters else how
        return actions.adjudicate(self.world.people[who], Sheet.objects.get(pk=self.sheets[sheet].pk), **said)

    def now(self) -> Ballot:
        """The ballot as it is."""
        self.ballot.refresh_from_db()
        return self.ballot

    def standing(self, sheet: str) -> rules.Verdict | None:
        """What a sheet counts for."""
        return self.judged(sheet).standing

    def judged(self, sheet: str) -> reads.Judged:
        """A sheet with what is said of it."""
        return next(one for one in reads.judged_sheets(self.ballot) if one.sheet == self.sheets[sheet])

    def page(self, who: str, sheet: str, kind: str = "sheet") -> str:
        """The page on which a member rules on a sheet, or keys it in."""
        answer = self.world.client(who).get(reverse(f"elections:{kind}", args=[self.sheets[sheet].pk]))
        assert answer.status_code == 200
        return answer.content.decode()

    def all_by(self, who: str, unclear: str = "1100") -> None:
        """One member goes through every ballot."""
        for letters in CLEAR:
            self.rule(who, letters, letters)
        self.rule(who, UNCLEAR, unclear)
        self.rule(who, TOO_MANY, ruling="invalid", ground="too_many")


def lay(form: PaperForm, papers: Sequence[str], number: int = 1, **more: Any) -> dict[str, Sheet]:
    """A stack that was read, by rows alone: what is tested here begins where the pictures are taken in."""
    assert form.ballot
    batch = ScanBatch.objects.create(
        form=form, number=number, **({"state": "read", "attempt": form.ballot.attempt} | more)
    )
    names = [str(one.pk) for one in form.ballot.names()]
    made = {}
    for letters in papers:
        marks = dict(zip(names, (LETTERS[one] for one in letters), strict=True))
        doubts = [{"candidate": key, "reason": "weak-mark", "crop": None} for key in names if marks[key] == "doubt"]
        key = hashlib.sha256(f"{number} {letters}".encode()).hexdigest()
        pages = [{"key": key, "picture": f"out/pages/{key}.jpg", "sha256": "", "form_page": 1}]
        state = "review" if doubts else "read"
        made[letters] = Sheet.objects.create(batch=batch, key=key, state=state, marks=marks, doubts=doubts, pages=pages)
    return made


@pytest.fixture
def box(world: World) -> Box:
    """Six ballots for three of four names, scanned."""
    ballot = ballot_to_scan(world)
    form = form_for(ballot)
    return Box(world, ballot, form, lay(form, MIXED))
