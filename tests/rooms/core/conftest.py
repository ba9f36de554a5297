"""A tiny organisation with a tiny rule pack: the core is tested without any other room's law."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.http import int_to_base36

from conventus.core import packs
from conventus.core.accounts import system_account
from conventus.core.models import Grant, User
from conventus.core.rules import Law
from conventus.org.models import Organisation, Unit

TODAY = date(2025, 2, 20)
PACK = """
[pack]
key = "tiny"
version = "1"
name = "Tiny"

[documents."B@2025-01-01"]
type = "bylaws"
number = "B"
issuer = "Assembly"
issued = 2025-01-01
title = "Bylaws"

[core]
country = "VN"
languages = ["en", "vi"]

[core.levels.top]
name = "top"
order = 0

[core.levels.low]
name = "low"
order = 1

[core.roles.administrator]
name = "administrator"
permissions = { "core.manage_grants" = ["*"], "core.view_book" = ["*"] }

[core.roles.session_keeper]
name = "session_keeper"
permissions = { "core.manage_grants" = ["session"] }

[core.roles.viewer]
name = "viewer"
permissions = { "org.view" = ["*"] }
"""


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVENTUS_TODAY", TODAY.isoformat())


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the packs, with only the tiny one on it; the core's is the only law."""
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "pack.toml").write_text(PACK, encoding="utf-8")
    monkeypatch.setattr(packs, "PACKS", tmp_path)
    monkeypatch.setattr(packs, "LAWS", {"core": Law})
    packs.load.cache_clear()
    yield tmp_path
    packs.load.cache_clear()


@dataclass
class Place:
    """One root with two branches, a leaf below the left one, and somebody who manages access at each."""

    root: Unit
    left: Unit
    leaf: Unit
    right: Unit
    system: User

    def person(self, name: str, unit: Unit | None = None, role: str = "administrator", **terms: object) -> User:
        """An account, with a grant when a unit is given."""
        user = User.objects.create_user(name, full_name=name.title())
        if unit is not None:
            Grant.objects.create(user=user, role=role, unit=unit, **({"valid_from": date(2024, 1, 1)} | terms))
        return user


@pytest.fixture
def place(db: None, shelf: Path) -> Place:
    """The units, made as rows: how an organisation is founded is tested in its own room."""
    house = Organisation.objects.create(key="tiny", name="Tiny", pack="tiny")
    root = _unit(house, "R", "top", None)
    left, right = _unit(house, "A", "low", root), _unit(house, "B", "low", root)
    return Place(root, left, _unit(house, "A1", "low", left), right, system_account("test"))


def _unit(house: Organisation, code: str, level: str, parent: Unit | None) -> Unit:
    unit = Unit.objects.create(organisation=house, code=code, level=level, name=f"Unit {code}", parent=parent)
    unit.path = (parent.path if parent else "") + int_to_base36(unit.pk).rjust(6, "0")
    unit.save(update_fields=["path"])
    return unit


# The program as a person starts it: an installation of its own, outside the test's database

START = 60
"""Seconds that a start may take on a busy machine; a quiet one needs three."""


def conventus(*words: str) -> list[str]:
    """The program's command line."""
    return [sys.executable, "-m", "conventus.cli", *words]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An installation with nothing in it, which shares only the secret key with the test."""
    return _environment(tmp_path)


def _environment(folder: Path) -> dict[str, str]:
    own = {"CONVENTUS_VAR": str(folder), "CONVENTUS_DATABASE": str(folder / "db.sqlite3")}
    own |= {"CONVENTUS_SECRET_KEY": settings.SECRET_KEY, "DJANGO_SETTINGS_MODULE": "config.settings"}
    return os.environ | own


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with tables and nothing in them, made once by `conventus migrate --database`."""
    folder = tmp_path_factory.mktemp("tables")
    made = folder / "other.sqlite3"
    command = conventus("migrate", "-v", "0", "--database", str(made))
    subprocess.run(command, env=_environment(folder), check=True, timeout=START)
    assert not (folder / "db.sqlite3").exists()
    return made
