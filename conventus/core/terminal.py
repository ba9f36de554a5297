"""Progress on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from conventus.core.jobs import Progress, silent


@contextmanager
def bar(label: str, total: int = 0, *, show: bool = True) -> Iterator[Progress]:
    """A progress bar on standard error; nothing where standard error is no terminal or `show` is false."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    if not (show and console.is_terminal):
        yield silent
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console, transient=True) as bars:
        task = bars.add_task(label, total=total or None)

        def step(done: int, total: int, message: str = "") -> None:
            bars.update(task, completed=done, total=total or None, description=message or label)

        yield step
