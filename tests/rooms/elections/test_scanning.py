"""Stacks of scans: taken in once and whole, in no order, for the board alone; the count by scan."""

from __future__ import annotations

from .scans import MIXED, Scanned, scanned

__all__ = ["scanned"]


def test_a_stack_is_taken_in(scanned: Scanned) -> None:
    batch = scanned.batch
    assert batch.state == "read"
    assert batch.pages == len(MIXED)
    assert batch.states == {"read": 5, "review": 1}
