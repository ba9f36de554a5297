"""What a second simulator does to sheets and pictures: office life, scanners, copiers and phones."""

from collections.abc import Callable

import cv2
import numpy as np

from engines.omr.codes import Image
from engines.omr.hands import DOT, Paper, Rng


def _soft_noise(shape: tuple[int, ...], rng: Rng, coarse: int, amount: float) -> Image:
    small = rng.standard_normal((max(2, shape[0] // coarse), max(2, shape[1] // coarse))).astype(np.float32)
    return cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC) * amount


def _smooth(layer: Image, sigma: float) -> Image:
    """A wide blur by way of a smaller picture."""
    small = cv2.resize(layer, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), max(0.3, sigma / 4))
    return np.asarray(cv2.resize(soft, (layer.shape[1], layer.shape[0]), interpolation=cv2.INTER_LINEAR))


def coffee(paper: Paper, rng: Rng) -> None:
    """An uneven ring with a darker outer edge, and drops."""
    high, wide = paper.shape
    layer = np.zeros(paper.shape, np.float32)
    centre = (int(rng.uniform(0.1, 0.9) * wide), int(rng.uniform(0.1, 0.9) * high))
    axes = (int(rng.uniform(300, 480)), int(rng.uniform(300, 480)))
    start = float(rng.uniform(0, 360))
    strength = float(rng.uniform(0.06, 0.3))
    cv2.ellipse(layer, centre, axes, 0, start, start + rng.uniform(200, 360), (strength,), int(rng.integers(10, 30)))
    for _ in range(int(rng.integers(0, 6))):
        place = (int(rng.uniform(0, wide)), int(rng.uniform(0, high)))
        cv2.circle(layer, place, int(rng.integers(8, 50)), (strength * 0.8,), -1)
    soft = cv2.GaussianBlur(layer, (0, 0), float(rng.uniform(2, 7)))
    paper *= 1 - np.clip(soft * (1 + _soft_noise(paper.shape, rng, 60, 0.3)), 0, 1)


def folded(paper: Paper, rng: Rng) -> None:
    """A light side and a shadow side with a thin line of worn toner between, level or upright, once or twice."""
    for _ in range(int(rng.integers(1, 3))):
        level = rng.random() < 0.6
        sheet = paper if level else paper.T
        high, wide = sheet.shape
        at, tilt = rng.uniform(0.2, 0.8) * high, rng.normal(0, 0.006)
        way = np.arange(high, dtype=np.float32)[:, None] - (at + tilt * np.arange(wide, dtype=np.float32)[None, :])
        depth, core = float(rng.uniform(0.0, 0.12)), float(rng.uniform(0.05, 0.45))
        shade = depth * np.exp(-np.maximum(way, 0) / 40) * (way > 0) + core * np.exp(
            -((way / rng.uniform(0.8, 2.5)) ** 2)
        )
        sheet *= 1 - np.clip(shade, 0, 1)


def crumpled(paper: Paper, rng: Rng) -> None:
    """Fine soft facets of light and shade."""
    paper *= np.clip(1 - np.abs(_soft_noise(paper.shape, rng, 120, 0.06)), 0, 1)


def dirty(paper: Paper, rng: Rng) -> None:
    """Specks, hairs and toner dust."""
    for _ in range(int(rng.integers(10, 60))):
        place = (int(rng.uniform(0, paper.shape[1])), int(rng.uniform(0, paper.shape[0])))
        cv2.circle(paper, place, int(rng.integers(0, 3)), (float(rng.uniform(0.2, 0.8)),), -1)
    for _ in range(int(rng.integers(0, 3))):
        x, y = rng.uniform(0.1, 0.9) * paper.shape[1], rng.uniform(0.1, 0.9) * paper.shape[0]
        turn = np.cumsum(rng.normal(0, 0.2, 20)) + rng.uniform(0, 6)
        way = np.stack([x + np.cumsum(5 * np.cos(turn)), y + np.cumsum(5 * np.sin(turn))], axis=1)
        cv2.polylines(paper, [way.astype(np.int32).reshape(-1, 1, 2)], False, (float(rng.uniform(0.3, 0.7)),), 1)


def holes(paper: Paper, rng: Rng) -> None:
    """Two punched holes at the left, black or white, and a staple at the top."""
    middle, shade = paper.shape[0] // 2, float(rng.choice([0.05, 1.0]))
    for off in (-472, 472):
        cv2.circle(paper, (int(rng.uniform(110, 150)), middle + off), 35, (shade,), -1, cv2.LINE_AA)
    x, y = rng.uniform(0.06, 0.2) * paper.shape[1], rng.uniform(60, 160)
    cv2.line(paper, (int(x), int(y)), (int(x + 130), int(y + rng.normal(0, 40))), (0.3,), 6, cv2.LINE_AA)


def stamp(paper: Paper, place: tuple[float, float], rng: Rng) -> None:
    """A round stamp with letters around, its middle at a place in points."""
    layer = np.zeros(paper.shape, np.uint8)
    centre, radius = (int(place[0] * DOT), int(place[1] * DOT)), int(rng.uniform(170, 220))
    for part in (1.0, 0.93, 0.6):
        cv2.circle(layer, centre, int(radius * part), (255,), 5, cv2.LINE_AA)
    for angle in np.arange(0, 2 * np.pi, 0.35):
        at = (int(centre[0] + 0.76 * radius * np.cos(angle)) - 14, int(centre[1] + 0.76 * radius * np.sin(angle)) + 14)
        cv2.putText(layer, "ABCDEHKMN"[int(rng.integers(9))], at, cv2.FONT_HERSHEY_DUPLEX, 1.1, (255,), 3)
    patchy = np.clip(1 + _soft_noise(paper.shape, rng, 40, 0.4), 0, 1)
    paper *= 1 - layer.astype(np.float32) / 255 * patchy * float(rng.uniform(0.4, 0.7))


def tape(paper: Paper, box: tuple[float, float, float, float], rng: Rng) -> None:
    """Correction tape over a place: whiter than the paper, with a faint edge."""
    x0, y0, x1, y1 = (round(value * DOT) for value in box)
    paper[y0:y1, x0:x1] = 1.0
    cv2.rectangle(paper, (x0, y0), (x1, y1), (float(rng.uniform(0.85, 0.97)),), 2)


def streaked(paper: Paper, rng: Rng) -> None:
    """Dirt under a feeder's lens: a thin line of even darkness down the picture, not along the sheet."""
    for _ in range(int(rng.integers(1, 3))):
        x, width = int(rng.uniform(0.08, 0.92) * paper.shape[1]), int(rng.integers(1, 5))
        paper[:, x : x + width] *= float(rng.uniform(0.25, 0.85))


def banded(paper: Paper, rng: Rng) -> None:
    """A copier's moire and drum bands."""
    y, x = np.mgrid[0 : paper.shape[0], 0 : paper.shape[1]].astype(np.float32)
    paper -= float(rng.uniform(0.01, 0.04)) * (1 + np.sin((x * 0.7 + y * 0.72) * rng.uniform(0.8, 2.2))) * (paper > 0.3)
    paper *= 1 - float(rng.uniform(0, 0.06)) * (np.sin(y / rng.uniform(30, 200)) > 0.7)


def framed(paper: Paper, rng: Rng) -> Paper:
    """The scanner's dark lid around the sheet, with the shadow of its edge."""
    rim = int(rng.integers(10, 140))
    lid = float(rng.uniform(0.02, 0.35))
    out = cv2.copyMakeBorder(paper, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=(lid,))
    inner = np.zeros(out.shape, np.float32)
    inner[rim:-rim, rim:-rim] = 1
    return np.asarray(out * (1 - 0.25 * (inner - np.minimum(inner, _smooth(inner, 8))) * 2))


def cropped(paper: Paper, rng: Rng) -> Paper:
    """One or two edges cut off by up to 14 mm."""
    left, right, top, bottom = (int(value) for value in rng.choice([0, 0, 1], 4) * rng.uniform(20, 165, 4))
    return paper[top : paper.shape[0] - bottom, left : paper.shape[1] - right]


def laid(paper: Paper, rng: Rng, skew: float, scale: float, dpi: int) -> Paper:
    """On the glass: turned by up to `skew` degrees, stretched by up to `scale` each way."""
    high, wide = paper.shape
    angle, zoom = np.radians(rng.uniform(-skew, skew)), dpi / 300
    sx, sy = zoom * (1 + rng.uniform(-scale, scale, 2))
    matrix = np.array([[sx * np.cos(angle), -sy * np.sin(angle)], [sx * np.sin(angle), sy * np.cos(angle)]])
    size = (int(wide * zoom * (1 + abs(np.sin(angle)) * 0.9)), int(high * zoom * (1 + abs(np.sin(angle)) * 0.35)))
    off = np.array(size) / 2 - matrix @ (np.array([wide, high]) / 2) + rng.uniform(-5, 5, 2)
    soft = cv2.GaussianBlur(paper, (0, 0), 0.45 / zoom)
    return cv2.warpAffine(soft, np.column_stack([matrix, off]), size, borderValue=(float(rng.uniform(0.9, 1.0)),))


def photographed(paper: Paper, rng: Rng) -> Paper:
    """By a phone above a table: perspective, barrel, wood, a lamp at one side, a hand's soft shadow."""
    high, wide = paper.shape
    out_high, out_wide = 3000, 2300
    scale = min(out_high / high, out_wide / wide) * float(rng.uniform(0.82, 0.93))
    corners = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float32)
    goal = (corners - (wide / 2, high / 2)) * scale + (out_wide / 2, out_high / 2) + rng.normal(0, 45, (4, 2))
    matrix = cv2.getPerspectiveTransform(corners, goal.astype(np.float32))
    flat = cv2.warpPerspective(paper, matrix, (out_wide, out_high), flags=cv2.INTER_AREA, borderValue=(-1.0,))
    table = float(rng.uniform(0.15, 0.6)) + _soft_noise((out_high, out_wide), rng, 25, 0.06)
    scene = np.where(flat < 0, table, np.maximum(flat, 0)).astype(np.float32)
    y, x = np.mgrid[-1 : 1 : out_high * 1j, -1 : 1 : out_wide * 1j].astype(np.float32)
    bulge = 1 + float(rng.uniform(-0.012, 0.012)) * (x * x + y * y)
    from_x, from_y = (x * bulge + 1) * (out_wide - 1) / 2, (y * bulge + 1) * (out_high - 1) / 2
    bent = cv2.remap(scene, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    light = 1 - float(rng.uniform(0, 0.35)) * (x * rng.uniform(-1, 1) + y * rng.uniform(-1, 1) + 1) / 2
    hand = np.clip(1.2 - np.hypot(x - rng.uniform(-1, 1), y - 1.1) / rng.uniform(0.3, 0.9), 0, 1) * rng.uniform(0, 0.3)
    return np.asarray(bent * light * (1 - hand))


def moved(paper: Paper, rng: Rng) -> Paper:
    """Motion blur along one direction."""
    length = int(rng.integers(3, 8))
    kernel = np.zeros((length, length), np.float32)
    cv2.line(kernel, (0, int(rng.integers(length))), (length - 1, int(rng.integers(length))), (1.0,), 1)
    return cv2.filter2D(paper, -1, kernel / kernel.sum())


def sensed(paper: Paper, rng: Rng, noise: float = 0.012, gamma: float = 1.0, quality: int = 85) -> Image:
    """To grey levels: gamma, dark and light end, grain, JPEG."""
    value = np.clip(paper, 0, 1) ** gamma * float(rng.uniform(0.8, 0.97)) + float(rng.uniform(0.01, 0.10))
    value = value + rng.standard_normal(paper.shape, np.float32) * noise * np.sqrt(np.clip(value, 0.05, 1))
    grey = np.clip(value * 255, 0, 255).astype(np.uint8)
    data = cv2.imencode(".jpg", grey, (cv2.IMWRITE_JPEG_QUALITY, quality))[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE))


def peppered(grey: Image, rng: Rng) -> Image:
    """Salt and pepper."""
    out, chance = grey.copy(), rng.random(grey.shape, np.float32)
    share = float(rng.uniform(0.0005, 0.004))
    out[chance < share], out[chance > 1 - share] = 0, 255
    return out


def line_art(grey: Image, rng: Rng) -> Image:
    """A scanner's black and white, with a level somewhere between print and paper."""
    dark, light = np.percentile(grey, (1, 60))
    return np.where(grey > dark + (light - dark) * float(rng.uniform(0.45, 0.8)), 255, 0).astype(np.uint8)


ON_PAPER: dict[str, Callable[[Paper, Rng], None]] = {
    "coffee": coffee, "folds": folded, "crumpled": crumpled, "dirt": dirty, "holes": holes, "copy": banded,
}  # fmt: skip
