"""The world of the tests: the same sample that `conventus demo` builds, smaller, built by the same actions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import transaction

from conventus.core.models import User
from conventus.portal.sample import association, city
from conventus.portal.sample.clock import living

PASSWORD = "thử-nghiệm-2025"
TODAY = city.TODAY
World = city.World


def small_city() -> city.World:
    """Thanh Hóa city with its five pilots and three more units, two cells each, on 25 February 2025."""
    return city.build(PASSWORD, small=True)


def small_association() -> dict[str, User]:
    """The association on the day of its assembly; its accounts by name."""
    association.build(PASSWORD)
    return {user.username: user for user in User.objects.filter(username__startswith="canal.")}


@contextmanager
def standing(blocker: Any, day: date) -> Iterator[None]:
    """Within this block stands what many tests start from, built on this day; whatever they do lies inside it."""
    with blocker.unblock(), living(day), transaction.atomic():
        yield
        transaction.set_rollback(True)
