"""Scans for trying the count without paper: ballots marked as voters do, drawn by the engine's own simulator."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conventus.elections.models import PaperForm

if TYPE_CHECKING:
    from engines.omr.simulate import Simulator

ODD_EVERY = 9
"""One ballot in so many has a mark of unclear meaning."""


def write_scans(form: PaperForm, count: int, out: Path, seed: int = 1) -> int:
    """Write `count` marked ballots of a paper as JPEG files, the pages of each in a row; gives how many pages."""
    import cv2
    import numpy as np

    out.mkdir(parents=True, exist_ok=True)
    simulator = _simulator(form)
    for number in range(count):
        rng = np.random.default_rng((seed, number))
        for page, picture in enumerate(_ballot(simulator, form, number, rng), 1):
            cv2.imwrite(str(out / f"scan-{number + 1:04d}-{page}.jpg"), picture, (cv2.IMWRITE_JPEG_QUALITY, 85))
    return count * form.pages


def _simulator(form: PaperForm) -> Simulator:
    from engines.omr.layout import load_layout
    from engines.omr.simulate import Simulator

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "layout.json")
        path.write_text(form.layout, encoding="utf-8")
        return Simulator(load_layout(path))


def _ballot(simulator: Simulator, form: PaperForm, number: int, rng: Any) -> Iterator[Any]:
    """The pages of one ballot: as many names chosen as there are seats, now and then fewer, once in a while more."""
    from engines.omr import damage, pens

    names = [row.candidate for blank in simulator.blanks for row in blank.rows]
    chosen = _chosen(names, form.spec["seats"], number, rng)
    odd = str(rng.choice(names)) if number % ODD_EVERY == ODD_EVERY // 2 else ""
    pen = pens.ballpoint(rng)
    for blank in simulator.blanks:
        paper = blank.grey.copy()
        for row in blank.rows:
            _mark(paper, row, pen, rng, chosen=row.candidate in chosen, odd=row.candidate == odd)
        yield damage.finished(damage.scanned(paper, rng, 200, 0, 0.3, 0.005), rng, 2.0, 0.4, 90)


def _chosen(names: list[str], seats: int, number: int, rng: Any) -> set[str]:
    """Names further down the list are struck out more often; every twentieth ballot chooses one too many."""
    wanted = seats + 1 if number % 20 == 13 and len(names) > seats else seats - int(rng.random() < 0.3)
    weights = [1.0 - 0.6 * place / len(names) for place in range(len(names))]
    total = sum(weights)
    drawn = rng.choice(names, min(max(wanted, 1), len(names)), replace=False, p=[one / total for one in weights])
    return {str(one) for one in drawn}


def _mark(paper: Any, row: Any, pen: Any, rng: Any, *, chosen: bool, odd: bool) -> None:
    from engines.omr import pens
    from engines.omr.simulate import unclear

    if odd:
        unclear(paper, row, pen, rng)
    elif row.boxes:
        if box := row.boxes.get("agree" if chosen else "disagree"):
            pens.cross(paper, box, pen, rng)
    elif not chosen:
        pens.strike(paper, row, pen, rng)
