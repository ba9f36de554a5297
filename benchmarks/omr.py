"""Reads simulated scans of the three styles and reports what was silently wrong and what went to review, by kind."""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import cv2

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engines.omr.layout import Layout
from engines.omr.reader import Reader
from engines.omr.simulate import KINDS, Simulator, mark
from engines.omr.spec import parse_spec
from engines.omr.typeset import print_ballots

NAMES = (
    "Nguyễn Thị Minh Phượng", "Trần Văn Đức", "Lê Hoàng Ưu", "Phạm Thị Ngọc Ánh", "Đặng Quốc Việt", "Võ Thị Sáu",
    "Bùi Thị Xuân", "Hồ Ỷ", "Huỳnh Thúc Kháng", "Ngô Sĩ Liên", "Jürgen Müßig", "Annegret Kramp-Karrenbauer",
    "Łukasz Żółkiewski", "Grażyna Święcicka", "Jan-Willem van der Meulen-IJsselstein", "Anneke 't Hooft",
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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scans", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--forms", type=int, nargs="*", default=list(range(len(FORMS))))
    parser.add_argument("--save", type=Path, help="folder for pictures of what was wrong")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    other = form("boxes", 9, "A4", "other")
    made = [form(*FORMS[index]) for index in options.forms]
    pairs = [(Simulator(layout, other, options.seed), Reader(layout)) for layout in made]
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    for number in range(options.first, options.first + options.scans):
        simulator, reader = pairs[number % len(pairs)]
        name = "-".join(map(str, FORMS[options.forms[number % len(pairs)]]))
        _one(simulator, reader, number, options, tally, name)
        if number % 500 == 499:
            _report(tally, options.json)
    _report(tally, options.json)


def _one(
    simulator: Simulator,
    reader: Reader,
    number: int,
    options: argparse.Namespace,
    tally: dict[str, Counter[str]],
    name: str,
) -> None:
    scan = simulator.scan(number, options.kinds[number // len(options.forms) % len(options.kinds)])
    started = time.process_time()
    reading = reader.read(scan.picture)
    used = time.process_time() - started
    decode = _decode(scan.picture)
    result = mark(scan, reading.state, dict(reading.read))
    for key in (scan.kind, f"style {simulator.layout.style}", "all"):
        tally[key].update(
            scans=1, rows=len(reading.read), wrong=len(result.wrong), taken=len(result.taken),
            states=int(result.state_wrong), ms=round(used * 1000), us_decode=round(decode * 1e6), **{reading.state: 1},
        )  # fmt: skip
    reasons = sorted({doubt.reason for doubt in reading.doubts})
    tally[f"why {scan.kind}"].update(reasons)
    if options.save and (result.wrong or result.taken or result.state_wrong or options.scans < 40):
        options.save.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(options.save / f"{name}-{scan.kind}-{number}.png"), scan.picture)
        if reading.form is not None:
            cv2.imwrite(str(options.save / f"{name}-{scan.kind}-{number}-form.png"), reading.form)
        wrong = [(key, scan.truth[key], dict(reading.read)[key]) for key in (*result.wrong, *result.taken)]
        print("WRONG", name, scan.kind, number, reading.state, wrong, reasons, flush=True)


def _decode(picture: Any) -> float:
    """CPU seconds to decode the scan from JPEG, the least any reader has to do."""
    data = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, 85))[1]
    started = time.process_time()
    cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    return time.process_time() - started


def _report(tally: dict[str, Counter[str]], path: Path | None) -> None:
    print(f"{'kind':18} scans   rows wrong taken state  read review other  ms decode")
    for key, counts in tally.items():
        if not key.startswith("why "):
            rest = counts["foreign"] + counts["blank"] + counts["unreadable"]
            why = dict(tally[f"why {key}"].most_common(4)) if f"why {key}" in tally else ""
            print(
                f"{key:18} {counts['scans']:5} {counts['rows']:6} {counts['wrong']:5} {counts['taken']:5} "
                f"{counts['states']:5} {counts['read']:5} {counts['review']:6} {rest:5} "
                f"{counts['ms'] / counts['scans']:4.0f} {counts['us_decode'] / counts['scans'] / 1000:4.0f}  {why}"
            )
    sys.stdout.flush()
    if path:
        path.write_text(json.dumps(tally, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
