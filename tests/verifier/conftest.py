"""One whole bundle for all tests of the verifier."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verifier import bundles


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle in which everything fits."""
    return bundles.packed(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One whose counts differed and were settled by a third member."""
    return bundles.packed(tmp_path_factory.mktemp("settled"), settled=True)
