"""Finds the form on a scan: fiducials, orientation, page, codes, and the small ticks beside every row."""

from collections import Counter
from dataclasses import dataclass

import cv2
import numpy as np

from engines.omr.blank import PX, Blank, crop, pixels
from engines.omr.codes import DICTIONARY, Image, read_codes
from engines.omr.layout import CORNERS, MARKER_CYCLE, Layout, Mark

LEAST_MARKERS = 3
_SEARCH_SIDES = (1000, 2400)  # least longest side, in pixels, of the picture in which fiducials are sought
_TICK_REACH = 9  # pixels at 200 dpi (1.1 mm) a tick may be away from where the fiducials say
_TICK_RIM = 5
_TICK_MATCH = 0.7
_TICK_OUTLIER = 2.5


@dataclass(frozen=True)
class Found:
    """Fiducials of a picture: corner points by number (4 x 2, in picture pixels), and numbers seen twice."""

    corners: dict[int, Image]
    twice: frozenset[int]


@dataclass(frozen=True)
class Pose:
    """How a form lies on its picture: `matrix` takes 200 dpi form pixels to picture pixels."""

    cycle: int
    matrix: Image
    rotation: int
    markers: int
    error: float


@dataclass(frozen=True)
class Ticks:
    """Local shifts (rows x 2 ticks x 2 axes, pixels at 200 dpi), whether each row has ticks near it, share seen."""

    shifts: Image
    sure: Image
    share: float


def find_markers(picture: Image) -> Found:
    """Fiducials on a grey picture; a larger picture is tried only when the smaller one shows too few."""
    found = Found({}, frozenset())
    for side in _SEARCH_SIDES:
        shrink = max(1, max(picture.shape) // side)
        found = _detect(picture, shrink)
        if len(found.corners) >= 5 or found.twice or shrink == 1:
            break
    return found


def _detect(picture: Image, shrink: int) -> Found:
    size = (picture.shape[1] // shrink, picture.shape[0] // shrink)
    whole = picture[: size[1] * shrink, : size[0] * shrink]
    small = picture if shrink == 1 else cv2.resize(whole, size, interpolation=cv2.INTER_AREA)
    corners, numbers, _ = cv2.aruco.ArucoDetector(DICTIONARY, _parameters()).detectMarkers(small)
    if numbers is None or not len(corners):
        return Found({}, frozenset())
    ids = [int(number) for number in numbers.ravel()]
    twice = frozenset(number for number, count in Counter(ids).items() if count > 1)
    points = {number: (corner[0] + 0.5) * shrink - 0.5 for number, corner in zip(ids, corners, strict=True)}
    return Found({number: _refine(picture, point) for number, point in points.items()}, twice)


def _parameters() -> cv2.aruco.DetectorParameters:
    parameters = cv2.aruco.DetectorParameters()
    parameters.errorCorrectionRate = 0.3
    parameters.minMarkerPerimeterRate = 0.04
    parameters.adaptiveThreshWinSizeMin = 7
    parameters.adaptiveThreshWinSizeMax = 29
    parameters.adaptiveThreshWinSizeStep = 22
    return parameters


def _refine(picture: Image, points: Image) -> Image:
    side = float(np.linalg.norm(points - np.roll(points, 1, axis=0), axis=1).min())
    reach = max(2, int(side / 9))
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.02)
    refined = cv2.cornerSubPix(picture, points.astype(np.float32).reshape(-1, 1, 2), (reach, reach), (-1, -1), stop)
    return np.asarray(refined).reshape(4, 2)


def pose(found: Found, layout: Layout) -> Pose | None:
    """The homography through at least three fiducials of one page; None when there are fewer or they disagree."""
    cycles = Counter(number // len(CORNERS) for number in found.corners)
    if not cycles:
        return None
    cycle = cycles.most_common(1)[0][0]
    marks = [mark for mark in _marks_of(layout, cycle) if mark.id in found.corners]
    if len(marks) < LEAST_MARKERS or cycle >= MARKER_CYCLE:
        return None
    form = np.concatenate([_corner_points(mark) for mark in marks])
    seen = np.concatenate([found.corners[mark.id] for mark in marks])
    return _fit(cycle, form, seen, len(marks))


def _marks_of(layout: Layout, cycle: int) -> list[Mark]:
    """The fiducials of the first page that uses this set of numbers; all such pages have them in the same places."""
    page = cycle + 1 if cycle < layout.pages else 1
    first = (cycle - (page - 1) % MARKER_CYCLE) * len(CORNERS)
    return [Mark(mark.id + first, page, mark.corner, mark.box) for mark in layout.marks if mark.page == page]


def _corner_points(mark: Mark) -> Image:
    x0, y0, x1, y1 = (value * PX - 0.5 for value in mark.box)
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])


def _fit(cycle: int, form: Image, seen: Image, count: int) -> Pose | None:
    size = float(np.linalg.norm(seen[0] - seen[1])) / float(np.linalg.norm(form[0] - form[1]))
    matrix, inliers = cv2.findHomography(form, seen, cv2.RANSAC, 3.5 * size)
    if matrix is None or int(inliers.sum()) < 4 * LEAST_MARKERS - 2:
        return None
    moved = cv2.perspectiveTransform(form.reshape(-1, 1, 2), matrix).reshape(-1, 2)
    keep = inliers.ravel() > 0
    error = float(np.sqrt(np.mean(np.sum((moved[keep] - seen[keep]) ** 2, axis=1)))) / max(size, 1e-6)
    across = matrix[:2, 0] - matrix[2, 0] * matrix[:2, 2]
    turn = round(float(np.degrees(np.arctan2(across[1], across[0]))) / 90) * 90 % 360
    return Pose(cycle, matrix, turn, count, error)


def warp(picture: Image, where: Pose, blank: Blank) -> Image:
    """The form at 200 dpi, upright; what lies outside the picture is white."""
    high, wide = blank.ink.shape
    shrink = float(np.sqrt(abs(np.linalg.det(where.matrix[:2, :2]))))
    if shrink > 1.4:
        picture = cv2.blur(picture, (2, 2)) if shrink < 2 else cv2.blur(picture, (3, 3))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    flat = _flattened(where.matrix, high, wide)
    if flat is not None:
        return cv2.warpAffine(picture, flat, (wide, high), flags=flags, borderValue=(255, 255, 255))
    return cv2.warpPerspective(picture, where.matrix, (wide, high), flags=flags, borderValue=(255, 255, 255))


def _flattened(matrix: Image, high: int, wide: int) -> Image | None:
    """The matrix without its perspective, twice as fast, where that moves no corner by more than half a pixel."""
    corners = np.array([(0.0, 0.0), (wide, 0.0), (wide, high), (0.0, high)])
    seen = cv2.perspectiveTransform(corners.reshape(-1, 1, 2), matrix).reshape(-1, 2)
    terms = np.column_stack([corners, np.ones(4)])
    solved = np.linalg.lstsq(terms, seen, rcond=None)[0]
    return np.asarray(solved.T) if np.abs(terms @ solved - seen).max() < 0.5 else None


def codes_on(form: Image, picture: Image, layout: Layout) -> tuple[str, ...]:
    """The different texts of the codes, sought in their places first and in the whole picture after that."""
    page = layout.codes[:2]
    texts = {text for code in page for text in read_codes(crop(form, pixels(code.box, 10)))}
    if not texts:
        texts = {text for code in page for text in _hard_code(crop(form, pixels(code.box, 14)))}
    return tuple(sorted(texts or set(read_codes(picture))))


def _hard_code(patch: Image) -> list[str]:
    """Try again with the picture enlarged and its grain smoothed."""
    large = cv2.resize(patch, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    return read_codes(cv2.GaussianBlur(large, (0, 0), 2))


def find_ticks(form: Image, blank: Blank) -> Ticks:
    """Where the ticks beside each row really are, compared with the blank; gaps are filled from their neighbours."""
    rows = blank.rows
    shifts, scores = np.zeros((len(rows), 2, 2)), np.zeros((len(rows), 2))
    for index, row in enumerate(rows):
        for side in (0, 1):
            shifts[index, side], scores[index, side] = _match_tick(form, blank, row.ticks[side])
    seen = scores >= _TICK_MATCH
    for group in blank.tick_columns:
        for side in (0, 1):
            shifts[group, side], seen[group, side] = _smooth(shifts[group, side], seen[group, side])
    return Ticks(shifts, _sure(seen, blank), float(seen.mean()))


def _match_tick(form: Image, blank: Blank, box: tuple[float, float, float, float]) -> tuple[Image, float]:
    """Shift (x, y) and match of one tick."""
    pattern = crop(blank.grey, pixels(box, _TICK_RIM))
    region = crop(form, pixels(box, _TICK_RIM + _TICK_REACH))
    match = cv2.matchTemplate(region, pattern, cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(match)
    fine = np.array([_peak(match[y, :], x), _peak(match[:, x], y)])
    return fine - _TICK_REACH, float(best)


def _peak(line: Image, at: int) -> float:
    """Top of the parabola through a maximum and its neighbours."""
    if not 0 < at < len(line) - 1:
        return float(at)
    before, here, after = (float(value) for value in line[at - 1 : at + 2])
    bend = before - 2 * here + after
    return at if bend >= 0 else at + 0.5 * (before - after) / bend


def _smooth(shifts: Image, seen: Image) -> tuple[Image, Image]:
    """Throw out ticks that contradict their neighbours, and fill the gaps by interpolation."""
    places = np.arange(len(shifts))
    good = seen.copy()
    for index in places[seen]:
        near = seen & (np.abs(places - index) <= 2)
        if np.abs(shifts[index] - np.median(shifts[near], axis=0)).max() > _TICK_OUTLIER:
            good[index] = False
    if not good.any():
        return np.zeros_like(shifts), good
    filled = [np.interp(places, places[good], shifts[good, axis]) for axis in (0, 1)]
    return np.stack(filled, axis=1), good


def _sure(seen: Image, blank: Blank) -> Image:
    """A row is sure of its place when on both sides a tick was seen within two rows."""
    sure = np.zeros(len(seen), bool)
    for group in blank.tick_columns:
        near = np.array([[seen[group][max(0, i - 2) : i + 3, s].any() for s in (0, 1)] for i in range(len(group))])
        sure[group] = near.all(axis=1)
    return sure
