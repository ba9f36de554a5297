"""Living through the days of a sample: the clock that rules read is set, and set back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date


@contextmanager
def living(day: date) -> Iterator[None]:
    """Within this block it is `day`."""
    before = os.environ.get("CONVENTUS_TODAY")
    os.environ["CONVENTUS_TODAY"] = day.isoformat()
    try:
        yield
    finally:
        if before is None:
            del os.environ["CONVENTUS_TODAY"]
        else:
            os.environ["CONVENTUS_TODAY"] = before
