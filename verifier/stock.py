"""stock.json: every paper is accounted for, or its gap was accepted with a reason."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.faults import Faults
from verifier.sheets import Data, Sheet, seal_of


def faults_of_stock(stock: Data, agreed: Data, sheets: Sequence[Sheet], scanned: int | None) -> Faults:
    """Equations that do not close; `scanned` is the number of sheets that count, None when none were scanned."""
    for key in ("collected", "valid", "invalid"):
        if stock[key] != agreed[key]:
            yield f"stock.json: {key} is {stock[key]}, but {agreed[key]} in the agreed count."
    if (stock["issued"] or 0) < stock["collected"]:
        yield f"stock.json: {stock['collected']} ballots were collected, but {stock['issued']} issued."
    for name, left, right in _equations(stock, scanned):
        if left != right and name not in stock["explained"]:
            yield f"stock.json: {left} {name}, but {right} accounted for, and nobody accepted the gap."
    for stack in stock["stacks"]:
        found = sum(one["stack"] == stack["id"] for one in sheets)
        for hand in stack["hand_counts"]:
            if seal_of(hand["figures"], hand["salt"]) != hand["seal"]:
                yield f"stock.json: the hand count of stack {stack['id']} does not fit its seal."
        if found != stack["sheets"]:
            yield f"stock.json: stack {stack['id']} has {stack['sheets']} sheets, but decisions.json {found}."


def _equations(stock: Data, scanned: int | None) -> list[tuple[str, int, int]]:
    parts = [stock[key] for key in ("issued", "spoilt", "unused")]
    found = []
    if stock["printed"] is not None and None not in parts:
        found.append(("printed", stock["printed"], sum(parts)))
    if scanned is not None:
        found.append(("collected", stock["collected"], scanned))
    return found


def faults_of_audits(audits: Sequence[Data]) -> Faults:
    """Papers of a sample audit that do not fit their seals."""
    for audit in audits:
        for one in audit["draws"]:
            if seal_of({"ruling": one["ruling"], "chosen": one["chosen"]}, one["salt"]) != one["seal"]:
                yield f"audits.json, paper {one['number']}: it does not fit its seal."
