"""cvr.json: the cast vote records say the same as the decisions, sheet by sheet and in sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from verifier.faults import Faults
from verifier.sheets import INVALID, NOT_COUNTED, Data, Sheet, counts

MARK = {
    ("yes", "no"): "chosen",
    ("no", "yes"): "rejected",
    ("yes", "yes"): "both",
    ("no", "no"): "none",
    ("unknown", "unknown"): "doubt",
}
"""Marks by what is indicated for a name and against it."""


def faults_of_records(report: Data, sheets: Sequence[Sheet], stacks: Data, election: Data, hashes: Data) -> Faults:
    """Records of sheets that do not count, sheets without a record, and records that say something else."""
    counted = {one["sheet"]: one for one in sheets if _is_ballot(one, stacks)}
    records = [one["UniqueId"] for one in report["CVR"]]
    if records != sorted(counted):
        yield "cvr.json does not hold exactly the sheets that count, each once and in order."
    yield from _faults_of_names(report, election)
    for record in report["CVR"]:
        if record["UniqueId"] in counted:
            yield from _faults_of_record(record, counted[record["UniqueId"]], election, hashes)


def _is_ballot(sheet: Sheet, stacks: Data) -> bool:
    standing = sheet["standing"]
    return counts(sheet, stacks) and bool(standing) and standing["ruling"] != NOT_COUNTED


def _faults_of_names(report: Data, election: Data) -> Faults:
    told = {one["@id"].removeprefix("candidate-"): one["Name"] for one in report["Election"][0]["Candidate"]}
    if told != {one["id"]: one["name"] for one in election["candidates"]}:
        yield "cvr.json names other candidates than manifest.json."
    if report["Election"][0]["Contest"][0]["NumberElected"] != election["seats"]:
        yield "cvr.json has another number of seats than manifest.json."


def _faults_of_record(record: Data, sheet: Sheet, election: Data, hashes: Data) -> Faults:
    here = f"cvr.json, record of sheet {sheet['sheet']}"
    snapshots = {one["@id"]: one for one in record["CVRSnapshot"]}
    kinds = [one["Type"] for one in record["CVRSnapshot"]]
    if kinds != ["original", "modified"][: 1 + (sheet["standing"]["how"] == "agreed")]:
        yield f"{here}: it has the snapshots {kinds}."
    if (record["BatchId"], record["BallotStyleId"]) != (sheet["stack"], sheet["layout"]):
        yield f"{here}: stack or layout are not those of decisions.json."
    images = {one["Location"]: one["Hash"]["Value"] for one in record["BallotImage"]}
    if images != {page["file"]: hashes.get(page["file"]) for page in sheet["pages"] if page["file"]}:
        yield f"{here}: its images or their hashes are not those of the bundle."
    if _marks(record["CVRSnapshot"][0], election) != _known(sheet["marks"]):
        yield f"{here}: the original says other marks than the reader saw."
    yield from _faults_of_current(here, snapshots[record["CurrentSnapshotId"]], sheet, election)
    if record["CurrentSnapshotId"] != record["CVRSnapshot"][-1]["@id"]:
        yield f"{here}: not the last snapshot is the current one."


def _faults_of_current(here: str, current: Data, sheet: Sheet, election: Data) -> Faults:
    standing = sheet["standing"]
    invalid = "invalidated-rules" in current["CVRContest"][0].get("Status", [])
    if invalid != (standing["ruling"] == INVALID):
        yield f"{here}: decisions.json says {standing['ruling']}."
    if _marks(current, election) != _known(standing["marks"]):
        yield f"{here}: the current marks are not those that count."
    agreed = {one["by"] for one in sheet["verdicts"] if one["ruling"] == standing["ruling"]}
    named = [name for note in current.get("Annotation", []) for name in note["AdjudicatorName"]]
    if not set(named) <= agreed or bool(named) != (standing["how"] == "agreed"):
        yield f"{here}: its adjudicators are not those who agreed."


def _known(marks: Mapping[str, str]) -> dict[str, str]:
    return dict(marks)


def _marks(snapshot: Data, election: Data) -> dict[str, str]:
    found = {}
    for one in snapshot["CVRContest"][0]["CVRContestSelection"]:
        key = one["ContestSelectionId"].removeprefix("selection-")
        found[key] = _mark(one["SelectionPosition"], election["style"])
    return found


def _mark(positions: Sequence[Data], style: str) -> str:
    """The mark of a name; its votes must be what the mark makes them."""
    places = {one["Position"]: one for one in positions}
    agree = places[1]["HasIndication"]
    opposite = {"yes": "no", "no": "yes", "unknown": "unknown"}
    disagree = opposite[agree] if style == "strike" else places[2]["HasIndication"]
    mark = MARK[agree, disagree]
    votes = sum(one["NumberVotes"] for one in positions)
    return mark if votes == (mark == "chosen") else f"{mark} with {votes} votes"
