"""Reads simulated scans of the three styles and reports what was silently wrong and what went to review, by kind.

Seven scans of ten come from the first simulator, three from the second. A run can be stopped at any time: what it found
is printed and saved after every hundred scans. `--speed PAGES` times the engine first (see omr_speed.py).
"""

import argparse
import json
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import cv2

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.omr_speed import measure
from engines.omr.layout import Layout
from engines.omr.reader import Reader, Reading
from engines.omr.simulate import CLEAN, DAMAGED, KINDS, UNCLEAR, Marked, Scan, Simulator, mark
from engines.omr.simulate_other import ASK, KINDS_OTHER, NOT_ONE, OtherSimulator
from engines.omr.spec import parse_spec
from engines.omr.typeset import print_ballots

NAMES = (
    "Nguyễn Thị Minh Phượng", "Trần Văn Đức", "Lê Hoàng Ưu", "Phạm Thị Ngọc Ánh", "Đặng Quốc Việt", "Võ Thị Sương",
    "Bùi Thị Xoan", "Hồ Ỷ", "Huỳnh Thục Khuê", "Ngô Sĩ Lâm", "Jürgen Müßig", "Annegret Brömmer-Karstensen",
    "Łukasz Żółkowicz", "Grażyna Święcicka", "Jan-Willem van der Meulen-IJsselstein", "Anneke 't Hoorn",
)  # fmt: skip
FORMS = (("strike", 55, "A4"), ("boxes", 25, "A4"), ("single", 1, "A5"), ("strike", 25, "A4"), ("boxes", 60, "A4"))


def form(style: str, count: int, paper: str, election: str = "bench") -> Layout:
    """A printed layout with names of four languages."""
    people = [{"id": f"c{n}", "name": NAMES[n % len(NAMES)]} for n in range(count)]
    spec: dict[str, Any] = {
        "election": election, "title": "PHIẾU BẦU CỬ", "unit": "Đại hội đại biểu Đảng bộ xã Thạnh Mỹ", "seats": 1,
        "style": style, "candidates": people, "paper": paper, "lang": "vi", "stamp_box": True,
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        return print_ballots(parse_spec(spec), Path(folder))


def main() -> None:
    """Simulate, read, compare, report."""
    options = _options()
    if options.speed:
        print(json.dumps(measure(options.speed), indent=1), flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    other = form("boxes", 9, "A4", "other")
    made = [form(*FORMS[index]) for index in options.forms]
    sources = [
        (Simulator(layout, other, options.seed), OtherSimulator(layout, options.seed), Reader(layout))
        for layout in made
    ]  # fmt: skip
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    try:
        for number in range(options.first, options.first + options.scans):
            first, second, reader = sources[number % len(sources)]
            name = "-".join(map(str, FORMS[options.forms[number % len(sources)]]))
            _one(*_scan(first, second, number, options), reader, number, options, tally, name)
            if number % 100 == 99:
                _save(tally, options.json)
    finally:
        _save(tally, options.json)
        _report(tally)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scans", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--other-kinds", nargs="*", default=list(KINDS_OTHER))
    parser.add_argument("--forms", type=int, nargs="*", default=list(range(len(FORMS))))
    parser.add_argument("--save", type=Path, help="folder for pictures of what was wrong")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--speed", type=int, default=0, metavar="PAGES", help="first time the engine on so many pages")
    return parser.parse_args()


def _scan(first: Simulator, second: OtherSimulator, number: int, options: argparse.Namespace) -> tuple[Scan, str, str]:
    """A scan, the name of its kind in the report, and the group it is summed in."""
    turn = number // len(options.forms)
    if turn % 10 < 7:
        kind = options.kinds[(turn // 10 * 7 + turn % 10) % len(options.kinds)]
        group = "clean" if kind in CLEAN else "damaged" if kind in DAMAGED else "unclear" if kind in UNCLEAR else "none"
        return first.scan(number, kind), kind, f"1 {group}"
    kind = options.other_kinds[(turn // 10 * 3 + turn % 10 - 7) % len(options.other_kinds)]
    group = "unclear" if kind in ASK else "none" if kind in NOT_ONE else "legible"
    return second.scan(number, kind), f"2 {kind}", f"2 {group}"


def _one(
    scan: Scan,
    kind: str,
    group: str,
    reader: Reader,
    number: int,
    options: argparse.Namespace,
    tally: dict[str, Counter[str]],
    name: str,
) -> None:
    started = time.process_time()
    reading = reader.read(scan.picture)
    used = time.process_time() - started
    decode = _decode(scan.picture)
    result = mark(scan, reading.state, dict(reading.read))
    for key in (kind, f"style {reader.layout.style}", f"all {group}", "all"):
        tally[key].update(
            scans=1, rows=len(reading.read), wrong=len(result.wrong), taken=int(bool(result.taken)),
            states=int(result.state_wrong), us=round(used * 1e6), us_decode=round(decode * 1e6), **{reading.state: 1},
        )  # fmt: skip
    reasons = sorted({doubt.reason for doubt in reading.doubts})
    tally[f"why {kind}"].update(reasons)
    if result.wrong or result.taken or result.state_wrong:
        _complain(scan, reading, result, f"{name}-{kind}-{number}".replace(" ", "-"), options.save)


def _complain(scan: Scan, reading: Reading, result: Marked, name: str, folder: Path | None) -> None:
    claims = [(key, scan.truth[key], dict(reading.read)[key]) for key in (*result.wrong, *result.taken)]
    print("WRONG", name, reading.state, claims, [doubt.reason for doubt in reading.doubts], flush=True)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"{name}.png"), scan.picture)


def _decode(picture: Any) -> float:
    """CPU seconds to decode the scan from JPEG, the least any reader has to do."""
    data = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, 85))[1]
    started = time.process_time()
    cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    return time.process_time() - started


def _save(tally: dict[str, Counter[str]], path: Path | None) -> None:
    if path:
        path.write_text(json.dumps(tally, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _report(tally: dict[str, Counter[str]]) -> None:
    print(f"{'kind':20} scans   rows wrong taken state  read review other   ms decode")
    for key, counts in sorted(tally.items()):
        if not key.startswith("why "):
            rest = counts["foreign"] + counts["blank"] + counts["unreadable"]
            why = dict(tally[f"why {key}"].most_common(4)) if f"why {key}" in tally else ""
            print(
                f"{key:20} {counts['scans']:5} {counts['rows']:6} {counts['wrong']:5} {counts['taken']:5} "
                f"{counts['states']:5} {counts['read']:5} {counts['review']:6} {rest:5} "
                f"{counts['us'] / counts['scans'] / 1000:4.0f} {counts['us_decode'] / counts['scans'] / 1000:4.0f} "
                f" {why}"
            )


if __name__ == "__main__":
    main()
