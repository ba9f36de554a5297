"""What is kept of a ballot's sheets once its evidence is sealed: numbers and names, no mark."""

from __future__ import annotations

from typing import Any

from conventus.elections import rules
from conventus.elections.models import Ballot, Evidence


def evidence_of(ballot: Ballot) -> Evidence | None:
    """The sealed evidence of a ballot."""
    return Evidence.objects.filter(ballot=ballot).select_related("by", "destroyed_by").first()


def kept_of(ballot: Ballot) -> dict[str, Any]:
    """The numbers that stand for the sheets from the sealing on; nothing before."""
    found = evidence_of(ballot)
    return dict(found.kept) if found else {}


def kept_scan(kept: dict[str, Any]) -> rules.Scanned | None:
    """What was scanned, for the checks of the count."""
    told = kept["scanned"]
    if told is None:
        return None
    stacks = tuple(rules.Stack(**one) for one in told["stacks"])
    return rules.Scanned(told["sheets"], told["valid"], told["marks"], stacks)
