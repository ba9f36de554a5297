"""log.jsonl: a stretch of the minute book whose chain of hashes is unbroken and which bears every seal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from verifier.faults import Faults, differing
from verifier.sheets import Data, Sheet


def faults_of_log(log: Sequence[Data], told: Data) -> Faults:
    """Lines that are missing, moved or changed."""
    for at, line in enumerate(log):
        here = f"log.jsonl, line {line['seq']}"
        if at and line["seq"] != log[at - 1]["seq"] + 1:
            yield f"{here}: the line before it is missing or moved."
        if at and line["prev"] != log[at - 1]["hash"]:
            yield f"{here}: it does not carry the hash of the line before."
        if "action" in line and hash_of(line) != line["hash"]:
            yield f"{here}: it was changed after it was written."
    found = {"lines": len(log), "last": log[-1]["seq"], "hash": log[-1]["hash"]} if log else {}
    if found != dict(told):
        yield f"log.jsonl ends otherwise than manifest.json says: {found}, not {dict(told)}."


def hash_of(line: Data) -> str:
    """SHA-256 over the line's canonical JSON without its own hash."""
    body = {key: value for key, value in line.items() if key != "hash"}
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def faults_of_seals(
    log: Sequence[Data],
    totals: Data,
    sheets: Sequence[Sheet],
    stock: Data,
    audits: Sequence[Data],
    accounts: Mapping[str, int],
) -> Faults:
    """Counts, verdicts and hand counts whose seal no line of the log bears, or a line by somebody else."""
    actors = {seal: line["actor"] for line in log if "after" in line for seal in _seals(line["after"])}
    for words, one in _sealed(totals, sheets, stock, audits):
        if one["seal"] not in actors:
            yield f"{words}: its seal stands in no line of the log."
        elif actors[one["seal"]] != accounts.get(one["by"]):
            yield f"{words}: the log says that another person made it."


def _sealed(totals: Data, sheets: Sequence[Sheet], stock: Data, audits: Sequence[Data]) -> Iterator[tuple[str, Data]]:
    """Everything that bears a seal, with its name."""
    for entry in totals["entries"]:
        yield f"totals.json, {entry['slot']} of count {entry['attempt']}", entry
    for sheet in sheets:
        for one in sheet["verdicts"]:
            yield f"Sheet {sheet['sheet']}, verdict of {one['by']}", one
    for stack in stock["stacks"]:
        for one in stack["hand_counts"]:
            yield f"stock.json, hand count of stack {stack['id']}", one
    for audit in audits:
        for one in audit["draws"]:
            yield f"audits.json, paper {one['number']}", one


def _seals(value: Any) -> Iterator[str]:
    """Every value under a key `seal` or `seals`, however deep."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            if key == "seal":
                yield str(part)
            elif key == "seals":
                yield from (str(one) for one in (part.values() if isinstance(part, Mapping) else part))
            else:
                yield from _seals(part)
    elif isinstance(value, list):
        for part in value:
            yield from _seals(part)


def faults_of_story(log: Sequence[Data], totals: Data, election: Data, accounts: Mapping[str, int]) -> Faults:
    """The lines that agree the count and declare the result say what totals.json says."""
    lines = [line for line in log if line.get("subject") == ["elections.ballot", int(election["ballot"])]]
    agreed = [line for line in lines if "agreed" in line["after"]]
    if not agreed or differing(agreed[-1]["after"]["agreed"], totals["agreed"]):
        yield "No line of the log agrees the count that totals.json gives."
    else:
        yield from _faults_of_opened(agreed[-1], totals)
    declared = [line for line in lines if line["action"] == "elections.declare_result"]
    if len(declared) != 1:
        yield f"The log declares the result {len(declared)} times."
    for line in declared:
        yield from _faults_of_declared(line, totals)
    yield from _faults_of_remarks(lines, totals, accounts)
    yield from _faults_of_reasons(lines, totals)


def _faults_of_opened(line: Data, totals: Data) -> Faults:
    """The line that agrees a count opens the seals of all entries made until then."""
    opened = {(one["attempt"], one["slot"]): (one["figures"], one["salt"]) for one in line["after"]["entries"]}
    for entry in totals["entries"]:
        key = (entry["attempt"], entry["slot"])
        if opened.get(key) != (entry["figures"], entry["salt"]):
            yield f"log.jsonl, line {line['seq']}: {entry['slot']} of count {entry['attempt']} is another there."
    for attempt, slot in opened.keys() - {(one["attempt"], one["slot"]) for one in totals["entries"]}:
        yield f"totals.json: {slot} of count {attempt} is missing, which line {line['seq']} of the log opens."


def _faults_of_declared(line: Data, totals: Data) -> Faults:
    elected = {one["id"] for one in totals["result"]["names"] if one["elected"]}
    told = {str(key) for key in line["after"].get("elected", [])}
    tied = {one["id"] for one in totals["result"]["names"] if one["tied"]}
    if not told <= elected or not elected <= told | tied:
        yield f"log.jsonl, line {line['seq']} declares others elected than totals.json."
    for key in ("base", "needed"):
        if key in line["after"] and line["after"][key] != totals["result"][key]:
            yield f"log.jsonl, line {line['seq']} declares another figure for “{key}” than totals.json."


def _faults_of_reasons(lines: Sequence[Data], totals: Data) -> Faults:
    """Why and how differences were settled stands in the line that bears the seal; other counts give no reasons."""
    told = {seal: line["after"] for line in lines for seal in _seals(line["after"])}
    for entry in totals["entries"]:
        settled = entry["slot"] == "resolution"
        found = told.get(entry["seal"], {}) if settled else {"reason": "", "choices": {}}
        if (entry["reason"], entry["choices"]) != (found.get("reason"), found.get("choices")):
            yield f"totals.json, {entry['slot']} of count {entry['attempt']}: its reasons are not those of the log."


def _faults_of_remarks(lines: Sequence[Data], totals: Data, accounts: Mapping[str, int]) -> Faults:
    """Warnings accepted and counts repeated are those that the log told last, by the same people."""
    for kind, key in (("accepted", "code"), ("repeats", "attempt")):
        told = [line["after"][kind] for line in lines if kind in line["after"]] or [[]]
        known = [(str(one[key]), one["reason"], one["by"]) for one in told[-1]]
        found = [(one["code"], one["reason"], accounts.get(one["by"])) for one in totals[kind]]
        if known != found:
            yield f"totals.json: “{kind}” is not what the log says."
