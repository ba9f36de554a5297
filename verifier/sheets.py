"""The sheets: what each counts for follows from clear marks or from members who agree, and each has its picture."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from verifier.faults import Faults

VALID, INVALID, NOT_COUNTED = "valid", "invalid", "not_counted"
STATES = ("read", "review", "foreign", "unreadable")
Sheet = Mapping[str, Any]
Data = Mapping[str, Any]


def faults_of_sheets(sheets: Sequence[Sheet], election: Data, people: set[str], stacks: Data) -> Faults:
    """What does not fit in decisions.json."""
    names = [one["sheet"] for one in sheets]
    if names != sorted(set(names)):
        yield "decisions.json: a sheet stands twice, or the sheets are not in the order of their names."
    for sheet in sheets:
        yield from _faults_of_sheet(sheet, election, people, stacks)


def _faults_of_sheet(sheet: Sheet, election: Data, people: set[str], stacks: Data) -> Faults:
    here = f"Sheet {sheet['sheet']}"
    if sheet["stack"] not in stacks or not sheet["sheet"].endswith(f"@{sheet['stack']}"):
        yield f"{here} belongs to stack {sheet['stack']}, which stock.json or its name does not."
    if sheet["state"] not in STATES:
        yield f"{here} was read as “{sheet['state']}”, which is no state."
    for verdict in sheet["verdicts"]:
        yield from _faults_of_verdict(here, verdict, people)
    if len({one["by"] for one in sheet["verdicts"]}) != len(sheet["verdicts"]):
        yield f"{here}: one member has ruled twice."
    yield from _faults_of_standing(here, sheet, election, counts(sheet, stacks))


def counts(sheet: Sheet, stacks: Data) -> bool:
    """Whether the sheet lies in a stack of the counting that was agreed."""
    return bool(stacks.get(sheet["stack"], {}).get("counts"))


def _faults_of_verdict(here: str, verdict: Data, people: set[str]) -> Faults:
    if verdict["by"] not in people:
        yield f"{here}: people.json does not say who {verdict['by']} is."
    if seal_of(verdict["sealed"], verdict["salt"]) != verdict["seal"]:
        yield f"{here}: the verdict of {verdict['by']} does not fit its seal."
    for key in ("ruling", "ground", "marks", "note"):
        if verdict["sealed"].get(key) != verdict[key]:
            yield f"{here}: the verdict of {verdict['by']} says another {key} than the one that was sealed."


def seal_of(content: Any, salt: str) -> str:
    """SHA-256 over salt, colon and canonical JSON."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return sha256(f"{salt}:{text}".encode()).hexdigest()


# What a sheet counts for -------------------------------------------------------------------------


def _faults_of_standing(here: str, sheet: Sheet, election: Data, live: bool) -> Faults:
    told, found = sheet["standing"], standing_of(sheet, election)
    if found is None and live:
        yield f"{here} counts although it is in doubt and no {election['adjudicators']} members agree about it."
    if told != found and (live or told):
        yield f"{here} counts as {_words(told)}, but by what was read and ruled it is {_words(found)}."
    if found and found["ruling"] == VALID:
        yield from _faults_of_marks(here, found["marks"], election)


def _words(standing: Data | None) -> str:
    if standing is None:
        return "undecided"
    parts = [standing["ruling"], standing["ground"], f"({standing['how']})"]
    marks = ", ".join(f"{key} {mark}" for key, mark in sorted(standing["marks"].items()))
    return " ".join(part for part in parts if part) + (f" with {marks}" if marks else "")


def standing_of(sheet: Sheet, election: Data) -> dict[str, Any] | None:
    """What the sheet counts for: what enough members agree on, else its clear marks; None while it is in doubt."""
    groups: dict[str, list[Data]] = {}
    for one in sheet["verdicts"]:
        marks = one["marks"] if one["ruling"] == VALID else {}
        groups.setdefault(json.dumps([one["ruling"], one["ground"], marks], sort_keys=True), []).append(one)
    for alike in groups.values():
        if len({one["by"] for one in alike}) >= election["adjudicators"]:
            first = alike[0]
            marks = first["marks"] if first["ruling"] == VALID else {}
            return {"how": "agreed", "ruling": first["ruling"], "ground": first["ground"], "marks": marks}
    if sheet["state"] == "read" and not sheet["doubts"] and _all_clear(sheet["marks"], election):
        return {"how": "read", "ruling": VALID, "ground": "", "marks": sheet["marks"]}
    return None


def _all_clear(marks: Data, election: Data) -> bool:
    names = {one["id"] for one in election["candidates"]}
    chosen = sum(mark == "chosen" for mark in marks.values())
    return set(marks) == names and set(marks.values()) <= allowed(election) and chosen <= election["seats"]


def allowed(election: Data) -> set[str]:
    """The marks that a name can have: on a paper to strike out it is chosen or not."""
    return {"chosen", "rejected"} if election["style"] == "strike" else {"chosen", "rejected", "both", "none"}


def _faults_of_marks(here: str, marks: Data, election: Data) -> Faults:
    if set(marks) != {one["id"] for one in election["candidates"]} or not set(marks.values()) <= allowed(election):
        yield f"{here} is valid, but not every name has a mark that this paper allows."
    chosen = sum(mark == "chosen" for mark in marks.values())
    if chosen > election["seats"]:
        yield f"{here} is valid, but chooses {chosen} for {election['seats']} seats."


def tally(sheets: Iterable[Sheet], stacks: Data, election: Data) -> dict[str, Any]:
    """The count that the sheets make, from what they stand for."""
    live = [one["standing"] for one in sheets if counts(one, stacks) and one["standing"]]
    valid = [one["marks"] for one in live if one["ruling"] == VALID]
    invalid = sum(one["ruling"] == INVALID for one in live)
    names = [one["id"] for one in election["candidates"]]
    votes = {key: sum(marks[key] == "chosen" for marks in valid) for key in names}
    against = {key: sum(marks[key] == "rejected" for marks in valid) for key in names}
    total = {"collected": len(valid) + invalid, "valid": len(valid), "invalid": invalid}
    return {**total, "votes": votes, "against": {} if election["style"] == "strike" else against}


# Pictures ----------------------------------------------------------------------------------------


def faults_of_pictures(sheets: Sequence[Sheet], files: Collection[str]) -> Faults:
    """Sheets without their pictures or the layout they were read by, pictures without a sheet."""
    pictures = {name for name in files if name.startswith("pages/")}
    named: dict[str, str] = {}
    for sheet in sheets:
        if f"layouts/{sheet['layout']}.json" not in files:
            yield f"Sheet {sheet['sheet']}: its layout {sheet['layout']} is missing."
        shown = [page["file"] for page in sheet["pages"] if page["file"]]
        if not shown and sheet["state"] != "unreadable":
            yield f"Sheet {sheet['sheet']} has no picture."
        for file in shown:
            if file not in pictures:
                yield f"Sheet {sheet['sheet']}: its picture {file} is missing."
            named[file] = sheet["sheet"]
    for file in sorted(pictures - named.keys()):
        yield f"{file} is the picture of no sheet."
