"""Opens scans: pictures, multi-page TIFF, PDF and folders, as grey pictures; names what it refuses."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium_types  # type: ignore[import-untyped]
from PIL import Image as Pictures

from engines.omr.codes import Image
from engines.omr.spec import OmrError

MOST_PIXELS = 100_000_000  # in all channels; 1000 dpi A4 in grey, or 600 dpi A4 in colour
MOST_BYTES = 8 * 2**30
MOST_PICTURE_BYTES = 300 * 2**20  # of a file that holds one picture
MOST_PAGES = 20_000
PDF_DPI = 200
_KINDS = (
    (b"%PDF", "pdf"), (b"\xff\xd8\xff", "jpeg"), (b"\x89PNG", "png"), (b"II*\0", "tiff"), (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"), (b"MM\0+", "tiff"), (b"BM", "picture"), (b"P4", "picture"), (b"P5", "picture"),
    (b"P6", "picture"), (b"RIFF", "picture"), (b"GIF8", "picture"), (b"PK\x03\x04", "zip"), (b"Rar!", "zip"),
    (b"7z\xbc\xaf", "zip"), (b"\x1f\x8b", "zip"),
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One file to read: its name in the results, its path, the SHA-256 of its bytes, its kind, number of pages."""

    name: str
    path: Path
    digest: str
    kind: str
    pages: int


def kind_of(path: Path) -> str:
    """What a file is by its first bytes; raises OmrError naming what cannot be read."""
    head = _head(path)
    if not head:
        raise OmrError("is empty")
    kind = next((kind for start, kind in _KINDS if head.startswith(start)), "pdf" if b"%PDF-" in head else "unknown")
    if kind == "zip":
        raise OmrError("is an archive: unpack it and give the folder")
    if kind == "unknown":
        raise OmrError("is no PDF, TIFF, JPEG, PNG or other known picture")
    return kind


def _head(path: Path) -> bytes:
    if not path.is_file():
        raise OmrError("is no file that can be opened")
    try:
        with path.open("rb") as file:
            return file.read(1024)
    except OSError as error:
        raise OmrError(f"cannot be opened ({error.strerror})") from error


def open_source(path: Path, name: str) -> Source:
    """Check a file and count its pages; raises OmrError with the reason when it cannot be read at all."""
    kind = kind_of(path)
    size, most = path.stat().st_size, MOST_BYTES if kind in ("pdf", "tiff") else MOST_PICTURE_BYTES
    if size > most:
        raise OmrError(f"is larger than {most / 2**30:.1f} GB: split it")
    pages = _pages(path, kind)
    if pages > MOST_PAGES:
        raise OmrError(f"has {pages} pages: split it")
    return Source(name, path, _digest(path), kind, pages)


def _pages(path: Path, kind: str) -> int:
    if kind == "pdf":
        return len(_pdf(path, path.stat().st_mtime_ns))
    return _tiff_pages(path) if kind == "tiff" else 1


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=2)
def _pdf(path: Path, _changed: int) -> Any:
    try:
        return pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        locked = "assword" in str(error)
        raise OmrError("is an encrypted PDF: give it without password" if locked else "is a damaged PDF") from error


def _tiff_pages(path: Path) -> int:
    try:
        with Pictures.open(path) as picture:
            _check_size(*picture.size, picture)
            return int(getattr(picture, "n_frames", 1))
    except (OSError, ValueError, SyntaxError, Pictures.DecompressionBombError, EOFError) as error:
        raise OmrError(f"is a damaged or too large TIFF ({error})") from error


def load_page(source: Source, page: int) -> Image:
    """One page (from 1) as grey uint8, height x width; raises OmrError when it is damaged or too large."""
    try:
        if source.kind == "pdf":
            return _pdf_page(source, page)
        if source.kind == "jpeg":
            return _jpeg(source.path.read_bytes())
        return _picture(source.path, page)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, cv2.error, pdfium.PdfiumError) as error:
        raise OmrError(f"is damaged ({error})") from error
    except Pictures.DecompressionBombError as error:
        raise OmrError("is too large a picture") from error


def _pdf_page(source: Source, number: int) -> Image:
    """The scanner's picture inside the page where there is exactly one and nothing else; the drawn page otherwise."""
    page = _pdf(source.path, source.path.stat().st_mtime_ns)[number - 1]
    wide, high = page.get_size()
    for inside in page.get_objects([pdfium_types.FPDF_PAGEOBJ_IMAGE]):
        _check_pixels(*inside.get_px_size())
    whole = _whole_picture(page)
    if whole is not None:
        return whole
    scale = PDF_DPI / 72
    if wide * high * scale * scale > MOST_PIXELS or min(wide, high) < 1:
        raise OmrError(f"has a page of {wide:.0f} x {high:.0f} points, which is too large")
    return np.array(page.render(scale=scale, grayscale=True).to_numpy()).squeeze()


def _whole_picture(page: Any) -> Image | None:
    objects = list(page.get_objects(max_depth=1))
    if len(objects) != 1 or not isinstance(objects[0], pdfium.PdfImage):
        return None
    a, b, c, d, *_ = objects[0].get_matrix().get()
    if a <= 0 or d <= 0 or abs(b) + abs(c) > 1e-3:
        return None
    wide, high = objects[0].get_px_size()
    _check_size(wide, high)
    return grey(np.array(objects[0].get_bitmap().to_numpy()))


def _check_size(wide: int, high: int, picture: Pictures.Image | None = None) -> None:
    """Refuse by what the file says of itself, before any memory is taken."""
    _check_pixels(wide, high, len(picture.getbands()) if picture is not None else 1)
    if min(wide, high) < 100:
        raise OmrError(f"is too small a picture ({wide} x {high} pixels)")


def _check_pixels(wide: int, high: int, channels: int = 1) -> None:
    if wide * high * channels > MOST_PIXELS * (1.1 if channels > 1 else 1):
        raise OmrError(f"is too large a picture ({wide} x {high} pixels)")


def _jpeg(data: bytes) -> Image:
    if b"\xff\xd9" not in data[-4096:]:
        raise OmrError("is a truncated JPEG")
    with Pictures.open(io.BytesIO(data)) as picture:
        _check_size(*picture.size, picture)
        if picture.mode not in ("L", "RGB"):
            return _converted(picture)
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_ANYCOLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if decoded is None:
        raise OmrError("is a damaged JPEG")
    return grey(decoded)


def _picture(path: Path, page: int) -> Image:
    with Pictures.open(path) as picture:
        if page > 1:
            picture.seek(page - 1)
        _check_size(*picture.size, picture)
        picture.load()
        return _converted(picture)


def _converted(picture: Pictures.Image) -> Image:
    if picture.mode.startswith(("I", "F")):
        values = np.asarray(picture, np.float32)
        top = 65535.0 if values.max() > 255 else 255.0
        return np.asarray(np.clip(values * (255 / top), 0, 255), np.uint8)
    if picture.mode in ("1", "L"):
        return np.array(picture.convert("L"))
    if picture.has_transparency_data:
        white = Pictures.new("RGBA", picture.size, "white")
        picture = Pictures.alpha_composite(white, picture.convert("RGBA"))
    return grey(np.array(picture.convert("RGB")))


def grey(picture: Image) -> Image:
    """One channel: the darkest of the colours, each relative to the paper, so that a red pen is dark too."""
    if picture.ndim == 2 or picture.shape[2] == 1:
        return np.ascontiguousarray(picture.reshape(picture.shape[:2]))
    channels = [_whitened(np.ascontiguousarray(picture[:, :, index])) for index in range(3)]
    return np.asarray(cv2.min(cv2.min(channels[0], channels[1]), channels[2]))


def _whitened(channel: Image) -> Image:
    white = max(32.0, float(np.percentile(channel[::16, ::16], 90)))
    return np.asarray(cv2.convertScaleAbs(channel, alpha=245.0 / white))


def files_of(given: list[Path]) -> Iterator[tuple[Path, str]]:
    """All files in what was given, folders with all that is in them, as (path, name in the results), sorted."""
    for item in given:
        if item.is_dir():
            inside = sorted(path for path in item.rglob("*") if path.is_file())
            yield from ((path, str(path)) for path in inside if not _hidden(path.relative_to(item)))
        else:
            yield item, str(item)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
