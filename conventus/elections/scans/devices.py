"""Scanners that SANE drives: which there are, and one feeder emptied into a folder by `scanimage --batch`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

from conventus.core.processes import ending_with_us

DPI = 200
LIST_SECONDS = 30
SILENT_SECONDS = 60.0
"""How long a scanner may say nothing while it feeds; a page takes a few seconds."""
EMPTY = 7
"""The exit status of scanimage when the feeder holds no more paper."""
_FEEDER = re.compile(r"feeder|adf", re.IGNORECASE)
_BOTH_SIDES = re.compile(r"duplex|both", re.IGNORECASE)
_CHOICES = re.compile(r"^\s+--(source|mode|resolution)\s+(\S.*?)\s+\[(.*?)\]", re.MULTILINE)
_FAULT = "scanimage: sane_"
"""How scanimage begins a line about what the scanner would not do."""
_DONE = re.compile(r"Scanned page \d+")


class DeviceFault(Exception):
    """The scanner or scanimage could not do it; the words are theirs."""


@dataclass(frozen=True)
class Device:
    """A scanner: its name for SANE, and what people call it."""

    name: str
    title: str


def installed() -> bool:
    """Whether scanimage is there."""
    return shutil.which("scanimage") is not None


def _program() -> str:
    return shutil.which("scanimage") or "scanimage"


def devices() -> list[Device]:
    """The scanners that SANE finds now; looking for them takes seconds."""
    if not installed():
        return []
    said = _ask("-f", "%d\t%v %m (%t)\n")
    rows = [line.partition("\t") for line in said.splitlines() if "\t" in line]
    return [Device(name, title) for name, _tab, title in rows]


def _ask(*words: str) -> str:
    try:
        asked = subprocess.run([_program(), *words], capture_output=True, timeout=LIST_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise DeviceFault(str(fault)) from fault
    return asked.stdout.decode(errors="replace")


def settings_of(device: str, *, both_sides: bool) -> list[str]:
    """The options for ballots: the feeder, grey, 200 dpi, as far as this scanner has them."""
    offered = {name: choices.split("|") for name, choices, _now in _CHOICES.findall(_ask("-d", device, "-A"))}
    feeders = [one for one in offered.get("source", []) if _FEEDER.search(one)]
    fitting = [one for one in feeders if bool(_BOTH_SIDES.search(one)) == both_sides] or feeders
    grey = [one for one in offered.get("mode", []) if one.casefold() in ("gray", "grey", "grayscale")]
    chosen = [f"--source={fitting[0]}"] if fitting else []
    chosen += [f"--mode={grey[0]}"] if grey else []
    chosen += [f"--resolution={DPI}"] if "resolution" in offered else []
    return chosen if feeders else [*chosen, "--batch-count=1"]


def feed(device: str, inbox: Path, report: Callable[[int], None], *, both_sides: bool = False) -> int:
    """Scan until the feeder is empty, one file a page; gives how many. What `report` raises stops the scanner."""
    command = [_program(), "-d", device, *settings_of(device, both_sides=both_sides), "--format=jpeg"]
    command.append(f"--batch={inbox}/feeder-{os.getpid()}-%05d.jpg")
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        errors="replace", preexec_fn=ending_with_us(),
    )  # fmt: skip
    try:
        return _follow(process, report)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def _watch(process: subprocess.Popen[str]) -> Timer:
    """Ends a scanner that says nothing any more; some hang after a jam."""
    timer = Timer(SILENT_SECONDS, process.kill)
    timer.daemon = True
    timer.start()
    return timer


def _follow(process: subprocess.Popen[str], report: Callable[[int], None]) -> int:
    assert process.stderr is not None
    pages, said = 0, ""
    with process.stderr as lines:
        for line in lines:
            if line.startswith(_FAULT):
                said = line.removeprefix("scanimage:").strip()
            if _DONE.search(line):
                pages += 1
                report(pages)
    if process.wait() not in (0, EMPTY):
        raise DeviceFault(said or f"scanimage, status {process.returncode}")
    return pages
