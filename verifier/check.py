"""All checks of a bundle, one after the other."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from verifier import container, counts, log, opening, records, sheets, stock
from verifier.container import MANIFEST, Bundle
from verifier.faults import SHAPE, Faults, Unreadable, shaped

NEEDED = (
    "README.txt", "audits.json", "cvr.json", "decisions.json", "log.jsonl", MANIFEST, "people.json", "stock.json",
    "totals.json",
)  # fmt: skip


@dataclass(frozen=True)
class Report:
    """What was found: faults as sentences, and what the bundle says where it is whole."""

    faults: tuple[str, ...]
    manifest: str = ""
    summary: dict[str, Any] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def verify(path: Path, *, passphrase: str = "", identity: str = "", sealed: str = "") -> Report:
    """Check a bundle. `sealed` is the SHA-256 that the record prints: of the manifest, or of the sealed file."""
    try:
        with opening.unwrapped(path) as inner:
            return _verified(inner, passphrase, identity, sealed.strip().lower())
    except Unreadable as fault:
        return Report((str(fault),))
    except (OSError, zipfile.BadZipFile) as fault:
        return Report((f"{path} cannot be read: {fault}.",))


def _verified(path: Path, passphrase: str, identity: str, sealed: str) -> Report:
    of_file = bool(sealed) and opening.hash_of(path) == sealed
    with opening.opened(path, passphrase, identity) as file:
        bundle = container.read(file)
    faults = (*bundle.faults, *_faults(bundle, "" if of_file else sealed))
    return Report(tuple(dict.fromkeys(faults)), bundle.hashes.get(MANIFEST, ""), {} if faults else _summary(bundle))


def _faults(bundle: Bundle, sealed: str) -> Faults:
    missing = [name for name in NEEDED if name not in bundle.texts]
    if missing:
        yield f"The bundle lacks {', '.join(missing)}."
    if MANIFEST in bundle.texts:
        yield from shaped(MANIFEST, lambda: container.faults_of_manifest(bundle, sealed))
    if not missing:
        yield from _faults_inside(bundle)


@dataclass(frozen=True)
class _Parts:
    """The files of a bundle as data."""

    election: dict[str, Any]
    log_end: dict[str, Any]
    people: dict[str, int]
    sheets: list[dict[str, Any]]
    totals: dict[str, Any]
    stock: dict[str, Any]
    stacks: dict[str, Any]
    report: dict[str, Any]
    log: list[dict[str, Any]]
    audits: list[dict[str, Any]]

    @property
    def scanned(self) -> dict[str, Any]:
        """The count that the sheets make."""
        return sheets.tally(self.sheets, self.stacks, self.election)


def _parts(bundle: Bundle) -> _Parts:
    manifest, found = bundle.json(MANIFEST), bundle.json("stock.json")
    people = {one["id"]: one["account"] for one in bundle.json("people.json")["people"]}
    stacks = {one["id"]: one for one in found["stacks"]}
    return _Parts(
        manifest["election"],
        manifest["log"],
        people,
        bundle.json("decisions.json")["sheets"],
        bundle.json("totals.json"),
        found,
        stacks,
        bundle.json("cvr.json"),
        bundle.lines("log.jsonl"),
        bundle.json("audits.json")["audits"],
    )


def _faults_inside(bundle: Bundle) -> Iterator[str]:
    """What the files say of each other; each check runs whether or not another one failed."""
    try:
        parts = _parts(bundle)
        live = "scan" in parts.totals["paths"]
    except SHAPE as fault:
        yield f"A file of the bundle does not have the shape of this format: {fault}."
        return
    known, election, stacks = set(parts.people), parts.election, parts.stacks
    of = parts.sheets
    yield from shaped("decisions.json", lambda: sheets.faults_of_sheets(of, election, known, stacks))
    yield from shaped("decisions.json", lambda: sheets.faults_of_pictures(of, bundle.hashes))
    yield from shaped("cvr.json", lambda: records.faults_of_records(parts.report, of, stacks, election, bundle.hashes))
    yield from shaped("totals.json", lambda: counts.faults_of_totals(parts.totals, election, parts.scanned, known))
    yield from shaped(
        "stock.json",
        lambda: stock.faults_of_stock(
            parts.stock, parts.totals["agreed"], of, parts.scanned["collected"] if live else None
        ),
    )
    yield from shaped("audits.json", lambda: stock.faults_of_audits(parts.audits))
    yield from shaped("log.jsonl", lambda: log.faults_of_log(parts.log, parts.log_end))
    yield from shaped(
        "log.jsonl", lambda: log.faults_of_seals(parts.log, parts.totals, of, parts.stock, parts.audits, parts.people)
    )
    yield from shaped("log.jsonl", lambda: log.faults_of_story(parts.log, parts.totals, election, parts.people))


def _summary(bundle: Bundle) -> dict[str, Any]:
    """What a whole bundle says, for the one who checks it."""
    parts = _parts(bundle)
    names = {one["id"]: one["name"] for one in parts.election["candidates"]}
    return {
        "unit": parts.election["unit"],
        "contest": parts.election["contest"],
        "round": parts.election["round"],
        "files": len(bundle.hashes),
        "sheets": len(parts.sheets),
        "adjudicated": sum(bool(one["standing"]) and one["standing"]["how"] == "agreed" for one in parts.sheets),
        "paths": parts.totals["paths"],
        **{key: parts.totals["agreed"][key] for key in ("collected", "valid", "invalid")},
        "votes": {names[key]: votes for key, votes in parts.totals["agreed"]["votes"].items()},
        "elected": [names[one["id"]] for one in parts.totals["result"]["names"] if one["elected"]],
        "lines": len(parts.log),
        "last_hash": parts.log[-1]["hash"] if parts.log else "",
    }
