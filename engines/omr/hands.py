"""Marks of a second kind of simulated voter: curved strokes with pressure, in many inks, at 300 dpi.

Shares nothing with pens.py, so that a rule shaped on one model is tried on the other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from engines.omr.codes import Image
from engines.omr.layout import Box, Row

DOT = 300 / 72  # pixels in a point
Rng = np.random.Generator
Paper = Image  # float32 reflectance, 0 black to 1 white


@dataclass(frozen=True)
class Ink:
    """Reflectance as a grey scanner sees it, width in mm, how much it varies with pressure, and its grain."""

    shade: float
    width: float
    pressure: float
    grain: float


INKS: dict[str, tuple[tuple[float, float], tuple[float, float], float, float]] = {
    "blue-ballpoint": ((0.22, 0.42), (0.35, 0.6), 0.25, 0.10), "black-gel": ((0.05, 0.15), (0.4, 0.7), 0.1, 0.02),
    "red": ((0.40, 0.55), (0.4, 0.8), 0.2, 0.08), "green": ((0.38, 0.55), (0.4, 0.8), 0.2, 0.08),
    "felt": ((0.04, 0.2), (1.0, 2.2), 0.15, 0.02), "marker": ((0.05, 0.3), (2.5, 4.5), 0.1, 0.03),
    "pencil": ((0.42, 0.62), (0.35, 0.7), 0.3, 0.25), "hard-pencil": ((0.60, 0.78), (0.3, 0.5), 0.3, 0.3),
    "highlighter": ((0.80, 0.93), (3.0, 5.0), 0.05, 0.02), "fountain": ((0.10, 0.35), (0.3, 0.9), 0.6, 0.05),
}  # fmt: skip


def ink(name: str, rng: Rng) -> Ink:
    """A pen of a kind."""
    shade, width, pressure, grain = INKS[name]
    return Ink(float(rng.uniform(*shade)), float(rng.uniform(*width)), pressure, grain)


def curve(points: Image, rng: Rng, wobble: float = 0.25) -> Image:
    """A smooth way through points (n x 2, points of 1/72 inch): quadratic Bezier pieces, bent a little."""
    pieces = []
    for first, second in pairwise(points):
        length = float(np.linalg.norm(second - first))
        bend = (first + second) / 2 + rng.normal(0, wobble, 2) * max(1.0, length / 40)
        t = np.linspace(0, 1, max(4, int(length)))[:, None]
        pieces.append((1 - t) ** 2 * first + 2 * t * (1 - t) * bend + t**2 * second)
    return np.concatenate(pieces)


def draw(paper: Paper, pen: Ink, points: list[tuple[float, float]] | Image, rng: Rng, wobble: float = 0.25) -> None:
    """Ink along a curve; its width and darkness follow a slow change of pressure, and it lifts off at the end."""
    way = curve(np.asarray(points, float), rng, wobble) * DOT
    count = len(way)
    slow = np.interp(np.linspace(0, 5, count), np.arange(6), rng.normal(0, 1, 6))
    press = np.clip(1 + pen.pressure * slow, 0.45, 1.6)
    press[-max(1, count // 12) :] *= 0.75
    rim = int(pen.width / 25.4 * 300 * 1.6) + 6
    low = np.maximum(0, way.min(axis=0).astype(int) - rim)
    high = np.minimum(paper.shape[::-1], way.max(axis=0).astype(int) + rim)
    if (high <= low).any():
        return
    layer = np.zeros((high[1] - low[1], high[0] - low[0]), np.float32)
    local = np.round((way - low) * 8).astype(int).tolist()
    for first, second, force in zip(local[:-1], local[1:], press, strict=False):
        wide = max(1, round(pen.width / 25.4 * 300 * force))
        cv2.line(layer, first, second, (min(1.0, 0.75 + 0.25 * force),), wide, cv2.LINE_8, 3)
    _lay(paper[low[1] : high[1], low[0] : high[0]], pen, layer, rng)


def _lay(part: Paper, pen: Ink, layer: Image, rng: Rng) -> None:
    soft = cv2.GaussianBlur(layer, (0, 0), 0.7)
    grain = cv2.GaussianBlur(rng.standard_normal(layer.shape).astype(np.float32), (0, 0), 1.0) * 2.5 * pen.grain
    part *= 1 - np.clip(soft * (1 + grain), 0, 1) * (1 - pen.shade)


def _ends(row: Row, number: int) -> tuple[float, float, float, float]:
    line = row.lines[number]
    return line.x, line.x + line.width, line.baseline - 0.32 * line.size, line.size


def _span(rng: Rng, x0: float, x1: float) -> tuple[float, float]:
    return x0 - float(rng.uniform(-2, 16)), x1 + float(rng.uniform(-2, 22))


def line_through(paper: Paper, row: Row, pen: Ink, rng: Rng) -> None:
    """One line, in the middle third of the letters, a little slanted."""
    for number in range(len(row.lines)):
        x0, x1, y, size = _ends(row, number)
        left, right = _span(rng, x0, x1)
        tilt, off = rng.normal(0, 0.007) * (x1 - x0), rng.normal(0, 0.07) * size
        draw(paper, pen, [(left, y + off - tilt), ((left + right) / 2, y + off), (right, y + off + tilt)], rng, 0.6)


def double_line(paper: Paper, row: Row, pen: Ink, rng: Rng) -> None:
    """Two lines, one above the other."""
    for number in range(len(row.lines)):
        x0, x1, y, size = _ends(row, number)
        for off in (-0.12, 0.14):
            left, right = _span(rng, x0, x1)
            draw(paper, pen, [(left, y + off * size), (right, y + off * size + rng.normal(0, 0.8))], rng)


def wave(paper: Paper, row: Row, pen: Ink, rng: Rng) -> None:
    """A wavy line."""
    for number in range(len(row.lines)):
        x0, x1, y, size = _ends(row, number)
        x = np.arange(x0 - 3, x1 + 5, 3.0)
        height = size * float(rng.uniform(0.08, 0.2))
        draw(paper, pen, np.stack([x, y + height * np.sin(x / rng.uniform(2.5, 6))], axis=1), rng, 0.1)


def scribble(paper: Paper, row: Row, pen: Ink, rng: Rng) -> None:
    """A zigzag that covers the name."""
    for number in range(len(row.lines)):
        x0, x1, y, size = _ends(row, number)
        x = np.arange(x0 - 3, x1 + 4, float(rng.uniform(2, 5)))
        up = np.where(np.arange(len(x)) % 2, 1, -1) * size * rng.uniform(0.25, 0.5)
        draw(paper, pen, np.stack([x, y + up], axis=1), rng)


def loops(paper: Paper, row: Row, pen: Ink, rng: Rng) -> None:
    """A spiral of loops along the name."""
    for number in range(len(row.lines)):
        x0, x1, y, size = _ends(row, number)
        turn = np.linspace(0, 2 * np.pi * max(4, (x1 - x0) / 7), int(x1 - x0))
        x = np.linspace(x0 - 2, x1 + 2, len(turn)) + 3 * np.cos(turn)
        draw(paper, pen, np.stack([x, y + 0.33 * size * np.sin(turn)], axis=1), rng, 0.05)


def slanted(paper: Paper, row: Row, pen: Ink, rng: Rng) -> None:
    """From below the first letter to above the last one."""
    for number in range(len(row.lines)):
        x0, x1, y, size = _ends(row, number)
        rise = size * float(rng.uniform(0.35, 0.8)) * float(rng.choice([-1, 1]))
        draw(paper, pen, [(x0 - 4, y + rise), (x1 + 4, y - rise)], rng)


def hatched(paper: Paper, row: Row, pen: Ink, rng: Rng) -> None:
    """Many upright slashes."""
    for number in range(len(row.lines)):
        x0, x1, y, size = _ends(row, number)
        for x in np.arange(x0 + 2, x1, float(rng.uniform(6, 14))):
            draw(paper, pen, [(x, y + 0.6 * size), (x + rng.uniform(0, 5), y - 0.6 * size)], rng)


def crossed(paper: Paper, row: Row, pen: Ink, rng: Rng) -> None:
    """A large X over the name."""
    x0, x1, y, size = _ends(row, 0)
    for sign in (-1, 1):
        draw(paper, pen, [(x0 - 3, y + sign * 0.7 * size), (x1 + 3, y - sign * 0.7 * size)], rng)


def partial(paper: Paper, row: Row, pen: Ink, rng: Rng) -> None:
    """A line through 30 to 85 % of the name."""
    x0, x1, y, _ = _ends(row, 0)
    share = float(rng.uniform(0.3, 0.85)) * (x1 - x0)
    start = x0 + float(rng.uniform(0, 1)) * (x1 - x0 - share)
    draw(paper, pen, [(start, y), (start + share, y + rng.normal(0, 0.6))], rng)


def under(paper: Paper, row: Row, pen: Ink, rng: Rng) -> None:
    """A line under the name, or on its baseline."""
    x0, x1, y, size = _ends(row, len(row.lines) - 1)
    low = y + size * float(rng.uniform(0.38, 0.75))
    draw(paper, pen, [(x0, low), (x1, low + rng.normal(0, 0.5))], rng)


def over(paper: Paper, row: Row, pen: Ink, rng: Rng) -> None:
    """A line above the name."""
    x0, x1, y, size = _ends(row, 0)
    high = y - size * float(rng.uniform(0.5, 0.75))
    draw(paper, pen, [(x0, high), (x1, high + rng.normal(0, 0.5))], rng)


def ring(paper: Paper, box: Box, pen: Ink, rng: Rng) -> None:
    """A ring around a box or a name, sometimes left open."""
    turn = np.linspace(0.4, 0.4 + 2 * np.pi * float(rng.uniform(0.85, 1.15)), 40)
    wide, high = (box[2] - box[0]) / 2 + rng.uniform(3, 9), (box[3] - box[1]) / 2 + rng.uniform(2, 5)
    x, y = (box[0] + box[2]) / 2 + wide * np.cos(turn), (box[1] + box[3]) / 2 + high * np.sin(turn)
    draw(paper, pen, np.stack([x, y], axis=1), rng, 0.05)


def word(paper: Paper, place: tuple[float, float], pen: Ink, rng: Rng, size: float = 9.0) -> None:
    """A written word or a signature from `place` to the right."""
    count = int(rng.integers(12, 40))
    x = place[0] + np.cumsum(rng.uniform(-1.0, 0.5 * size, count))
    draw(paper, pen, np.stack([x, place[1] + rng.normal(0, size / 3, count)], axis=1), rng)


STRIKES: tuple[tuple[Callable[[Paper, Row, Ink, Rng], None], float], ...] = (
    (line_through, 0.6), (double_line, 0.1), (wave, 0.1), (scribble, 0.1), (loops, 0.1),
)  # fmt: skip
RARE_STRIKES = (slanted, hatched, crossed)
ODD_STRIKES = (partial, under, over)


def _in(box: Box, points: list[tuple[float, float]], rng: Rng, size: float) -> Image:
    centre = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
    half = (box[2] - box[0]) / 2
    return centre + rng.normal(0, 0.12, 2) * half + np.array(points) * half * size


def box_mark(paper: Paper, box: Box, pen: Ink, rng: Rng, habit: str) -> None:
    """A mark that means yes: cross, tick, slash, filling, plus, star."""
    size = float(rng.uniform(0.7, 1.4))
    shapes: dict[str, list[list[tuple[float, float]]]] = {
        "cross": [[(-0.8, -0.8), (0.8, 0.8)], [(0.8, -0.85), (-0.8, 0.8)]],
        "tick": [[(-0.6, 0.0), (-0.15, 0.6), (1.0, -1.0)]], "slash": [[(-0.8, 0.8), (0.8, -0.8)]],
        "plus": [[(-0.9, 0), (0.9, 0)], [(0, -0.9), (0, 0.9)]],
        "star": [[(-0.8, -0.8), (0.8, 0.8)], [(0.8, -0.8), (-0.8, 0.8)], [(0, -0.9), (0, 0.9)]],
        "fill": [[(0.8 if n % 2 else -0.8, -0.8 + 0.16 * n) for n in range(11)]],
    }  # fmt: skip
    for points in shapes[habit]:
        draw(paper, pen, _in(box, points, rng, min(size, 0.95) if habit == "fill" else size), rng, 0.15)


HABITS = ("cross", "cross", "tick", "slash", "plus", "star", "fill")


def odd_box_mark(paper: Paper, row: Row, pen: Ink, rng: Rng) -> None:
    """A mark people must look at: ring around, dot, beside, half taken back, both boxes."""
    boxes = list(row.boxes.values())
    box = boxes[int(rng.integers(len(boxes)))]
    kind = int(rng.integers(6 if len(boxes) == 2 else 4))
    wide = box[2] - box[0]
    if kind == 0:
        ring(paper, box, pen, rng)
    elif kind == 1:
        draw(paper, pen, _in(box, [(0, 0), (0.15, 0.1)], rng, 1), rng)
    elif kind == 2:
        off = wide * float(rng.choice([-1.15, 1.15]))
        box_mark(paper, (box[0] + off, box[1], box[2] + off, box[3]), pen, rng, "cross")
    elif kind == 3:
        box_mark(paper, box, pen, rng, "cross")
        ring(paper, box, pen, rng)
    else:
        box_mark(paper, box, pen, rng, "cross")
        if kind == 4:
            box_mark(paper, box, pen, rng, "fill")
        box_mark(paper, boxes[1] if box == boxes[0] else boxes[0], pen, rng, "cross")
