"""cvr.json has what NIST SP 1500-103 (version 1.0.0) requires of each part, and nothing points into the void."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.verifier.bundles import files_of

REQUIRED = {
    "CastVoteRecordReport": "Election GeneratedDate GpUnit ReportGeneratingDeviceIds ReportingDevice Version",
    "CVR": "CVRSnapshot CurrentSnapshotId ElectionId",
    "CVRSnapshot": "@id Type",
    "CVRContest": "ContestId",
    "CVRContestSelection": "SelectionPosition",
    "SelectionPosition": "HasIndication NumberVotes",
    "Election": "@id Contest ElectionScopeId",
    "CandidateContest": "@id ContestSelection",
    "CandidateSelection": "@id",
    "Candidate": "@id",
    "GpUnit": "@id Type",
    "ReportingDevice": "@id",
    "Hash": "Type Value",
    "ImageData": "",
    "Annotation": "",
}
"""The fields that each class must have besides `@type`."""
WORDS = {
    "HasIndication": {"yes", "no", "unknown"},
    "IsAllocable": {"yes", "no", "unknown"},
    "VoteVariation": {"n-of-m"},
    "Version": {"1.0.0"},
}
POINTERS = ("ElectionScopeId", "ElectionId", "CreatingDeviceId", "CurrentSnapshotId", "ContestId", "ContestSelectionId")


def parts(data: Any) -> Iterator[dict[str, Any]]:
    """Every object in the report."""
    if isinstance(data, dict):
        yield data
    for one in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from parts(one)


def report_of(whole: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files_of(whole)["cvr.json"])
    return found


def test_every_part_has_what_is_required(whole: Path) -> None:
    seen = set()
    for part in parts(report_of(whole)):
        name = part["@type"].removeprefix("CVR.")
        seen.add(name)
        assert set(REQUIRED[name].split()) <= set(part), name
        for key, known in WORDS.items():
            assert part.get(key, min(known)) in known
    assert seen == set(REQUIRED)


def test_every_pointer_points_at_something(whole: Path) -> None:
    found = list(parts(report_of(whole)))
    names = [part["@id"] for part in found if "@id" in part]
    assert len(names) == len(set(names))
    for part in found:
        for key in POINTERS:
            assert part.get(key, names[0]) in names, key
        assert set(part.get("CandidateIds", ())) | set(part.get("ReportGeneratingDeviceIds", ())) <= set(names)


def test_what_was_read_and_what_was_ruled_are_both_there(whole: Path) -> None:
    report = report_of(whole)
    kinds = [[one["Type"] for one in record["CVRSnapshot"]] for record in report["CVR"]]
    assert sorted(map(len, kinds)) == [1, 1, 1, 1, 1, 2, 2]
    ruled = [record["CVRSnapshot"][1] for record in report["CVR"] if len(record["CVRSnapshot"]) == 2]
    assert [one["Annotation"][0]["AdjudicatorName"] for one in ruled] == [["m1", "m2"]] * 2
    assert {one["Annotation"][0]["Message"][0] for one in ruled} == {"valid", "invalid too_many"}
    assert "TimeStamp" not in json.dumps(report)
