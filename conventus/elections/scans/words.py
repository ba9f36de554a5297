"""What the engine says of files that it refuses, in words of the page, with what to do."""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from conventus.elections.scans.results import NO_PAGES, READ_LATER, SAME_FILE

REASONS: tuple[tuple[str, str | Promise, str | Promise], ...] = (
    (r"archive", _("an archive"), _("Unpack it and add the files that are in it.")),
    (r"encrypted", _("a PDF with a password"), _("Save it without a password, or scan these ballots again.")),
    (r"damaged PDF", _("a damaged PDF"), _("Scan these ballots again.")),
    (r"truncated", _("a picture that breaks off"), _("The transfer was interrupted: scan this ballot again.")),
    (r"damaged", _("a damaged file"), _("Scan these ballots again.")),
    (r"is empty", _("an empty file"), _("The transfer was interrupted: scan this ballot again.")),
    (r"too large|larger than", _("too large"), _("Scan at 200 dpi in grey, in files of at most some hundred pages.")),
    (r"too small", _("too small a picture"), _("Scan at 200 dpi.")),
    (r"pages: split", _("too many pages"), _("Split the file.")),
    (r"is no PDF", _("no scan"), _("Only PDF, TIFF, JPEG, PNG and other pictures are read.")),
    (r"cannot be opened|no file", _("a file that cannot be opened"), _("Add it again.")),
    (re.escape(SAME_FILE), _("the same file as another one"), _("Nothing: it was taken once.")),
    (re.escape(NO_PAGES), _("a file without a page"), _("Scan these ballots again.")),
    (re.escape(READ_LATER), _("looked at too early"), _("Nothing: it was read when it was complete.")),
)
"""What is found in the engine's words, what it means, what to do."""


def reason_words(reason: str) -> tuple[str, str]:
    """What is wrong with a file, and what to do about it."""
    for pattern, words, advice in REASONS:
        if re.search(pattern, reason):
            return str(words), str(advice)
    return reason, now("Scan these ballots again.")


def harmless(reason: str) -> bool:
    """Whether no ballot is lost by it."""
    return reason in (SAME_FILE, READ_LATER)
