"""A small, whole bundle made from facts alone: nine sheets in two stacks, three counts, a log with its chain."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from conventus.elections import evidence
from conventus.elections.evidence import (
    Audit,
    Counted,
    Doubt,
    Draw,
    Election,
    Entry,
    EvidenceFacts,
    HandCount,
    Line,
    Member,
    Name,
    Picture,
    Remark,
    Result,
    Ruling,
    Scan,
    Stack,
    Stock,
    Totals,
    Verdict,
)

LAYOUT = "a1b2c3d4e5f60718"
NAMES = {"11": "Lê Văn An", "12": "Phạm Thị Bích", "13": "Trần Văn Cường"}
MARKS = ("cc r", "crc ", "rcc ", "ccr ", "crc ", "ccr ", "rcc ")
MANIFEST = "manifest.json"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def sealed(content: Any, salt: str) -> str:
    return digest(f"{salt}:{json.dumps(content, sort_keys=True, separators=(',', ':'))}")


def marks(letters: str) -> dict[str, str]:
    words = {"c": "chosen", "r": "rejected", "d": "doubt"}
    return {key: words[one] for key, one in zip(NAMES, letters.replace(" ", ""), strict=True)}


def scan(
    number: int,
    letters: str,
    folder: Path,
    pictures: dict[str, tuple[Path, str]],
    *,
    stack: str = "1/1",
    state: str = "read",
    doubts: tuple[Doubt, ...] = (),
    ruled: tuple[str, str, str] | None = None,
) -> Scan:
    """A sheet with a picture; `ruled` is the ruling, ground and marks on which m1 and m2 agree."""
    key = digest(f"pixels {number}")
    content = b"\xff\xd8 a picture " + key.encode() + b" \xff\xd9"
    path = folder / f"{key}.jpg"
    path.write_bytes(content)
    file = f"pages/{key}.jpg"
    pictures[file] = (path, hashlib.sha256(content).hexdigest())
    said = tuple(verdict(by, *ruled) for by in ("m1", "m2")) if ruled else ()
    read = marks(letters)
    agreed = Ruling("agreed", ruled[0], ruled[1], marks(ruled[2]) if ruled[2] else {}) if ruled else None
    standing = agreed or (None if doubts else Ruling("read", "valid", "", read))
    return Scan(f"{key}@{stack}", stack, LAYOUT, state, read, doubts, (Picture(file, 1),), said, standing)


def verdict(by: str, ruling: str, ground: str, letters: str, salt: str = "") -> Verdict:
    told = {"ruling": ruling, "ground": ground, "marks": marks(letters) if letters else {}, "note": ""}
    salt = salt or digest(f"{by} {ruling} {ground} {letters}")[:32]
    return Verdict(by, ruling, ground, told["marks"], "", told, salt, sealed(told, salt))  # type: ignore[arg-type]


def entry(slot: str, by: str, figures: Mapping[str, Any], method: str = "totals", **more: Any) -> Entry:
    salt = digest(f"{slot} {by}")[:32]
    return Entry(more.pop("attempt", 1), slot, method, by, figures, salt, sealed(figures, salt), **more)


def log_of(bodies: list[dict[str, Any]], blind: tuple[int, ...] = (3,)) -> tuple[Line, ...]:
    """A chain from line 41 on; of the lines in `blind` only the place in the chain is told."""
    lines, prev = [], digest("the line before")
    for at, body in enumerate(bodies):
        seq = 41 + at
        text = json.dumps({**body, "seq": seq, "prev": prev}, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        lines.append(Line(seq, prev, digest(text), None if at in blind else body))
        prev = lines[-1].hash
    return tuple(lines)


def body(action: str, actor: int, after: Mapping[str, Any], subject: tuple[str, int] = ("elections.ballot", 7)) -> Any:
    return {
        "at": "2025-02-24T08:00:00.000000+00:00", "actor": actor, "office": "counter @ W1", "action": action,
        "subject": list(subject), "unit": 3, "before": {}, "after": dict(after), "pack": "vn-party-2024",
    }  # fmt: skip


def facts(folder: Path, *, settled: bool = False) -> EvidenceFacts:
    """Two seats, three names, nine scans: five clear, two ruled valid or invalid, one foreign, one in a void stack."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures: dict[str, tuple[Path, str]] = {}
    asked = (Doubt("12", "faint"),)
    scans = [scan(number, "ccr" if number % 2 else "crc", folder, pictures) for number in range(5)]
    scans.append(scan(5, "cdr", folder, pictures, state="review", doubts=asked, ruled=("valid", "", "ccr")))
    scans.append(scan(6, "ccc", folder, pictures, stack="1/2", ruled=("invalid", "too_many", "")))
    scans.append(
        scan(7, "ddd", folder, pictures, state="foreign", doubts=(Doubt(None, "code"),), stack="1/2",
             ruled=("not_counted", "foreign", ""))
    )  # fmt: skip
    scans.append(scan(8, "ddd", folder, pictures, state="review", doubts=asked, stack="1/3"))
    scans = sorted(scans, key=lambda one: one.sheet)
    count = {
        "collected": 7, "valid": 6, "invalid": 1, "votes": {"11": 6, "12": 3, "13": 3}, "against": {},
    }  # fmt: skip
    wrong = {**count, "votes": {"11": 6, "12": 4, "13": 3}}
    entries = [entry("scan", "m3", count, "scan"), entry("first", "m1", count), entry("second", "m2", count)]
    if settled:
        entries[1] = entry("first", "m1", wrong)
        entries.append(
            entry("resolution", "m3", count, choices={"votes_12": {"take": "scan", "reason": ""}}, reason="Đếm lại")
        )
    old = entry("first", "m1", {**wrong, "collected": 9}, attempt=0)
    hand = HandCount("m3", count, "Kiểm tra", "00" * 16, sealed(count, "00" * 16))
    entries.insert(0, old)
    lines = log_of([*_bodies(entries, scans, hand, count)])
    return EvidenceFacts(
        election=Election(
            "7", "Phường Đông Mẫu", "Ban Chấp hành", 1, "first", "strike", 2, 1, 2, "2025-02-24T09:00:00+00:00",
            tuple(Name(key, name) for key, name in NAMES.items()),
        ),
        layouts={LAYOUT: json.dumps({"fingerprint": LAYOUT, "rows": []})},
        people=(Member("m1", 21, "Người Một"), Member("m2", 22, "Người Hai"), Member("m3", 23, "Người Ba")),
        sheets=tuple(scans),
        totals=Totals(
            ("scan", "first", "second"),
            tuple(entries),
            count,
            (Remark("elections.W03", "Đã kiểm tra", "m3"),),
            (Remark("0", "Đếm lại", "m3"),),
            Result(7, 4, (Counted("11", 6, None, True, False, False), Counted("12", 3, None, False, False, False),
                          Counted("13", 3, None, False, False, False))),
        ),
        stock=Stock(
            12, 9, 1, 2, 7, 6, 1, (),
            (
                Stack("1/1", "", True, 6, 6, 6, "", (hand,)),
                Stack("1/2", "phiếu còn lại", True, None, 2, 2, ""),
                Stack("1/3", "", False, None, 1, 1, "Quét hai lần"),
            ),
        ),
        log=lines,
        pictures=pictures,
        audits=(audit(),),
    )  # fmt: skip


def remark(key: str, code: Any, reason: str) -> dict[str, Any]:
    return {key: code, "reason": reason, "by": 23, "at": "2025-02-24T15:00:00+07:00"}


def audit() -> Audit:
    said = {"ruling": "valid", "chosen": ["11", "12"]}
    draw = Draw(1, "valid", ("11", "12"), "m2", "ab" * 16, sealed(said, "ab" * 16))
    return Audit(1, "polling", 10, "3141592653", (), 1, (), ({"drawn": 1, "risks": [0.5]},), "confirmed", "", (draw,))


def _bodies(entries: list[Entry], scans: list[Scan], hand: HandCount, count: Mapping[str, Any]) -> Any:
    accounts = {"m1": 21, "m2": 22, "m3": 23}
    yield body("elections.prepare_ballot", 20, {"standing": [11, 12, 13]})
    yield body("elections.issue", 21, {"issued": 9})
    yield body("elections.repeat_count", 23, {"repeats": [remark("attempt", 0, "Đếm lại")]})
    yield body("org.rename", 99, {"name": "another matter"}, ("org.unit", 5))
    for one in scans:
        for said in one.verdicts:
            yield body("elections.adjudicate", accounts[said.by], {"seal": said.seal}, ("elections.adjudication", 1))
    for draw in audit().draws:
        yield body("elections.record_draw", 22, {"seal": draw.seal}, ("elections.auditdraw", draw.number))
    yield body("elections.count_stack", 23, {"seal": hand.seal}, ("elections.batchcount", 1))
    for one in entries[:-1]:
        yield body("elections.enter_count", accounts[one.by], {"slot": one.slot, "seal": one.seal})
    last = entries[-1]
    opened = [
        {"entry": at, "attempt": one.attempt, "slot": one.slot, "salt": one.salt, "figures": one.figures}
        for at, one in enumerate(entries)
    ]
    told = {"slot": last.slot, "seal": last.seal, "agreed": count, "entries": opened, "state": "agreed"}
    if last.slot == "resolution":
        told |= {"reason": last.reason, "choices": last.choices}
    yield body("elections.enter_count", accounts[last.by], told)
    yield body("elections.accept_warning", 23, {"accepted": [remark("code", "elections.W03", "Đã kiểm tra")]})
    yield body("elections.declare_result", 21, {"elected": ["11"], "tied": [], "base": 7, "needed": 4})


def packed(folder: Path, *, settled: bool = False) -> Path:
    """The bundle as a ZIP."""
    path = folder / "bundle.zip"
    evidence.write_bundle(facts(folder / "scans", settled=settled), path)
    return path


# Changes ------------------------------------------------------------------------------------------


def files_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as old:
        return {name: old.read(name) for name in old.namelist()}


def rewritten(path: Path, files: Mapping[str, bytes], *, rehash: bool) -> Path:
    """A ZIP of the same kind with other files; with `rehash` the manifest is made to fit them."""
    found = dict(files)
    if rehash:
        manifest = json.loads(found[MANIFEST])
        manifest["files"] = {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
            for name, data in found.items()
            if name != MANIFEST
        }
        manifest["layouts"] = sorted(
            name.removeprefix("layouts/")[:-5] for name in found if name.startswith("layouts/")
        )
        found[MANIFEST] = (json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
    target = path.with_name("changed.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as new:
        for name in sorted(found):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o600 << 16
            new.writestr(info, found[name])
    return target


def changed(path: Path, name: str, change: Callable[[Any], Any], *, rehash: bool = True) -> Path:
    """The bundle with the data of one file changed in place (or by the value that `change` gives)."""
    files = files_of(path)
    if name.endswith(".jsonl"):
        data: Any = [json.loads(line) for line in files[name].splitlines()]
        data = change(data) or data
        text = "".join(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n" for line in data)
    else:
        data = json.loads(files[name])
        data = change(data) or data
        text = json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    return rewritten(path, {**files, name: text.encode()}, rehash=rehash)
