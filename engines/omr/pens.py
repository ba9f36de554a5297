"""Hands and pens of simulated voters: draws marks on a form at 200 dpi."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from engines.omr.blank import PX
from engines.omr.codes import Image
from engines.omr.layout import Box, Row

_SHIFT = 4  # fractional bits of drawn coordinates
Points = Image


@dataclass(frozen=True)
class Pen:
    """Brightness of the line on white paper (0 black), its width in pixels at 200 dpi, and tremor in pixels."""

    shade: int
    width: int
    tremor: float


def ballpoint(rng: np.random.Generator) -> Pen:
    """Any usual pen."""
    return Pen(int(rng.integers(10, 95)), int(rng.integers(3, 7)), float(rng.uniform(0.2, 1.2)))


def pencil(rng: np.random.Generator) -> Pen:
    """A light one."""
    return Pen(int(rng.integers(120, 185)), int(rng.integers(3, 6)), float(rng.uniform(0.2, 1.0)))


def stroke(form: Image, pen: Pen, points: Points, rng: np.random.Generator) -> None:
    """Draw one line through `points` (n x 2, pixels) with a trembling hand; darker wins."""
    path = _smooth(np.asarray(points, float), pen, rng)
    x0, y0 = np.maximum(0, path.min(axis=0).astype(int) - 12)
    x1, y1 = path.max(axis=0).astype(int) + 12
    part = form[y0:y1, x0:x1]
    layer = np.full(part.shape, 255, np.uint8)
    moved = ((path - (x0, y0)) * 2**_SHIFT).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(layer, [moved], False, (pen.shade,), pen.width, cv2.LINE_AA, _SHIFT)
    np.minimum(part, layer, out=part)


def _smooth(points: Points, pen: Pen, rng: np.random.Generator) -> Points:
    """More points along the way, shaken by a slow tremor."""
    lengths = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))))
    count = max(5, int(lengths[-1] / 6))
    at = np.linspace(0, lengths[-1], count)
    line = np.stack([np.interp(at, lengths, points[:, axis]) for axis in (0, 1)], axis=1)
    shake = np.asarray(rng.normal(0, pen.tremor, line.shape))
    return np.asarray(line + cv2.blur(shake, (1, 5), borderType=cv2.BORDER_REFLECT_101) * 2)


def _middle(box: Box) -> tuple[float, float, float]:
    """Centre and half side of a box in pixels."""
    return (box[0] + box[2]) / 2 * PX, (box[1] + box[3]) / 2 * PX, (box[2] - box[0]) / 2 * PX


def _about(box: Box, rng: np.random.Generator, points: list[tuple[float, float]], size: tuple[float, float]) -> Points:
    """Points in units of the half side, scaled and put near the middle."""
    x, y, half = _middle(box)
    scale = half * rng.uniform(*size)
    off = rng.normal(0, 0.10, 2) * half
    return np.array(points) * scale + (x, y) + off + rng.normal(0, 0.06, (len(points), 2)) * half


def cross(form: Image, box: Box, pen: Pen, rng: np.random.Generator) -> None:
    """Two strokes, often past the outline."""
    stroke(form, pen, _about(box, rng, [(-0.8, -0.8), (0.8, 0.8)], (0.75, 1.35)), rng)
    stroke(form, pen, _about(box, rng, [(0.8, -0.8), (-0.8, 0.8)], (0.75, 1.35)), rng)


def tick(form: Image, box: Box, pen: Pen, rng: np.random.Generator) -> None:
    """A short stroke down and a long one up."""
    stroke(form, pen, _about(box, rng, [(-0.7, -0.1), (-0.15, 0.7), (0.95, -1.0)], (0.75, 1.25)), rng)


def slash(form: Image, box: Box, pen: Pen, rng: np.random.Generator) -> None:
    """One stroke."""
    stroke(form, pen, _about(box, rng, [(-0.8, 0.8), (0.8, -0.8)], (0.8, 1.35)), rng)


def blob(form: Image, box: Box, pen: Pen, rng: np.random.Generator) -> None:
    """A box filled by scribbling."""
    rows = np.linspace(-0.75, 0.75, 9)
    zigzag = [(0.75 if index % 2 else -0.75, float(y)) for index, y in enumerate(rows)]
    stroke(form, Pen(pen.shade, pen.width + 1, pen.tremor), _about(box, rng, zigzag, (0.8, 1.05)), rng)


BOX_MARKS: tuple[Callable[[Image, Box, Pen, np.random.Generator], None], ...] = (cross, cross, cross, tick, slash, blob)


def strike(form: Image, row: Row, pen: Pen, rng: np.random.Generator) -> None:
    """A line through every printed line of the name, sometimes two lines, often past its ends."""
    for line in row.lines:
        for _ in range(1 + (rng.random() < 0.15)):
            before, after = rng.uniform(-1, 14, 2)
            slope = rng.normal(0, 0.012) * line.width
            y = line.baseline - line.size * rng.normal(0.30, 0.05)
            ends = [(line.x - before, y - slope / 2), (line.x + line.width + after, y + slope / 2)]
            stroke(form, pen, np.array(ends) * PX, rng)


def zigzag(form: Image, row: Row, pen: Pen, rng: np.random.Generator) -> None:
    """A wave through the whole name."""
    for line in row.lines:
        x = np.arange(line.x - 2, line.x + line.width + 4, 5)
        y = line.baseline - line.size * (0.30 + 0.22 * np.where(np.arange(len(x)) % 2, 1, -1))
        stroke(form, pen, np.stack([x, y], axis=1) * PX, rng)


def half_strike(form: Image, row: Row, pen: Pen, rng: np.random.Generator) -> None:
    """Only a part of the name: what it means only people can say."""
    line = row.lines[0]
    start, share = rng.uniform(0, 0.3), rng.uniform(0.15, 0.55)
    y = line.baseline - line.size * 0.3
    ends = [(line.x + line.width * start, y), (line.x + line.width * (start + share), y + rng.normal(0, 1))]
    stroke(form, pen, np.array(ends) * PX, rng)


def underline(form: Image, row: Row, pen: Pen, rng: np.random.Generator) -> None:
    """A line below the name: not what was asked for."""
    line = row.lines[-1]
    y = line.baseline + line.size * rng.uniform(0.12, 0.3)
    stroke(form, pen, np.array([(line.x, y), (line.x + line.width, y + rng.normal(0, 1))]) * PX, rng)


def circle(form: Image, box: Box, pen: Pen, rng: np.random.Generator, room: float = 4.0) -> None:
    """A ring around a box or a name, `room` points away."""
    x0, y0, x1, y1 = box
    angle = np.linspace(0, 2 * np.pi * rng.uniform(0.95, 1.1), 40)
    wide, high = (x1 - x0) / 2 + room * 1.5, (y1 - y0) / 2 + room
    ring = np.stack([(x0 + x1) / 2 + wide * np.cos(angle), (y0 + y1) / 2 + high * np.sin(angle)], axis=1)
    stroke(form, pen, ring * PX, rng)


def restored(form: Image, row: Row, pen: Pen, rng: np.random.Generator) -> None:
    """Struck out, and then a dotted line below: a second thought."""
    strike(form, row, pen, rng)
    line = row.lines[-1]
    for x in np.arange(line.x, line.x + line.width, 5.0):
        y = line.baseline + line.size * 0.35
        stroke(form, pen, np.array([(x, y), (x + 1.2, y)]) * PX, rng)


def corrected(form: Image, row: Row, pen: Pen, rng: np.random.Generator) -> None:
    """One box crossed and blackened, then the other crossed."""
    first, second = (list(row.boxes.values())[index] for index in rng.permutation(2))
    cross(form, first, pen, rng)
    blob(form, first, Pen(pen.shade, pen.width + 2, pen.tremor), rng)
    cross(form, second, pen, rng)


def dot(form: Image, box: Box, pen: Pen, rng: np.random.Generator) -> None:
    """A pen that rested in the box."""
    x, y, half = _middle(box)
    place = np.array([x, y]) + rng.uniform(-0.5, 0.5, 2) * half
    stroke(form, pen, np.stack([place, place + rng.uniform(1, 3, 2)]), rng)


def beside(form: Image, box: Box, pen: Pen, rng: np.random.Generator) -> None:
    """A cross that missed its box on the right or the left."""
    away = (box[2] - box[0]) * float(rng.choice([-1.0, 1.0])) * 0.95
    cross(form, (box[0] + away, box[1], box[2] + away, box[3]), pen, rng)


def writing(form: Image, place: tuple[float, float], pen: Pen, rng: np.random.Generator) -> None:
    """A scribbled word, 15 to 40 mm long, from `place` (points) to the right."""
    count = int(rng.integers(10, 26))
    x = place[0] + np.cumsum(rng.uniform(1, 7, count))
    y = place[1] + rng.normal(0, 4, count)
    stroke(form, pen, np.stack([x, y], axis=1) * PX, rng)
