"""Ballots on paper for tests: printed by the engine, marked as a test says, scanned by its simulator, taken in.

Marks are one letter a name, in the order of the paper: `1` chosen, `0` not (struck out, or disagree), `b` both boxes,
`-` none, `?` a mark of unclear meaning. A word of the simulator (`double-feed`, `blank-back`, `foreign-picture`) is
such a page instead.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conventus.elections import actions
from conventus.elections.models import Ballot, PaperForm, ScanBatch, Sheet
from conventus.elections.scans.folder import Folder

from .conftest import World

MIXED = ("1110", "1101", "1011", "0111", "11?0", "1111")
"""Three seats, four names: four plain ballots, one with a mark of unclear meaning, one that chooses too many."""


@cache
def printed(spec: str) -> tuple[str, str, int]:
    """The layout of a paper as text, its fingerprint and number of pages; made once for all tests of a process."""
    from engines.omr.spec import parse_spec
    from engines.omr.typeset import print_ballots

    with tempfile.TemporaryDirectory() as folder:
        layout = print_ballots(parse_spec(json.loads(spec)), Path(folder))
        return Path(folder, "layout.json").read_text(), layout.fingerprint, layout.pages


def form_for(ballot: Ballot, **more: Any) -> PaperForm:
    """The paper of a ballot, A5 unless said otherwise."""
    spec = {
        "election": f"ballot-{ballot.pk}", "title": "PHIẾU BẦU CỬ", "unit": ballot.contest.congress.unit.name,
        "seats": ballot.seats, "style": ballot.style, "paper": "A5", "lang": "vi", "stamp_box": True,
        "candidates": [{"id": str(one.pk), "name": one.name} for one in ballot.names()], **more,
    }  # fmt: skip
    layout, fingerprint, pages = printed(json.dumps(spec, sort_keys=True))
    return PaperForm.objects.create(
        contest=ballot.contest, ballot=ballot, paper=spec["paper"], language="vi", spec=spec, layout=layout,
        fingerprint=fingerprint, pages=pages,
    )  # fmt: skip


@cache
def _simulator(layout: str) -> Any:
    from engines.omr.layout import load_layout
    from engines.omr.simulate import Simulator

    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(layout)
        file.flush()
        return Simulator(load_layout(Path(file.name)))


def scan(form: PaperForm, marks: str, number: int, page: int = 0) -> Any:
    """A scan of one page as a grey picture: always the same for the same number."""
    import numpy as np

    from engines.omr import damage
    from engines.omr.simulate import KINDS

    simulator = _simulator(form.layout)
    if marks in KINDS:
        return simulator.scan(number, marks).picture
    rng = np.random.default_rng((7, number))
    paper = simulator.blanks[page].grey.copy()
    for row, mark in zip(simulator.blanks[page].rows, marks, strict=True):
        _mark(paper, row, mark, rng)
    return damage.finished(damage.scanned(paper, rng, 200, 0, 0.3, 0.005), rng, 2.0, 0.4, 90)


def _mark(paper: Any, row: Any, mark: str, rng: Any) -> None:
    from engines.omr import pens
    from engines.omr.simulate import unclear

    pen = pens.ballpoint(rng)
    if mark == "?":
        unclear(paper, row, pen, rng)
    elif not row.boxes and mark == "0":
        pens.strike(paper, row, pen, rng)
    elif row.boxes:
        wanted = {"1": ("agree",), "0": ("disagree",), "b": ("agree", "disagree"), "-": ()}[mark]
        for key in wanted:
            pens.cross(paper, row.boxes[key], pen, rng)


def write_scans(folder: Path, form: PaperForm, papers: Iterable[str], first: int = 0) -> list[Path]:
    """Scans as JPEG files, named in their order."""
    import cv2

    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number, marks in enumerate(papers, first):
        made.append(folder / f"scan-{number:03d}.jpg")
        cv2.imwrite(str(made[-1]), scan(form, marks, number), (cv2.IMWRITE_JPEG_QUALITY, 85))
    return made


def read_now(batch: ScanBatch) -> Folder:
    """Take what lies in the inbox and read it in this process: what the job does in another one."""
    from engines.omr.run import read_scans

    folder = Folder(batch.directory)
    for path in sorted(folder.inbox.iterdir()):
        folder.take(path)
    read_scans([folder.scans], folder.layout, folder.out, keep=True)
    return folder


@dataclass
class Scanned:
    """A ballot whose scans are taken in: the world, the ballot (issued, three ways), its paper and its first stack."""

    world: World
    ballot: Ballot
    form: PaperForm
    batch: ScanBatch

    def stack(self, papers: Sequence[str], who: str = "one", first: int = 100, **more: Any) -> ScanBatch:
        """Another stack, scanned and taken in; `first` is the number of its first scan."""
        return stack(self.world, self.form, papers, who, first, **more)

    def sheet(self, marks: str) -> Sheet:
        """A sheet of the first stack by its marks (one of `MIXED`); the unclear one by the letter `?`."""
        names = [str(one.pk) for one in self.ballot.names()]
        letters = {"chosen": "1", "rejected": "0", "both": "b", "none": "-", "doubt": "?"}
        for sheet in Sheet.objects.filter(batch__form=self.form):
            read = "".join(letters[sheet.marks.get(name, "doubt")] for name in names)
            if read == marks or (marks == "?" and sheet.state == "review"):
                return sheet
        raise LookupError(marks)


def stack(
    world: World, form: PaperForm, papers: Sequence[str], who: str = "one", first: int = 0, **more: Any
) -> ScanBatch:
    """A stack of the count: opened, scanned, read and taken in by a member of the board."""
    form.refresh_from_db()
    batch = actions.open_batch(world.people[who], form, **more)
    actions.start_reading(world.people[who], batch)
    write_scans(batch.directory / "inbox", form, papers, first)
    folder = read_now(batch)
    actions.take_in(world.people[who], batch)
    folder.forget()
    return batch


def ballot_to_scan(world: World, issued: int = 6, paths: Sequence[str] = ("scan", "first", "second")) -> Ballot:
    """A ballot that is issued and counted in three ways."""
    ballot = world.issued(issued=issued)
    return actions.choose_paths(world.people["head"], ballot, paths=list(paths))


@pytest.fixture
def scanned(world: World) -> Scanned:
    """Six ballots for three of four names (`MIXED`), in one stack that is taken in."""
    ballot = ballot_to_scan(world)
    form = form_for(ballot)
    return Scanned(world, ballot, form, stack(world, form, MIXED, expected=6))
