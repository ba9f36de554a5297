"""The printed codes: ArUco fiducials and Data Matrix, as drawings to print and as texts to read."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from engines.omr.layout import FORMAT, short_hash

Image = npt.NDArray[Any]
DICTIONARY = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
MARKER_MODULES = 6
_LENGTH = 22
_FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.DataMatrix])


@dataclass(frozen=True)
class CodeText:
    """What a code says: short hash of the election, fingerprint of the layout, page."""

    election: str
    fingerprint: str
    page: int


def marker_bits(number: int) -> Image:
    """6 x 6 booleans, true where the fiducial is black (its black rim included)."""
    picture = cv2.aruco.generateImageMarker(DICTIONARY, number, MARKER_MODULES)
    return np.asarray(np.equal(picture, 0))


def code_bits(text: str) -> Image:
    """Square booleans, true where the Data Matrix is black."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, forceSquare=True)
    picture = np.array(barcode.to_image(scale=1, add_quiet_zones=False))
    return np.asarray(np.equal(picture, 0))


def runs(bits: Image) -> list[tuple[int, int, int]]:
    """The black runs of a bit picture as (row, first column, end column)."""
    found = []
    for y, line in enumerate(bits):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], line.astype(np.int8), [0]))))
        found += [(y, int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return found


def read_codes(picture: Image) -> list[str]:
    """All texts of Data Matrix codes found in a grey picture."""
    found = zxingcpp.read_barcodes(np.ascontiguousarray(picture), formats=_FORMATS)
    return [code.text for code in found if code.valid]


def parse_code(text: str) -> CodeText | None:
    """The three parts of one of our codes; None for any other text."""
    if len(text) != _LENGTH or not text.startswith(f"C{FORMAT}") or not text[-2:].isdigit():
        return None
    return CodeText(text[2:10], text[10:20], int(text[-2:]))


def election_hash(election: str) -> str:
    """The election's part of a code."""
    return short_hash("election " + election, 8)
