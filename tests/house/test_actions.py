"""Each action is documented, tested, and in somebody's hands."""

from __future__ import annotations

import re

import pytest

from conventus.core import packs
from conventus.core.door import REACTIONS
from conventus.core.management.commands.docs import all_actions, pages
from tests.house.tree import ROOT, files, name, text_of

NAMES = sorted(all_actions())
TESTED = "\n".join(
    text_of(path)
    for path in files()
    if path.suffix == ".py" and name(path).startswith("tests/") and "tests/house" not in name(path)
)


def test_there_is_a_catalogue() -> None:
    assert len(NAMES) > 30


@pytest.mark.parametrize("action", NAMES)
def test_it_says_what_it_does_in_a_sentence(action: str) -> None:
    doc = all_actions()[action].doc
    assert doc, f"{action} has no docstring"
    assert doc[0].isupper(), action
    assert re.search(r"[.!?](\s|$)", doc), action


@pytest.mark.parametrize("action", NAMES)
def test_some_test_tries_it(action: str) -> None:
    verb = action.partition(".")[2]
    assert re.search(rf"\b{verb}\b", TESTED), f"no test mentions {action}"


@pytest.mark.parametrize("action", NAMES)
@pytest.mark.parametrize("pack", packs.known())
def test_some_role_of_each_pack_carries_its_right(action: str, pack: str) -> None:
    permission = all_actions()[action].permission
    held = {
        right for role in packs.load(pack).core.roles.values() for right, phases in role.permissions.items() if phases
    }
    assert permission in held, f"nobody in {pack} may {action}: no role carries {permission}"


@pytest.mark.parametrize("pack", packs.known())
def test_no_role_carries_a_right_that_nothing_asks_for(pack: str) -> None:
    """A misspelt right would silently give nothing: each is named by an action or by the code of some room."""
    code = "\n".join(text_of(path) for path in files() if path.suffix == ".py" and not name(path).startswith("tests/"))
    for role in packs.load(pack).core.roles.values():
        for permission in role.permissions:
            assert f'"{permission}"' in code, f"{pack}, role {role.name}: {permission}"


def test_reactions_wait_for_actions_that_exist() -> None:
    assert set(REACTIONS) <= set(NAMES)


def test_the_pages_made_from_the_program_are_up_to_date() -> None:
    for path, text in pages().items():
        assert path.exists(), f"{path.relative_to(ROOT)} is missing: run “conventus docs”"
        assert path.read_text("utf-8") == text, f"{path.relative_to(ROOT)} is out of date: run “conventus docs”"
