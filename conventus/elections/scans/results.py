"""The engine's results.json as ballots: pages put together, blank backs left out, the same file taken once."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conventus.elections.scans.folder import Folder, shown_name

READ, REVIEW, BLANK = "read", "review", "blank"
WORST = (READ, REVIEW, "foreign", "unreadable")
"""The states of a ballot, from the one that asks nobody to the one that shows nothing."""
TWICE = "same-picture-twice"
SAME_FILE = "is the same file as another one and was taken once"
NO_PAGES = "holds no page"
READ_LATER = "was still being written at the first look; it was read when it was complete"


@dataclass(frozen=True)
class Ballot:
    """One scanned ballot: what the engine says of its pages, and where their pictures lie in the stack's folder."""

    key: str
    state: str
    marks: Mapping[str, str]
    doubts: tuple[dict[str, Any], ...]
    pages: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Taken:
    """A stack as read: its ballots in the order of their content, its pages by state, the files that were refused."""

    ballots: tuple[Ballot, ...]
    states: Mapping[str, int]
    refused: tuple[tuple[str, str], ...]
    pages: int = field(default=0)


def taken(folder: Folder) -> Taken:
    """What the engine has left in `folder`; raises OSError or ValueError when there is nothing whole."""
    data = json.loads(folder.results.read_text(encoding="utf-8"))
    pages = [one for one in data["sheets"] if one["key"]]
    fresh, copies = _once(pages)
    states = Counter(one["state"] for one in fresh)
    ballots = tuple(_ballots(fresh, folder))
    refused = sorted({*_refused(data["sheets"], pages), *copies, *_barren(data["sheets"], folder)})
    return Taken(ballots, dict(sorted(states.items())), tuple(refused), len(fresh))


def _once(pages: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Pages of files that are alike byte for byte are taken once: no two ballots ever give the same file."""
    first: dict[tuple[str, int], str] = {}
    fresh, copies = [], []
    for page in sorted(pages, key=lambda one: (TWICE in _reasons(one), one["file"])):
        known = first.setdefault((page["source"], page["page"]), page["file"])
        if known == page["file"]:
            fresh.append(page)
        else:
            copies.append((shown_name(page["file"]), SAME_FILE))
    return sorted(fresh, key=lambda one: (one["key"], one["file"], one["page"])), copies


def _reasons(page: Mapping[str, Any]) -> list[str]:
    return [doubt["reason"] for doubt in page["doubts"]]


def _refused(sheets: Iterable[dict[str, Any]], pages: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Files that could not be opened; one that was looked at too early and read later is told apart."""
    read = {page["file"] for page in pages}
    for one in sheets:
        if not one["key"]:
            yield shown_name(one["file"]), READ_LATER if one["file"] in read else _reasons(one)[0]


def _barren(sheets: Iterable[dict[str, Any]], folder: Folder) -> Iterator[tuple[str, str]]:
    """Files that the engine opened and found no page in."""
    known = {Path(one["file"]).name for one in sheets}
    yield from ((shown_name(path.name), NO_PAGES) for path in folder.waiting() if path.name not in known)


def _ballots(pages: Iterable[dict[str, Any]], folder: Folder) -> Iterator[Ballot]:
    """Pages of one identifier are one ballot; what shows no ballot stands alone, and blank backs are none."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for page in pages:
        if page["state"] != BLANK:
            groups.setdefault(page["ballot"] or _own_key(page["key"], groups), []).append(page)
    for key, group in sorted(groups.items()):
        yield _ballot(key, sorted(group, key=lambda one: one["form_page"] or 0), folder)


def _own_key(key: str, known: Mapping[str, Any]) -> str:
    """A page that belongs to no ballot goes by its pixels, the second of the same pixels by a key made from them."""
    number, own = 1, key
    while own in known:
        number += 1
        own = hashlib.sha256(f"{number} {key}".encode()).hexdigest()
    return own


def _ballot(key: str, pages: list[dict[str, Any]], folder: Folder) -> Ballot:
    marks = {candidate: mark for page in pages for candidate, mark in page["read"].items()}
    doubts = tuple(_doubt(doubt) for page in pages for doubt in page["doubts"])
    state = max((page["state"] for page in pages), key=WORST.index)
    return Ballot(key, state, marks, doubts, tuple(_page(page, folder) for page in pages))


def _doubt(doubt: Mapping[str, Any]) -> dict[str, Any]:
    crop = f"out/{doubt['crop']}" if doubt["crop"] else None
    return {"candidate": doubt["candidate"], "reason": doubt["reason"], "crop": crop}


def _page(page: Mapping[str, Any], folder: Folder) -> dict[str, Any]:
    """A page with the seal of its picture, so that one changed on disk is noticed."""
    picture = f"out/{page['picture']}"
    digest = hashlib.sha256((folder.path / picture).read_bytes()).hexdigest()
    return {"key": page["key"], "picture": picture, "sha256": digest, "form_page": page["form_page"]}
