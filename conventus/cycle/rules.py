"""Being written."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Law:
    """Being written."""
