"""`conventus cycle generate`."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from conventus.cycle.models import Congress, Cycle
from conventus.directives.models import Document

from .conftest import World


def run(*words: str) -> Any:
    """The command's JSON answer."""
    out = StringIO()
    call_command("cycle", "generate", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_opens_the_cycle_and_generates(bare: World) -> None:
    plan = run("--dry-run")
    assert (plan["created"], plan["opened"], plan["cycle"]) == (13, True, "2025–2030")
    assert not Cycle.objects.exists()
    done = run()
    assert done["by_level"]["base"] == {"created": 7}
    assert Congress.objects.count() == 13
    assert Cycle.objects.get().directive == bare.directive
    assert run()["created"] == 0


def test_a_part_only(bare: World) -> None:
    assert run("--unit", "D381", "--directive", "35-CT/TW")["created"] == 2
    assert Cycle.objects.get().unit == bare.units["D381"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--unit", "X9"], "no unit with the code"),
        (["--directive", "1-CT/TW"], "none is in force"),
        (["--organisation", "x"], "no organisation “x”"),
    ],
)
def test_clear_errors(bare: World, words: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*words)


def test_no_directive_no_cycle(bare: World) -> None:
    Document.objects.update(state="withdrawn")
    with pytest.raises(CommandError, match="no directive in force"):
        run()


def test_words_for_people(bare: World) -> None:
    out = StringIO()
    call_command("cycle", "generate", stdout=out)
    assert "13 congresses made, 2 of them pilots." in out.getvalue()
