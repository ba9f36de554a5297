"""What one request has already looked up: kept for that request only."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")
_memo: ContextVar[dict[Hashable, Any] | None] = ContextVar("memo", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Within this block `remember` answers a repeated question from memory."""
    token = _memo.set({})
    try:
        yield
    finally:
        _memo.reset(token)


def remember(key: Hashable, find: Callable[[], T]) -> T:
    """The answer to `key`; outside of a request it is found anew each time."""
    memo = _memo.get()
    if memo is None:
        return find()
    if key not in memo:
        memo[key] = find()
    value: T = memo[key]
    return value


def forget() -> None:
    """Drop what was remembered; whoever changes grants, or the tree that they reach over, does it."""
    if (memo := _memo.get()) is not None:
        memo.clear()
