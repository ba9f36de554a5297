"""A ballot box as a scanner delivers it: marked ballots as JPEG files, with what each voter meant. No Django."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from engines.omr.layout import Layout, load_layout
from engines.omr.simulate import Simulator

KINDS = {
    "clean-200": 88,
    "upside-down": 4,
    "stamped": 3,
    "fold": 2,
    "pencil": 1,
    "ambiguous": 1.5,
    "stray-writing": 0.5,
}
"""What lies in the box, in hundredths: most people do what the paper says; some marks only people can judge."""


@dataclass(frozen=True)
class Paper:
    """A ballot out of the box: its scan as a JPEG, the key of its pixels, what the voter marked (None: unclear)."""

    jpeg: bytes
    key: str
    marks: dict[str, str | None]


def box(layout: str, count: int, seed: int, workers: int = 2) -> list[Paper]:
    """`count` marked ballots as a scanner delivers them; the same for the same seed."""
    with TemporaryDirectory() as folder, ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        path = Path(folder, "layout.json")
        path.write_text(layout, encoding="utf-8")
        return list(pool.map(_paper, [path] * count, [seed] * count, range(count), kinds(count, seed), chunksize=5))


def kinds(count: int, seed: int) -> list[str]:
    """What each ballot is like, in the shares of `KINDS`, shuffled."""
    drawn: Iterator[str] = (kind for kind, share in KINDS.items() for _ in range(round(count * share / 100)))
    found = [*drawn][:count]
    found += ["clean-200"] * (count - len(found))
    return [found[index] for index in np.random.default_rng(seed).permutation(count)]


@cache
def _simulator(path: Path, seed: int) -> Simulator:
    layout: Layout = load_layout(path)
    return Simulator(layout, seed=seed)


def _paper(path: Path, seed: int, number: int, kind: str) -> Paper:
    scan = _simulator(path, seed).scan(number, kind)
    jpeg = cv2.imencode(".jpg", scan.picture, (cv2.IMWRITE_JPEG_QUALITY, 85))[1].tobytes()
    seen = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert seen is not None
    key = hashlib.sha256(repr(seen.shape).encode() + np.ascontiguousarray(seen).tobytes()).hexdigest()
    return Paper(jpeg, key, dict(scan.truth))
