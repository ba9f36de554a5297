"""Finds the form on a scan: fiducials, orientation, page, codes."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from engines.omr.blank import PX, Blank, crop, pixels
from engines.omr.codes import DICTIONARY, Image, read_codes
from engines.omr.layout import CORNERS, MARKER_CYCLE, Layout, Mark

LEAST_MARKERS = 3
_SEARCH_SIDES = (1000, 2400)  # least longest side, in pixels, of the picture in which fiducials are sought
_STRIP = 0.17  # of the picture: the outer strips in which a sheet that fills the picture has its fiducials
_FILLED = 0.75  # of the picture, covered by the form
_SHRINK = (0.90, 1.12)  # how much longer than wide, compared with the print, a form may be


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


def find_markers(picture: Image) -> Found:
    """Fiducials on a grey picture: in its outer strips, then all over it; larger only when that shows too few."""
    found = Found({}, frozenset())
    for side in _SEARCH_SIDES:
        shrink = max(1, max(picture.shape) // side)
        small = _shrunk(picture, shrink)
        found = _in_strips(picture, small, shrink)
        if not _fills(found, picture):
            whole = _detect(picture, small, shrink, _MANY)
            found = Found(whole.corners, whole.twice | found.twice)
        if len(found.corners) >= 5 or found.twice or shrink == 1:
            break
    return found


def _shrunk(picture: Image, shrink: int) -> Image:
    size = (picture.shape[1] // shrink, picture.shape[0] // shrink)
    whole = picture[: size[1] * shrink, : size[0] * shrink]
    return picture if shrink == 1 else cv2.resize(whole, size, interpolation=cv2.INTER_AREA)


def _in_strips(picture: Image, small: Image, shrink: int) -> Found:
    """What the left and right strips of the upright picture show, or the upper and lower ones."""
    found = Found({}, frozenset())
    for turned in (False, True):
        sheet = small.T if turned else small
        wide, left = round(sheet.shape[1] * _STRIP), 0
        left = sheet.shape[1] - wide
        strips = np.ascontiguousarray(np.concatenate([sheet[:, :wide], sheet[:, left:]], axis=1))
        found = _detect(
            picture, np.ascontiguousarray(strips.T) if turned else strips, shrink, _ONE, (wide, left, turned)
        )
        if found.corners:
            break
    return found


def _fills(found: Found, picture: Image) -> bool:
    """Whether all fiducials of one sheet were seen and span the picture: then there is no room for another sheet."""
    if len(found.corners) != len(CORNERS) or found.twice:
        return False
    points = np.concatenate(list(found.corners.values())).astype(np.float32)
    return bool(cv2.contourArea(cv2.convexHull(points)) > _FILLED * picture.size)


def _detect(
    picture: Image, small: Image, shrink: int, detector: Any, strips: tuple[int, int, bool] | None = None
) -> Found:
    """Fiducials of a shrunk picture, their corners found again in the whole one; `strips`: width, gap's end, turned."""
    corners, numbers, _ = detector.detectMarkers(small)
    if numbers is None or not len(corners):
        return Found({}, frozenset())
    ids = [int(number) for number in numbers.ravel()]
    twice = frozenset(number for number, count in Counter(ids).items() if count > 1)
    points = {}
    for number, corner in zip(ids, corners, strict=True):
        place = np.array(corner).reshape(4, 2)
        if strips is not None:
            wide, left, turned = strips
            axis = 1 if turned else 0
            if place[:, axis].mean() >= wide:
                place[:, axis] += left - wide
        points[number] = (place + 0.5) * shrink - 0.5
    return Found({number: _refine(picture, point) for number, point in points.items()}, twice)


def _detector(least: int, most: int) -> Any:
    parameters = cv2.aruco.DetectorParameters()
    parameters.errorCorrectionRate = 0.3
    parameters.minMarkerPerimeterRate = 0.04
    parameters.adaptiveThreshWinSizeMin = least
    parameters.adaptiveThreshWinSizeMax = most
    parameters.adaptiveThreshWinSizeStep = 22
    return cv2.aruco.ArucoDetector(DICTIONARY, parameters)


_ONE, _MANY = _detector(15, 15), _detector(7, 29)


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
    if not _like_paper(matrix):
        return None
    across = matrix[:2, 0] - matrix[2, 0] * matrix[:2, 2]
    turn = round(float(np.degrees(np.arctan2(across[1], across[0]))) / 90) * 90 % 360
    return Pose(cycle, matrix, turn, count, error)


def _like_paper(matrix: Image) -> bool:
    """Whether the form is about as long for its width as it was printed: fiducials of two sheets would stretch it."""
    across, down = (float(np.linalg.norm(matrix[:2, axis])) for axis in (0, 1))
    return bool(_SHRINK[0] < across / max(down, 1e-9) < _SHRINK[1])


def strangers(found: Found, where: Pose, layout: Layout) -> bool:
    """Whether a fiducial lies where this sheet has none: then another sheet is in the picture."""
    own = {mark.id: mark for mark in _marks_of(layout, where.cycle)}
    for number, seen in found.corners.items():
        if number not in own:
            return True
        form = _corner_points(own[number])
        moved = cv2.perspectiveTransform(form.reshape(-1, 1, 2), where.matrix).reshape(-1, 2)
        if np.linalg.norm(moved.mean(axis=0) - seen.mean(axis=0)) > np.linalg.norm(moved[0] - moved[2]):
            return True
    return False


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
