"""totals.json: sums hold, counts made apart are equal or were settled with reasons, and the result follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verifier.faults import Faults, differing, figures
from verifier.sheets import Data, seal_of


def faults_of_totals(totals: Data, election: Data, scanned: Data, people: set[str]) -> Faults:
    """What does not fit in totals.json; `scanned` is the count that the decisions make."""
    for entry in totals["entries"]:
        yield from _faults_of_entry(entry, people)
    if len({(one["attempt"], one["slot"]) for one in totals["entries"]}) != len(totals["entries"]):
        yield "totals.json: a count stands twice."
    yield from _faults_of_sums(totals["agreed"], election)
    yield from _faults_of_paths(totals, election, scanned)
    yield from _faults_of_result(totals, election)
    for remark in (*totals["accepted"], *totals["repeats"]):
        if not remark["reason"] or remark["by"] not in people:
            yield f"totals.json: {remark['code']} was accepted or repeated without a reason, or by nobody known."


def _faults_of_entry(entry: Data, people: set[str]) -> Faults:
    here = f"totals.json, {entry['slot']} of count {entry['attempt']}"
    if seal_of(entry["figures"], entry["salt"]) != entry["seal"]:
        yield f"{here}: the figures do not fit their seal."
    if entry["method"] not in (("scan",) if entry["slot"] == "scan" else ("totals", "sheets")):
        yield f"{here}: it cannot have been made as “{entry['method']}”."
    if entry["by"] not in people:
        yield f"{here}: people.json does not say who {entry['by']} is."


def _faults_of_sums(agreed: Data, election: Data) -> Faults:
    if agreed["collected"] != agreed["valid"] + agreed["invalid"]:
        yield "totals.json: valid and invalid ballots do not make those collected."
    names = {one["id"] for one in election["candidates"]}
    boxes = election["style"] != "strike"
    if set(agreed["votes"]) != names or set(agreed["against"]) != (names if boxes else set()):
        yield "totals.json: the agreed count is not of exactly the names on the paper."
    for key, votes in agreed["votes"].items():
        if votes + (agreed["against"].get(key) or 0) > agreed["valid"]:
            yield f"totals.json: {key} has more marks than there are valid ballots."
    if sum(agreed["votes"].values()) > agreed["valid"] * election["seats"]:
        yield "totals.json: there are more votes than the valid ballots can hold."


# The paths ---------------------------------------------------------------------------------------


def _faults_of_paths(totals: Data, election: Data, scanned: Data) -> Faults:
    now = {one["slot"]: one for one in totals["entries"] if one["attempt"] == election["attempt"]}
    missing = [path for path in totals["paths"] if path not in now]
    if missing or not totals["paths"]:
        yield f"totals.json: the counts {missing} are missing."
        return
    if "scan" in totals["paths"] and (differ := differing(now["scan"]["figures"], scanned)):
        yield f"The sheets do not make the count by scan: {', '.join(differ)} differ."
    made = {path: now[path]["figures"] for path in totals["paths"]}
    if all(not differing(totals["agreed"], one) for one in made.values()):
        return
    yield from _faults_of_resolution(made, now, totals["agreed"])


def _faults_of_resolution(made: Mapping[str, Data], now: Mapping[str, Data], agreed: Data) -> Faults:
    if "resolution" not in now:
        for path, one in made.items():
            if differ := differing(agreed, one):
                yield f"totals.json: {path} differs from the agreed count in {', '.join(differ)}; nobody settled it."
        return
    resolution = now["resolution"]
    if differ := differing(agreed, resolution["figures"]):
        yield f"totals.json: the agreed count is not the one that was settled: {', '.join(differ)} differ."
    if resolution["by"] in {now[path]["by"] for path in made if path != "scan"}:
        yield f"totals.json: {resolution['by']} keyed in a count and settled the difference."
    if not resolution["reason"]:
        yield "totals.json: the differences were settled without a reason."
    yield from _faults_of_choices(made, resolution)


def _faults_of_choices(made: Mapping[str, Data], resolution: Data) -> Faults:
    """Each figure in which the counts differ was decided: by taking one of them, or by another with its reason."""
    settled = dict(figures(resolution["figures"]))
    for figure, values in _side_by_side(made):
        choice = resolution["choices"].get(figure.replace(" of ", "_"), {})
        take = choice.get("take")
        if len(set(values.values())) == 1:
            good = settled.get(figure) in values.values()
        elif take == "own":
            good = bool(choice.get("reason"))
        else:
            good = take in values and settled.get(figure) == values[take]
        if not good:
            yield f"totals.json: {figure} was settled as {settled.get(figure)}, which no choice accounts for."


def _side_by_side(made: Mapping[str, Data]) -> Iterator[tuple[str, dict[str, Any]]]:
    rows = {path: dict(figures(one)) for path, one in made.items()}
    for figure in dict.fromkeys(key for row in rows.values() for key in row):
        yield figure, {path: row.get(figure) for path, row in rows.items()}


# The result --------------------------------------------------------------------------------------


def _faults_of_result(totals: Data, election: Data) -> Faults:
    names, result = totals["result"]["names"], totals["result"]
    told = {one["id"]: one["votes"] for one in names}
    if told != totals["agreed"]["votes"]:
        yield "totals.json: the result declares other votes than the agreed count."
    elected = [one for one in names if one["elected"]]
    others = [one["votes"] for one in names if not one["elected"]]
    if len(elected) > election["seats"]:
        yield f"totals.json: {len(elected)} are elected to {election['seats']} seats."
    for one in elected:
        if result["needed"] is not None and one["votes"] < result["needed"]:
            yield f"totals.json: {one['id']} is elected with {one['votes']} votes, but {result['needed']} are needed."
        if others and one["votes"] < max(others):
            yield f"totals.json: {one['id']} is elected with fewer votes than somebody who is not."
    for one in names:
        if one["against"] != totals["agreed"]["against"].get(one["id"]):
            yield f"totals.json: the result declares another figure against {one['id']} than the agreed count."
