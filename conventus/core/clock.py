"""The installation's day: the real one, or the fixed one of `CONVENTUS_TODAY` (samples, tests, replays)."""

from __future__ import annotations

import os
from datetime import date, datetime

from django.utils import timezone


def is_fixed() -> bool:
    """Whether the day is set by `CONVENTUS_TODAY`."""
    return bool(os.environ.get("CONVENTUS_TODAY"))


def today() -> date:
    """The day on which rules judge: `CONVENTUS_TODAY` (ISO) if set, else today in the installation's time zone."""
    fixed = os.environ.get("CONVENTUS_TODAY")
    return date.fromisoformat(fixed) if fixed else timezone.localdate()


def now() -> datetime:
    """This moment; under a fixed day, the real time of day on that day."""
    real = timezone.localtime()
    return datetime.combine(today(), real.timetz()) if is_fixed() else real
