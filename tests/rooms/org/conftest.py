"""Fixtures of the room's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.test import Client

from conventus.core.models import User
from tests.rooms.org.house import TODAY, House, build
from tests.world import standing


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVENTUS_TODAY", TODAY.isoformat())


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[House]:
    """The house, for all tests of a file."""
    with standing(django_db_blocker, TODAY):
        yield build()


@pytest.fixture
def house(built: House, db: None) -> House:
    """The house on its first day."""
    return deepcopy(built)


@pytest.fixture
def as_() -> Callable[[User], Client]:
    """A browser that is signed in as somebody."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in
