"""`conventus docs`: write the pages of the documentation that are made from the program itself."""

from __future__ import annotations

import pkgutil
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import module_has_submodule

from conventus.core import packs
from conventus.core.door import ACTIONS, Action

ROOT = Path(__file__).resolve().parents[4]
MADE = "<!-- Made by `conventus docs` from the program itself: change the code, not this page. -->"
JUDGED_ON = {"place": "the unit it is about", "superior": "the unit above it"}


class Command(BaseCommand):
    """Write docs/actions.md and docs/permissions.md."""

    help = "Write docs/actions.md and docs/permissions.md from the code and the rule packs; --check only compares."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--check`."""
        parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write what has changed, or name it."""
        stale = [path for path, text in pages().items() if not path.exists() or path.read_text("utf-8") != text]
        if options["check"] and stale:
            names = ", ".join(path.relative_to(ROOT).as_posix() for path in stale)
            raise CommandError(f"out of date: {names}. Run “conventus docs”.")
        for path in stale:
            path.write_text(pages()[path], encoding="utf-8")
            self.stdout.write(f"{path.relative_to(ROOT)} written")


def pages() -> dict[Path, str]:
    """The generated pages: where they lie and what they say."""
    return {ROOT / "docs" / "actions.md": _page(_actions()), ROOT / "docs" / "permissions.md": _page(_permissions())}


def all_actions() -> dict[str, Action]:
    """The catalogue, complete: every room's actions are imported first."""
    for app in apps.get_app_configs():
        if app.name.startswith("conventus.") and module_has_submodule(app.module, "actions"):
            module = import_module(f"{app.name}.actions")
            for part in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{module.__name__}."):
                import_module(part.name)
    return dict(sorted(ACTIONS.items()))


def _page(lines: Iterable[str]) -> str:
    return "\n".join([MADE, *lines]).rstrip() + "\n"


def _actions() -> Iterator[str]:
    yield from ("# Actions", "")
    yield "Every way to change something, room by room: what it does, the right it takes, the unit on which that"
    yield "right is judged, and the phases in which it is possible at all."
    yield "Who carries which right: [permissions.md](permissions.md)."
    room = ""
    for name, act in all_actions().items():
        if name.partition(".")[0] != room:
            room = name.partition(".")[0]
            yield from (
                "",
                f"## {room}",
                "",
                "| action | what it does | right | judged on | phases |",
                "|---|---|---|---|---|",
            )
        first = act.doc.partition("\n\n")[0].replace("\n", " ")
        judged = JUDGED_ON.get(act.at, act.at)
        yield f"| `{name}` | {_cell(first)} | `{act.permission}` | {judged} | {', '.join(act.phases) or 'any'} |"


def _permissions() -> Iterator[str]:
    yield from ("# Permissions", "")
    yield "Who may do what, pack by pack: the roles and their rights are data (`packs/<type>/pack.toml`). A role is"
    yield "given on a unit and holds there and on all below; what no role carries, nobody may do. A cell names the"
    yield "phases in which the role carries the right. What each right opens: [actions.md](actions.md)."
    for key in packs.known():
        yield from _matrix(packs.load(key))


def _matrix(pack: packs.Pack) -> Iterator[str]:
    roles = pack.core.roles.values()
    names = [pack.term(f"role.{role.name}", "en") for role in roles]
    yield from ("", f"## {pack.name} (`{pack.key}`)", "")
    yield f"| right | {' | '.join(names)} |"
    yield f"|---|{'---|' * len(names)}"
    for permission in sorted({permission for role in roles for permission in role.permissions}):
        cells = [_phases(role.permissions.get(permission, ())) for role in roles]
        yield f"| `{permission}` | {' | '.join(cells)} |"


def _phases(phases: tuple[str, ...]) -> str:
    return "always" if "*" in phases else ", ".join(phases)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
