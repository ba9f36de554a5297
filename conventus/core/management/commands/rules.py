"""`conventus rules explain RULE`: what a rule says, by which clause, how sure we are, and why."""

from __future__ import annotations

import dataclasses
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from conventus.core import packs
from conventus.core.rules import Value


class Command(BaseCommand):
    """Explain the rules of a pack."""

    help = "List a pack's rules, or explain one: value, citation, confidence, validity and note."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`explain RULE` or `list`, `--pack KEY`, `--json`."""
        parser.add_argument("what", choices=["explain", "list"])
        parser.add_argument("rule", nargs="?", default="")
        parser.add_argument("--pack", default="", help="the pack (default: the first that has the rule)")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the rule's readings, or the names of all rules."""
        if options["what"] == "list":
            return self._list(options["pack"] or "vn-party-2024", options["json"])
        pack = _pack_with(options["rule"], options["pack"])
        rule = packs.rule_of(pack, options["rule"])
        readings = [_plain(pack, reading) for reading in rule.values]
        if options["json"]:
            self.stdout.write(
                json.dumps({"pack": pack.pin, "rule": options["rule"], "readings": readings}, ensure_ascii=False)
            )
            return None
        self.stdout.write(f"{options['rule']}  ({pack.name}, {pack.pin})")
        for reading in readings:
            self.stdout.write(
                "\n".join(f"  {key:<11} {value}" for key, value in reading.items() if value not in ("", None))
            )
        return None

    def _list(self, key: str, as_json: bool) -> None:
        names = sorted(packs.load(key).rules())
        self.stdout.write(json.dumps(names) if as_json else "\n".join(names))


def _pack_with(rule: str, key: str) -> packs.Pack:
    if key:
        return packs.load(key)
    every = [packs.load("vn-party-2024"), *(packs.load(name) for name in packs.known() if name != "vn-party-2024")]
    return next((pack for pack in every if rule in pack.rules()), every[0])


def _plain(pack: packs.Pack, reading: Value[Any]) -> dict[str, Any]:
    document = pack.documents.get(reading.cite.document)
    value = reading.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = dataclasses.asdict(value)
    return {
        "value": json.loads(json.dumps(value, default=str, ensure_ascii=False)),
        "citation": str(reading.cite),
        "document": document.title if document else "",
        "confidence": reading.confidence.value,
        "valid from": reading.valid_from.isoformat() if reading.valid_from else "",
        "valid to": reading.valid_to.isoformat() if reading.valid_to else "",
        "why": reading.note,
    }
