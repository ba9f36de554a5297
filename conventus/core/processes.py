"""Several programs run as one: their words in one log, the end of one is the end of all."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import TextIOBase

GRACE_SECONDS = 1.5
"""How long a program may take to end; an open event stream would hold it for ever."""


class Died(Exception):
    """A program ended that should not have: its name, its status, and what it said last."""

    def __init__(self, program: Program) -> None:
        said = "\n".join(f"    {line}" for line in program.last_words)
        status = program.process.returncode
        super().__init__(f"{program.title} ended (status {status})." + (f" It said:\n{said}" if said else ""))


@dataclass
class Program:
    """A running program and the tail of what it has said."""

    name: str
    title: str
    process: subprocess.Popen[str]
    last_words: deque[str] = field(default_factory=lambda: deque(maxlen=12))
    reader: threading.Thread | None = None

    def end(self, how: signal.Signals) -> None:
        """Send a signal to the program and to what it has started."""
        try:
            os.killpg(self.process.pid, how)
        except ProcessLookupError:
            return


class Crew:
    """Programs that live and die together. Use it as a context: leaving ends them all."""

    def __init__(self, out: TextIOBase) -> None:
        self.out = out
        self.programs: list[Program] = []
        self.told_to_stop = threading.Event()

    def start(self, name: str, title: str, command: Sequence[str]) -> None:
        """Start a program in a group of its own, so that Ctrl-C comes to us and we end it in order."""
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            start_new_session=True,
            preexec_fn=ending_with_us(),
        )
        self.programs.append(Program(name, title, process))

    def listen(self) -> None:
        """Pass on what the programs say, each line under its name. Call it when all are started."""
        for program in self.programs:
            program.reader = threading.Thread(target=self._pass_on, args=(program,), daemon=True)
            program.reader.start()

    def _pass_on(self, program: Program) -> None:
        assert program.process.stdout is not None
        with program.process.stdout as lines:
            for line in lines:
                program.last_words.append(line.rstrip())
                self.out.write(f"{program.name:<7}| {line.rstrip()}\n")
                self.out.flush()

    def check(self) -> None:
        """Raise `Died` when a program has ended by itself."""
        for program in self.programs:
            if program.process.poll() is not None:
                if program.reader:
                    program.reader.join(1)
                raise Died(program)

    def wait(self, seconds: float) -> bool:
        """Wait, at most so long, until somebody wants an end. True when that is so."""
        return self.told_to_stop.wait(seconds)

    def stop(self, *_: object) -> None:
        """Ask for the end of all; a signal handler."""
        self.told_to_stop.set()

    def __enter__(self) -> Crew:
        """Take over the signals that mean an end."""
        self.handlers = {each: signal.signal(each, self.stop) for each in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        """End every program, by force where asking is not enough, and give the signals back."""
        for program in self.programs:
            program.end(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        for program in self.programs:
            _wait(program.process, deadline - time.monotonic())
        for program in self.programs:
            program.end(signal.SIGKILL)
            program.process.wait()
            if program.reader:
                program.reader.join(0.5)
        for each, handler in self.handlers.items():
            signal.signal(each, handler)


def _wait(process: subprocess.Popen[str], seconds: float) -> None:
    try:
        process.wait(max(0.0, seconds))
    except subprocess.TimeoutExpired:
        return


def ending_with_us() -> Callable[[], None] | None:
    """What a program runs first (`preexec_fn`) so that it does not outlive us, where the system can do that."""
    return _end_with_parent if sys.platform == "linux" else None


def _end_with_parent() -> None:
    """Have the kernel end this program when we are killed without a chance to do it (Linux)."""
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
