"""Times the ballot engine beside bare decoding and beside auto-multiple-choice, all in one run."""

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2 as pdfium

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engines.omr import damage, pens
from engines.omr.layout import Layout
from engines.omr.simulate import Simulator
from engines.omr.spec import parse_spec
from engines.omr.typeset import print_ballots

ROOT = Path(__file__).resolve().parents[1]
ROWS = 25
COPIES = 1600
PAGES = 40
PEER = "auto-multiple-choice"
_HEAD = r"""\documentclass[a4paper]{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage[margin=2cm]{geometry}
\usepackage[box]{automultiplechoice}
\AMCtext{none}{}
\begin{document}
\onecopy{%d}{\noindent Ballot\par
"""
_ROW = (
    r"\begin{question}{q%d}Name %d \begin{choiceshoriz}[o]\correctchoice{agree}\wrongchoice{disagree}"
    r"\end{choiceshoriz}\end{question}" + "\n"
)


def main() -> None:
    """Print what `measure` found; an argument gives the number of pages."""
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 60), indent=1))


def measure(pages: int) -> dict[str, Any]:
    """CPU seconds for 1,600 ballots, and per page for decoding, reading, and the peer where it is installed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found: dict[str, Any] = {"pages": pages, "print_1600_cpu_s": round(_cpu(lambda: _print(folder, COPIES))[1], 2)}
        layout = _print(folder, 1)
        (folder / "scans").mkdir()
        for number in range(pages):
            picture = Simulator(layout, seed=7).scan(number, "clean-200").picture
            cv2.imwrite(str(folder / "scans" / f"{number:04}.jpg"), picture, (cv2.IMWRITE_JPEG_QUALITY, 85))
        found |= _own(folder, pages)
        found |= _peer(folder / "peer", pages)
    if "peer_cpu_ms" in found:
        found["peer_per_own"] = round(found["peer_cpu_ms"] / found["read_cpu_ms"], 2)
    return found


def compared() -> Iterator[tuple[str, str, str, str]]:
    """The figures as rows of `python -m benchmarks`: what, measured, compared with, ratio."""
    found = measure(PAGES)
    read, decode, printed = (found[key] for key in ("read_cpu_ms", "decode_cpu_ms", "print_1600_cpu_s"))
    yield "ballot page read, CPU", f"{read} ms", f"bare decoding, {decode} ms", f"{read / decode:.1f}"
    if "peer_cpu_ms" in found:
        yield "", f"{read} ms", f"auto-multiple-choice, {found['peer_cpu_ms']} ms", f"{read / found['peer_cpu_ms']:.2f}"
    else:
        yield "", f"{read} ms", str(found["peer"]), "–"
    yield "pages a second, two processes", "", "one process", str(found["two_workers_per_one"])
    yield "1,600 ballots printed, CPU", f"{printed} s", "the goal, 8 s", f"{printed / 8:.2f}"


def _cpu(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Result, CPU seconds of this process and its finished children, seconds by the clock."""
    before, started = _used(), time.monotonic()
    done = work()
    return done, _used() - before, time.monotonic() - started


def _used() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def _print(folder: Path, copies: int) -> Layout:
    people = [{"id": f"c{n}", "name": f"Nguyễn Thị Phượng {n}"} for n in range(ROWS)]
    spec: dict[str, Any] = {
        "election": "speed", "title": "PHIẾU BẦU CỬ", "seats": 9, "style": "boxes", "candidates": people,
        "copies": copies, "lang": "vi", "stamp_box": True,
    }  # fmt: skip
    return print_ballots(parse_spec(spec), folder)


def _own(folder: Path, pages: int) -> dict[str, Any]:
    files = sorted((folder / "scans").iterdir())
    _, decode, _ = _cpu(lambda: [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in files])
    small = _read(folder, files[:1], 1)
    one, two = _read(folder, files, 1), _read(folder, files, 2)
    return {
        "decode_cpu_ms": round(decode / pages * 1000, 1),
        "read_cpu_ms": round((one[0] - small[0]) / (pages - 1) * 1000, 1),
        "start_cpu_s": round(small[0], 2),
        "read_per_decode": round((one[0] - small[0]) / (pages - 1) / (decode / pages), 2),
        "pages_per_second": round(pages / one[1], 1),
        "two_workers_per_one": round(one[1] / two[1], 2),
        "in_review": one[2],
    }


def _read(folder: Path, files: list[Path], workers: int) -> tuple[float, float, int]:
    """CPU seconds and seconds of the whole command, and the sheets it sent to people."""
    out = folder / f"out-{len(files)}-{workers}"
    command = [sys.executable, "-m", "engines.omr", "read", *map(str, files), "--layout", str(folder / "layout.json"),
               "--out", str(out), "--workers", str(workers)]  # fmt: skip
    _, used, seconds = _cpu(lambda: subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL))
    states = json.loads((out / "results.json").read_text(encoding="utf-8"))["totals"]["states"]
    return used, seconds, int(states["review"])


def _peer(folder: Path, pages: int) -> dict[str, Any]:
    """The Debian package on its own form with as many boxes, scanned the same way; nothing where it is missing."""
    if shutil.which(PEER) is None or shutil.which("pdflatex") is None:
        return {"peer": f"{PEER} or pdflatex is not installed: not compared"}
    for part in ("data", "cr", "scans"):
        (folder / part).mkdir(parents=True)
    rows = "".join(_ROW % (n, n) for n in range(1, ROWS + 1))
    (folder / "form.tex").write_text(_HEAD % pages + rows + "}\n\\end{document}\n", encoding="utf-8")
    prepare = ["prepare", "--mode", "s", "--prefix", f"{folder}/", "form.tex", "--with", "pdflatex", "--n-copies",
               str(pages), "--out-sujet", "sheet.pdf", "--out-corrige", "key.pdf", "--out-calage", "marks.xy", "--data",
               "data"]  # fmt: skip
    _, printing, _ = _cpu(lambda: _run(folder, prepare))
    _run(folder, ["meptex", "--src", "marks.xy", "--data", "data"])
    files = _scan_peer(folder, pages)
    (folder / "list").write_text("".join(f"{path}\n" for path in files), encoding="utf-8")
    analyse = [
        "analyse",
        "--projet",
        str(folder),
        "--data",
        "data",
        "--cr",
        "cr",
        "--liste-fichiers",
        "list",
        "--n-procs",
        "1",
    ]
    _, used, _ = _cpu(lambda: _run(folder, analyse))
    return {
        "peer_cpu_ms": round(used / len(files) * 1000, 1), "peer_pages": len(files),
        "peer_captured": _captured(folder), "peer_print_cpu_ms": round(printing / pages * 1000, 1),
    }  # fmt: skip


def _run(folder: Path, arguments: list[str]) -> None:
    environment = {**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    done = subprocess.run([PEER, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{PEER} {arguments[0]}: {done.stdout[-400:]}{done.stderr[-400:]}")


def _scan_peer(folder: Path, pages: int) -> list[Path]:
    """Its first pages with crosses, through the same simulated scanner."""
    files = []
    boxes = sqlite3.connect(folder / "data" / "layout.sqlite")
    document = pdfium.PdfDocument(folder / "sheet.pdf")
    for number in range(min(pages, len(document))):
        form = document[number].render(scale=200 / 72, grayscale=True).to_numpy().squeeze().copy()
        rng = np.random.default_rng((7, number))
        pen = pens.ballpoint(rng)
        query = "select xmin, ymin, xmax, ymax from layout_box where student = ? and role = 1"
        for box in boxes.execute(query, (number + 1,)):
            if rng.random() < 0.5:
                x0, y0, x1, y1 = (value * 72 / 300 for value in box)
                pens.cross(form, (x0, y0, x1, y1), pen, rng)
        path = folder / "scans" / f"{number:04}.jpg"
        picture = damage.finished(damage.scanned(form, rng, 200, 0, 0.5), rng)
        cv2.imwrite(str(path), picture, (cv2.IMWRITE_JPEG_QUALITY, 85))
        files.append(path)
    boxes.close()
    return files


def _captured(folder: Path) -> int:
    with sqlite3.connect(folder / "data" / "capture.sqlite") as database:
        return int(database.execute("select count(*) from capture_page").fetchone()[0])


if __name__ == "__main__":
    main()
