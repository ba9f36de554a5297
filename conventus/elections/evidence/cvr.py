"""The counted sheets as cast vote records in the JSON shape of NIST SP 1500-103, version 1.0.0 (docs/verify.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .facts import EvidenceFacts, Ruling, Scan

ELECTION, CONTEST, UNIT, DEVICE = "election-1", "contest-1", "unit-1", "reader-1"
FOR, AGAINST = 1, 2
"""Positions of a name: the box for it, or the name itself left standing; and the box against it."""
INDICATED = {
    "chosen": ("yes", "no"),
    "rejected": ("no", "yes"),
    "both": ("yes", "yes"),
    "none": ("no", "no"),
    "doubt": ("unknown", "unknown"),
}


def cast_vote_records(facts: EvidenceFacts) -> dict[str, Any]:
    """The report: one record for each scanned ballot that counts, valid or not."""
    live = {stack.id for stack in facts.stock.stacks if stack.counts}
    counted = [one for one in facts.sheets if one.stack in live and one.standing and _is_ballot(one.standing)]
    election = facts.election
    return {
        "@type": "CVR.CastVoteRecordReport",
        "Version": "1.0.0",
        "GeneratedDate": election.declared,
        "ReportType": ["adjudicated"],
        "ReportGeneratingDeviceIds": [DEVICE],
        "ReportingDevice": [{"@type": "CVR.ReportingDevice", "@id": DEVICE, "Application": "Conventus"}],
        "GpUnit": [
            {
                "@type": "CVR.GpUnit",
                "@id": UNIT,
                "Type": "other",
                "OtherType": "congress",
                "Name": election.unit,
            }
        ],
        "Election": [_election(facts)],
        "CVR": [_record(facts, one) for one in counted],
    }


def _is_ballot(standing: Ruling) -> bool:
    return standing.ruling in ("valid", "invalid")


def _election(facts: EvidenceFacts) -> dict[str, Any]:
    election = facts.election
    people = [{"@type": "CVR.Candidate", "@id": f"candidate-{one.id}", "Name": one.name} for one in election.candidates]
    selections = [
        {"@type": "CVR.CandidateSelection", "@id": f"selection-{one.id}", "CandidateIds": [f"candidate-{one.id}"]}
        for one in election.candidates
    ]
    contest = {
        "@type": "CVR.CandidateContest",
        "@id": CONTEST,
        "Name": election.contest,
        "NumberElected": election.seats,
        "VotesAllowed": election.seats,
        "VoteVariation": "n-of-m",
        "ContestSelection": selections,
    }
    return {
        "@type": "CVR.Election",
        "@id": ELECTION,
        "ElectionScopeId": UNIT,
        "Name": election.contest,
        "Candidate": people,
        "Contest": [contest],
    }


def _record(facts: EvidenceFacts, scan: Scan) -> dict[str, Any]:
    assert scan.standing
    snapshots = [_snapshot(facts, scan, "original", scan.marks)]
    if scan.standing.how == "agreed":
        snapshots.append(_modified(facts, scan, scan.standing))
    return {
        "@type": "CVR.CVR",
        "ElectionId": ELECTION,
        "CreatingDeviceId": DEVICE,
        "UniqueId": scan.sheet,
        "BatchId": scan.stack,
        "BallotStyleId": scan.layout,
        "BallotImage": [_image(facts, page.file) for page in scan.pages if page.file],
        "CurrentSnapshotId": snapshots[-1]["@id"],
        "CVRSnapshot": snapshots,
    }


def _image(facts: EvidenceFacts, file: str) -> dict[str, Any]:
    value = {"@type": "CVR.Hash", "Type": "sha-256", "Value": facts.pictures[file][1]}
    return {"@type": "CVR.ImageData", "Location": file, "Hash": value}


def _modified(facts: EvidenceFacts, scan: Scan, standing: Ruling) -> dict[str, Any]:
    """The sheet as members ruled it; an invalid one gives no vote."""
    snapshot = _snapshot(facts, scan, "modified", standing.marks)
    for selection in snapshot["CVRContest"][0]["CVRContestSelection"]:
        for position in selection["SelectionPosition"]:
            position["Status"] = ["adjudicated"]
    if standing.ruling == "invalid":
        snapshot["CVRContest"][0]["Status"] = ["invalidated-rules"]
    agreed = [one.by for one in scan.verdicts if (one.ruling, one.ground) == (standing.ruling, standing.ground)]
    words = " ".join(part for part in (standing.ruling, standing.ground) if part)
    snapshot["Annotation"] = [{"@type": "CVR.Annotation", "AdjudicatorName": agreed, "Message": [words]}]
    return snapshot


def _snapshot(facts: EvidenceFacts, scan: Scan, kind: str, marks: Mapping[str, str]) -> dict[str, Any]:
    contest = {
        "@type": "CVR.CVRContest",
        "ContestId": CONTEST,
        "CVRContestSelection": list(_selections(facts, marks)),
    }
    return {
        "@type": "CVR.CVRSnapshot",
        "@id": f"{kind}-{scan.sheet}",
        "Type": kind,
        "CVRContest": [contest],
    }


def _selections(facts: EvidenceFacts, marks: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    boxes = facts.election.style != "strike"
    for one in facts.election.candidates:
        if one.id in marks:
            positions = list(_positions(marks[one.id], boxes))
            yield {
                "@type": "CVR.CVRContestSelection",
                "ContestSelectionId": f"selection-{one.id}",
                "SelectionPosition": positions,
            }


def _positions(mark: str, boxes: bool) -> Iterator[dict[str, Any]]:
    """A mark in both boxes is indicated twice and is a vote for nobody (ELE-20)."""
    agree, disagree = INDICATED[mark]
    allocable = {"chosen": "yes", "doubt": "unknown"}.get(mark, "no")
    yield _position(FOR, agree, int(mark == "chosen"), allocable)
    if boxes:
        yield _position(AGAINST, disagree, 0, "no")


def _position(place: int, indicated: str, votes: int, allocable: str) -> dict[str, Any]:
    return {
        "@type": "CVR.SelectionPosition",
        "Position": place,
        "HasIndication": indicated,
        "IsAllocable": allocable,
        "NumberVotes": votes,
    }
