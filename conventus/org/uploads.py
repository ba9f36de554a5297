"""Uploaded import files, kept in `var/uploads` until they are confirmed or thrown away, for their account only."""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404

from conventus.core.models import User
from conventus.org.imports.columns import KINDS
from conventus.org.imports.files import Sheet, read

DAYS = 7
"""After so many days a forgotten upload is removed."""

_TOKEN = re.compile(r"[\w-]{16,40}")


@dataclass
class Upload:
    """A file that waits: whose it is, for which unit, and which job brings it in."""

    token: str
    user: int
    unit: int
    kind: str
    name: str
    encoding: str = ""
    job: int | None = None
    counts: dict[str, int] = field(default_factory=dict)
    """What came of it, once it is imported."""

    @property
    def content(self) -> Path:
        """The file itself; gone once it is imported."""
        return _folder() / f"{self.token}.bin"

    @property
    def rejects(self) -> Path:
        """The rows that were left out, once it is imported."""
        return _folder() / f"{self.token}.csv"

    def save(self) -> None:
        """Keep what is known about the upload."""
        _meta(self.token).write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")

    def sheet(self) -> Sheet:
        """The table in the file."""
        return read(self.name, self.content.read_bytes(), KINDS[self.kind], self.encoding)

    def discard(self) -> None:
        """Remove everything about the upload."""
        for path in (self.content, self.rejects, _meta(self.token)):
            path.unlink(missing_ok=True)


def keep(user: User, *, unit: int, kind: str, name: str, content: bytes, encoding: str = "") -> Upload:
    """Keep a file for `user`; uploads that nobody came back to are removed on the way."""
    _sweep()
    upload = Upload(secrets.token_urlsafe(24), user.pk, unit, kind, name, encoding)
    _folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    upload.content.touch(mode=0o600)
    upload.content.write_bytes(content)
    upload.save()
    return upload


def upload_for(reader: User, token: str) -> Upload:
    """The reader's own upload; 404 for anybody else's, and for one that is gone."""
    upload = upload_with(token)
    if upload is None or upload.user != reader.pk or not (upload.counts or upload.content.is_file()):
        raise Http404
    return upload


def upload_with(token: str) -> Upload | None:
    """The upload with this token, for the job that brings it in."""
    if not _TOKEN.fullmatch(token):
        return None
    try:
        kept: dict[str, Any] = json.loads(_meta(token).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return Upload(**kept)


def _sweep() -> None:
    oldest = time.time() - DAYS * 86_400
    for path in _folder().glob("*.*"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def _folder() -> Path:
    return Path(settings.VAR) / "uploads"


def _meta(token: str) -> Path:
    return _folder() / f"{token}.json"
