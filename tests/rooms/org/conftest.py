"""Fixtures of the room's tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from conventus.core.models import User
from tests.rooms.org.house import TODAY, House, build


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVENTUS_TODAY", TODAY.isoformat())


@pytest.fixture
def house(db: None) -> House:
    return build()


@pytest.fixture
def as_() -> Callable[[User], Client]:
    """A browser that is signed in as somebody."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in
