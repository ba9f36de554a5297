"""Files that people file: checked by name and by content, kept with their SHA-256, handed out as attachments only."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from conventus.core import clock
from conventus.core.models import StoredFile, User
from conventus.core.rules import N_, Refusal, refusal_texts

refusal_texts(
    "files",
    {
        "empty": N_("“%(name)s” is empty. Choose the file again."),
        "too_large": N_("“%(name)s” has %(size)s MB; %(limit)s MB are allowed. Save it smaller, e.g. as a PDF."),
        "kind_unknown": N_("“%(name)s” is of a kind that is not taken. Use one of: %(known)s."),
        "not_what_it_says": N_("“%(name)s” is not a %(kind)s inside. Save it as a %(kind)s and choose that file."),
        "macros": N_("“%(name)s” contains macros. Save it without them and choose that file."),
        "missing": N_("“%(name)s” is no longer in the store. Restore it from the backup (SHA-256 %(sha256)s)."),
        "altered": N_("“%(name)s” was altered in the store and is not handed out. Restore it from the backup."),
    },
)

Stream = IO[bytes] | File[Any]


@dataclass(frozen=True)
class Kind:
    """A kind of file that is taken: its name, its media type, and the look into its content."""

    name: str
    media_type: str
    fits: Callable[[Stream], bool]


def _starts(*heads: bytes) -> Callable[[Stream], bool]:
    def fits(content: Stream) -> bool:
        content.seek(0)
        return content.read(16).startswith(heads)

    return fits


def _office(part: str) -> Callable[[Stream], bool]:
    def fits(content: Stream) -> bool:
        with zipfile.ZipFile(content) as parts:
            return {"[Content_Types].xml", part} <= set(parts.namelist())

    return fits


def _open_document(content: Stream) -> bool:
    with zipfile.ZipFile(content) as parts, parts.open("mimetype") as said:
        return said.read(80).strip() == b"application/vnd.oasis.opendocument.text"


_OOXML = "application/vnd.openxmlformats-officedocument"
KINDS = {
    ".pdf": Kind("PDF", "application/pdf", _starts(b"%PDF-")),
    ".docx": Kind("DOCX", f"{_OOXML}.wordprocessingml.document", _office("word/document.xml")),
    ".odt": Kind("ODT", "application/vnd.oasis.opendocument.text", _open_document),
    ".xlsx": Kind("XLSX", f"{_OOXML}.spreadsheetml.sheet", _office("xl/workbook.xml")),
    ".png": Kind("PNG", "image/png", _starts(b"\x89PNG\r\n\x1a\n")),
    ".jpg": Kind("JPG", "image/jpeg", _starts(b"\xff\xd8\xff")),
    ".jpeg": Kind("JPG", "image/jpeg", _starts(b"\xff\xd8\xff")),
}
ACCEPT = ",".join(KINDS)
"""The value of a file control's `accept`."""


def store(user: User, uploaded: File[Any], *, field: str = "file") -> StoredFile:
    """Keep an uploaded file; it belongs inside the action that files it.

    Refuses, naming `field`: an empty or too large file, an unknown kind, content that is not what the name says,
    macros.
    """
    name = clean_name(uploaded.name or "")
    kind = check(uploaded, name, field)
    uploaded.seek(0)
    content: bytes = uploaded.read()
    digest = hashlib.sha256(content).hexdigest()
    row = StoredFile(name=name, content_type=kind.media_type, size=len(content), sha256=digest, by=user, at=clock.now())
    row.content.save(f"{digest}{PurePath(name).suffix.lower()}", ContentFile(content), save=False)
    row.save()
    return row


def check(uploaded: File[Any], name: str, field: str = "file") -> Kind:
    """The kind of an uploaded file, by its name and its content; raises the refusals of `store`."""
    if not uploaded.size:
        raise Refusal("files.empty", field=field, name=name)
    if uploaded.size > settings.UPLOAD_LIMIT:
        size, limit = _mb(uploaded.size), _mb(settings.UPLOAD_LIMIT)
        raise Refusal("files.too_large", field=field, name=name, size=size, limit=limit)
    kind = KINDS.get(PurePath(name).suffix.lower())
    if kind is None:
        known = ", ".join(dict.fromkeys(kind.name for kind in KINDS.values()))
        raise Refusal("files.kind_unknown", field=field, name=name, known=known)
    if not _fits(kind, uploaded):
        raise Refusal("files.not_what_it_says", field=field, name=name, kind=kind.name)
    if _has_macros(uploaded):
        raise Refusal("files.macros", field=field, name=name)
    return kind


def _fits(kind: Kind, uploaded: File[Any]) -> bool:
    try:
        return kind.fits(uploaded)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, ValueError, OSError):
        return False


def _has_macros(uploaded: File[Any]) -> bool:
    if not zipfile.is_zipfile(uploaded):
        return False
    with zipfile.ZipFile(uploaded) as parts:
        return any(re.search(r"vbaProject|(^|/)Basic/", part) for part in parts.namelist())


def _mb(size: int) -> str:
    return f"{size / 1024 / 1024:.1f}".removesuffix(".0")


def clean_name(name: str) -> str:
    """The file's name without folders, control characters and quotes, at most 200 characters, its ending kept."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    plain = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in '"<>').strip(" .") or "file"
    path = PurePath(plain)
    return path.stem[: 200 - len(path.suffix)] + path.suffix


def serve(stored: StoredFile) -> HttpResponse:
    """The file as a download; a view calls it after it has checked that the reader may see the row it belongs to.

    What leaves is what was filed: a file that is gone or no longer has its SHA-256 is refused.
    """
    try:
        with stored.content.open("rb") as kept:
            content = kept.read()
    except FileNotFoundError as fault:
        raise Refusal("files.missing", name=stored.name, sha256=stored.sha256) from fault
    if hashlib.sha256(content).hexdigest() != stored.sha256:
        raise Refusal("files.altered", name=stored.name)
    response = HttpResponse(content, content_type=stored.content_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, stored.name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def shown(stored: StoredFile, url: str) -> dict[str, Any]:
    """A file as the component `files` wants it."""
    kind = KINDS.get(PurePath(stored.name).suffix.lower())
    what = {"name": stored.name, "url": url, "kind": kind.name if kind else "", "size": stored.size}
    return what | {"when": stored.at, "hash": stored.sha256}
