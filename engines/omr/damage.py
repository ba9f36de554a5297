"""What happens to a sheet between the box and the file: folds, stains, feeders, lamps, lenses, compression."""

import cv2
import numpy as np

from engines.omr.codes import Image

Rng = np.random.Generator


def scanned(form: Image, rng: Rng, dpi: int, turn: int = 0, skew: float = 0.7, scale: float = 0.01) -> Image:
    """Lay the form (200 dpi) on a scanner: a little rotated, stretched, off; `turn` is in quarters of a circle."""
    high, wide = form.shape
    zoom = dpi / 200
    angle = np.radians(rng.normal(0, skew))
    sx, sy = zoom * (1 + rng.normal(0, scale / 2, 2)) * (1 + rng.normal(0, scale / 2))
    shear = rng.normal(0, 0.002)
    matrix = np.array([[sx * np.cos(angle), -sy * np.sin(angle) + shear], [sx * np.sin(angle), sy * np.cos(angle)]])
    size = np.array([wide, high]) * zoom
    off = size / 2 - matrix @ (np.array([wide, high]) / 2) + rng.normal(0, 6, 2) * zoom
    source = cv2.GaussianBlur(form, (0, 0), 0.5 / zoom) if zoom < 1 else form
    full = np.column_stack([matrix, off])
    out = cv2.warpAffine(source, full, (int(size[0]), int(size[1])), borderValue=(int(rng.integers(235, 256)),))
    return np.rot90(out, turn)


def finished(picture: Image, rng: Rng, noise: float = 3.0, blur: float = 0.6, quality: int = 85) -> Image:
    """Optics, grain and JPEG of a scanner; `noise` is the standard deviation in grey levels, `blur` in pixels."""
    soft = cv2.GaussianBlur(picture, (0, 0), blur) if blur > 0.2 else picture
    grain = (rng.standard_normal(soft.shape, np.float32) * noise).astype(np.int16)
    paper, black = int(rng.integers(236, 253)), int(rng.integers(5, 45))
    table = (black + np.arange(256) * (paper - black) / 255).astype(np.uint8)
    grainy = np.clip(cv2.LUT(np.ascontiguousarray(soft), table).astype(np.int16) + grain, 0, 255).astype(np.uint8)
    return compressed(grainy, quality)


def compressed(picture: Image, quality: int) -> Image:
    """Through JPEG of a quality from 1 to 100 and back."""
    _, data = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE))


def fold(form: Image, rng: Rng) -> None:
    """One to three creases right across the sheet: a thin grey line beside a softer one."""
    high, wide = form.shape
    for _ in range(int(rng.integers(1, 4))):
        across = rng.random() < 0.7
        at = rng.uniform(0.15, 0.85) * (high if across else wide)
        tilt = rng.normal(0, 12)
        ends = [(0, int(at)), (wide, int(at + tilt))] if across else [(int(at), 0), (int(at + tilt), high)]
        layer = np.full_like(form, 255)
        cv2.line(layer, ends[0], ends[1], (int(rng.integers(150, 225)),), int(rng.integers(1, 4)), cv2.LINE_AA)
        _multiply(form, cv2.GaussianBlur(layer, (0, 0), float(rng.uniform(0.4, 1.5))))


def _multiply(form: Image, layer: Image) -> None:
    form[:] = cv2.multiply(form, layer, scale=1 / 255)


def crumple(form: Image, rng: Rng) -> Image:
    """Uneven feeding and waves: every place moves by up to 5 pixels, smoothly."""
    high, wide = form.shape
    coarse = rng.normal(0, 1.6, (2, 7, 5)).astype(np.float32)
    dx, dy = (cv2.resize(axis, (wide, high), interpolation=cv2.INTER_CUBIC) for axis in coarse)
    x, y = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    return np.asarray(cv2.remap(form, x + dx, y + dy, cv2.INTER_LINEAR, borderValue=(255,)))


def shadow(form: Image, rng: Rng) -> None:
    """A soft dark band and a slope of light."""
    high, wide = form.shape
    x = np.linspace(0, 1, wide, dtype=np.float32)
    band = rng.uniform(0.1, 0.5) * np.exp(-(((x - rng.random()) / rng.uniform(0.05, 0.3)) ** 2))
    slope = 1 - rng.uniform(0, 0.25) * np.linspace(0, 1, high, dtype=np.float32)[:, None]
    form[:] = (form * (slope * (1 - band)[None, :])).astype(np.uint8)


def stain(form: Image, rng: Rng) -> None:
    """A coffee ring, or a smear."""
    high, wide = form.shape
    layer = np.full_like(form, 255)
    centre = (int(rng.integers(wide // 5, wide * 4 // 5)), int(rng.integers(high // 4, high * 3 // 4)))
    radius, shade = int(rng.integers(80, 260)), int(rng.integers(150, 230))
    cv2.circle(layer, centre, radius, (min(250, shade + 25),), -1, cv2.LINE_AA)
    cv2.circle(layer, centre, radius, (shade,), int(rng.integers(6, 16)), cv2.LINE_AA)
    _multiply(form, cv2.GaussianBlur(layer, (0, 0), float(rng.uniform(1.5, 5))))


def missing_corner(form: Image, rng: Rng) -> None:
    """A torn or folded corner; the scanner's lid shows, white or dark."""
    high, wide = form.shape
    a, b = rng.integers(60, 330, 2)
    x, y = int(rng.random() < 0.5) * (wide - 1), int(rng.random() < 0.5) * (high - 1)
    points = np.array([(x, y), (x + (a if x == 0 else -a), y), (x, y + (b if y == 0 else -b))], np.int32)
    cv2.fillPoly(form, [points], (int(rng.choice([255, 60, 180])),))


def streak(form: Image, rng: Rng) -> None:
    """Dirt on the glass of a feeder: a thin line from end to end."""
    x = int(rng.integers(100, form.shape[1] - 100))
    width = int(rng.integers(1, 4))
    form[:, x : x + width] = np.minimum(form[:, x : x + width], int(rng.integers(40, 200)))


def dust(form: Image, rng: Rng) -> None:
    """Specks of up to 3 pixels."""
    for _ in range(int(rng.integers(20, 120))):
        place = (int(rng.integers(form.shape[1])), int(rng.integers(form.shape[0])))
        cv2.circle(form, place, int(rng.integers(0, 2)), (int(rng.integers(0, 160)),), -1)


def show_through(form: Image, back: Image, rng: Rng) -> None:
    """The other side shines through, mirrored and soft."""
    ghost = cv2.GaussianBlur(back[:, ::-1], (0, 0), 2.5).astype(np.float32)
    strength = rng.uniform(0.03, 0.10)
    _multiply(form, (255 - (255 - ghost) * strength).astype(np.uint8))


def stamped(form: Image, box: tuple[float, float, float, float], rng: Rng) -> None:
    """A round stamp by hand, about where it should be."""
    px = 200 / 72
    x, y = np.array([(box[0] + box[2]) / 2 * px, (box[1] + box[3]) / 2 * px]) + rng.normal(0, 12, 2)
    shade = int(rng.integers(60, 150))
    for radius in (128, 118, 80):
        cv2.circle(form, (int(x), int(y)), radius, (shade,), 3, cv2.LINE_AA)


def bilevel(picture: Image) -> Image:
    """What a scanner's line-art mode gives."""
    level, _ = cv2.threshold(picture, 0, 255, cv2.THRESH_OTSU)
    return np.asarray(cv2.threshold(picture, min(200.0, level + 30), 255, cv2.THRESH_BINARY)[1])


def photographed(form: Image, rng: Rng) -> Image:
    """A phone's picture of the sheet on a table: perspective, uneven light, a dark surround."""
    high, wide = form.shape
    long = 2600
    frame = (int(long * 0.75), long) if high > wide else (long, int(long * 0.75))
    scale = min(frame[0] / wide, frame[1] / high) * rng.uniform(0.84, 0.92)
    centre = np.asarray(frame) / 2
    corners = (np.array([(0, 0), (wide, 0), (wide, high), (0, high)]) - (wide / 2, high / 2)) * scale + centre
    moved = (corners + rng.normal(0, 0.012 * long, (4, 2))).astype(np.float32)
    source = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float32)
    out = cv2.warpPerspective(
        form, cv2.getPerspectiveTransform(source, moved), frame, borderValue=(int(rng.integers(40, 130)),)
    )
    shadow(out, rng)
    return out
