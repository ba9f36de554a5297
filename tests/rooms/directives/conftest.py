"""Fixtures of the register's tests. The organisation is founded once; each test gets it as it was."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conventus.directives import actions
from conventus.directives.models import Document
from tests.world import standing

from .makers import TODAY, World, build, register


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> None:
    monkeypatch.setenv("CONVENTUS_TODAY", TODAY.isoformat())
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(scope="package")
def founded(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[World, Document]]:
    """The organisation and 35-CT/TW, for all tests of this folder."""
    with standing(django_db_blocker, TODAY):
        world = build()
        yield world, issue_directive(world)


@pytest.fixture
def world(founded: tuple[World, Document], db: None) -> World:
    """The organisation."""
    return deepcopy(founded[0])


@pytest.fixture
def directive(founded: tuple[World, Document], db: None) -> Document:
    """35-CT/TW of 14 June 2024, in force."""
    return deepcopy(founded[1])


def issue_directive(world: World) -> Document:
    """Register 35-CT/TW and put it in force."""
    centre = world.people["centre"]
    document = actions.register_document(
        centre,
        world.centre,
        type="CT",
        number="35",
        issuer_code="TW",
        issuing_body="Bộ Chính trị",
        title="Về đại hội đảng bộ các cấp",
        issued_on=date(2024, 6, 14),
    )
    actions.put_in_force(centre, document)
    return document


@pytest.fixture
def plan(world: World, directive: Document) -> Document:
    """268-KH/TU of the city, a draft that implements the directive."""
    return register(world, "organiser", world.city, implements=[directive])
