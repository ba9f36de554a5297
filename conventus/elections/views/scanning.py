"""Stacks of scans: opened, filled, watched while they are read, completed; and the pictures of ballots."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from conventus.core.views import me
from conventus.elections import reads
from conventus.elections.models import Sheet
from conventus.elections.scans.folder import Folder

# Pictures -----------------------------------------------------------------------------------------


@require_GET
def sheet_picture(request: HttpRequest, pk: int, page: int) -> HttpResponse:
    """A page of a ballot (from 0), for members of its board alone."""
    sheet = reads.sheet_for(me(request), pk)
    if page >= len(sheet.pages):
        raise Http404
    kept: dict[str, Any] = sheet.pages[page]
    return _picture(sheet, kept["picture"], kept["sha256"])


@require_GET
def sheet_crop(request: HttpRequest, pk: int, index: int) -> HttpResponse:
    """The place of a doubt (from 0, as in the sheet's doubts), for members of its board alone."""
    sheet = reads.sheet_for(me(request), pk)
    if index >= len(sheet.doubts) or not sheet.doubts[index]["crop"]:
        raise Http404
    return _picture(sheet, sheet.doubts[index]["crop"])


def _picture(sheet: Sheet, relative: str, digest: str = "") -> HttpResponse:
    """A picture by the path in its row; one that is gone or was changed on disk is not shown."""
    try:
        content = Folder(sheet.batch.directory).picture(relative)
    except OSError as fault:
        raise Http404 from fault
    if digest and hashlib.sha256(content).hexdigest() != digest:
        raise Http404
    kind = "image/png" if relative.endswith(".png") else "image/jpeg"
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=kind, headers=headers)
