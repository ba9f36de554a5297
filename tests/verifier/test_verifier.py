"""Whatever is changed in a bundle is found, and the sentence names where."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conventus.elections import evidence
from tests.verifier import bundles
from tests.verifier.bundles import changed, files_of, rewritten
from verifier import verify
from verifier.__main__ import main

FILES = sorted(
    ["README.txt", "audits.json", "cvr.json", "decisions.json", "log.jsonl", "manifest.json", "people.json",
     "stock.json",
     "totals.json", f"layouts/{bundles.LAYOUT}.json", f"pages/{bundles.digest('pixels 0')}.jpg"]
)  # fmt: skip


def manifest_of(path: Path) -> str:
    return hashlib.sha256(files_of(path)["manifest.json"]).hexdigest()


# Whole bundles ------------------------------------------------------------------------------------


def test_a_whole_bundle_fits(whole: Path, settled: Path) -> None:
    for path in (whole, settled):
        report = verify(path, sealed=manifest_of(path))
        assert report.faults == ()
        assert report.summary["votes"] == {"Lê Văn An": 6, "Phạm Thị Bích": 3, "Trần Văn Cường": 3}
        assert report.summary["elected"] == ["Lê Văn An"]
    assert (report.summary["sheets"], report.summary["adjudicated"]) == (9, 3)


def test_the_same_facts_give_the_same_bytes(tmp_path: Path, whole: Path) -> None:
    again = bundles.packed(tmp_path)
    assert again.read_bytes() == whole.read_bytes()


def test_the_command_line(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(whole), "--sealed", manifest_of(whole)]) == 0
    said = capsys.readouterr().out
    assert "everything fits" in said
    assert "Lê Văn An  (elected)" in said
    assert main([str(whole), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["manifest"] == manifest_of(whole)
    assert main([str(whole), "--sealed", "0" * 64]) == 1
    assert "manifest.json is not the one that was sealed" in capsys.readouterr().out
    assert main([str(whole), "--identity", str(whole.parent / "none")]) == 2


def test_without_the_seal_it_says_what_to_compare(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(whole)])
    assert "Compare it with the one in the counting record" in capsys.readouterr().out


def test_it_runs_alone(whole: Path) -> None:
    """Nothing of the program that made the bundle is loaded, not even by way of a library."""
    code = (
        "import sys, verifier.__main__ as v; code = v.main(sys.argv[1:]);"
        "bad = [m for m in sys.modules if m.split('.')[0] in ('conventus', 'engines', 'config', 'django', 'pyrage')];"
        "sys.exit(f'loaded {bad}' if bad else code)"
    )
    run = subprocess.run([sys.executable, "-c", code, str(whole)], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


# Any byte, any file -------------------------------------------------------------------------------


@given(data=st.data())
@settings(max_examples=120)
def test_any_byte(whole: Path, data: st.DataObject) -> None:
    content = whole.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1))
    other = content[at] ^ data.draw(st.integers(1, 255))
    path = whole.with_name("byte.zip")
    path.write_bytes(content[:at] + bytes([other]) + content[at + 1 :])
    assert verify(path).faults


@pytest.mark.parametrize("cut", [1, 30, 5000])
def test_bytes_taken_away_or_put_on(whole: Path, cut: int) -> None:
    path, content = whole.with_name("cut.zip"), whole.read_bytes()
    for other in (content[:-cut], content[cut:], content + b"\0" * cut, b"\0" * cut + content):
        path.write_bytes(other)
        assert verify(path).faults


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_is_named(whole: Path, name: str) -> None:
    files = files_of(whole)
    path = rewritten(whole, files | {name: files[name].replace(b"1", b"2", 1) + b" "}, rehash=False)
    assert verify(path, sealed=manifest_of(whole)).faults[0].startswith(name)


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_is_found_by_the_seal_though_the_manifest_fits(whole: Path, name: str) -> None:
    files = files_of(whole)
    path = rewritten(whole, files | {name: files[name] + b"\n"}, rehash=name != "manifest.json")
    faults = verify(path, sealed=manifest_of(whole)).faults
    assert any(fault.startswith("manifest.json is not the one that was sealed") for fault in faults)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("rehash", [False, True])
def test_a_removed_file_is_named(whole: Path, name: str, rehash: bool) -> None:
    files = files_of(whole)
    del files[name]
    faults = verify(rewritten(whole, files, rehash=rehash and name != "manifest.json"), sealed="1" * 64).faults
    assert any(name in fault or (rehash and "manifest.json" in fault) for fault in faults)


@pytest.mark.parametrize("name", ["pages/0.jpg", "more.txt", "layouts/0.json"])
def test_an_added_file_is_named(whole: Path, name: str) -> None:
    faults = verify(rewritten(whole, files_of(whole) | {name: b"{}"}, rehash=False)).faults
    assert f"{name} was added: manifest.json does not name it." in faults


def test_an_added_picture_belongs_to_no_sheet(whole: Path) -> None:
    faults = verify(rewritten(whole, files_of(whole) | {"pages/0.jpg": b"x"}, rehash=True)).faults
    assert faults == ("pages/0.jpg is the picture of no sheet.",)


@pytest.mark.parametrize("rehash", [False, True])
def test_pictures_that_change_places_are_found(whole: Path, rehash: bool) -> None:
    files = files_of(whole)
    one, two = [name for name in files if name.startswith("pages/")][:2]
    files[one], files[two] = files[two], files[one]
    assert verify(rewritten(whole, files, rehash=rehash)).faults


# Any value, with a manifest that was made to fit ---------------------------------------------------


def leaves(data: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to every value of a JSON file."""
    if isinstance(data, dict | list):
        for key in data if isinstance(data, dict) else range(len(data)):
            yield from leaves(data[key], (*way, key))
    else:
        yield way


def other(value: Any) -> Any:
    swapped = {"chosen": "rejected", "rejected": "chosen", "valid": "invalid", "m1": "m3", "m2": "m3", "m3": "m1"}
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return swapped.get(value, f"{value}x") if isinstance(value, str) else 1


def put(data: Any, way: tuple[Any, ...], value: Any) -> None:
    for key in way[:-1]:
        data = data[key]
    data[way[-1]] = value


FREE = {
    "audits.json": {"attempt", "method", "risk_percent", "seed", "round_size", "measured", "state", "reason", "number"},
    "decisions.json": {"doubts", "page"},
    "totals.json": {"base", "alternate", "tied"},
    "stock.json": {"label", "pages", "expected", "void", "reason"},
    "cvr.json": {"@type", "Version", "GeneratedDate", "ReportType", "ReportGeneratingDeviceIds", "ReportingDevice",
                 "GpUnit", "ElectionScopeId", "ElectionId", "CreatingDeviceId", "Name", "VoteVariation", "VotesAllowed",
                 "IsAllocable", "Message", "Contest", "@id", "CandidateIds", "ContestId", "Status", "Type"},
    "log.jsonl": set(),
}  # fmt: skip
"""Words that nothing else in a bundle repeats: who changes them and the manifest is found by the seal alone."""


@pytest.mark.parametrize("name", sorted(FREE))
def test_any_value_that_counts(whole: Path, settled: Path, name: str) -> None:
    """Marks, rulings, figures, seals, lines: none can be changed without something else not fitting it."""
    unseen = []
    for path in (whole, settled) if name == "totals.json" else (whole,):
        text = files_of(path)[name]
        data = [json.loads(line) for line in text.splitlines()] if name.endswith("l") else json.loads(text)
        for way in leaves(data):
            if FREE[name] & set(way) or (name == "decisions.json" and _read_in_vain(data, way)):
                continue

            def change(found: Any, way: tuple[Any, ...] = way) -> None:
                value = found
                for key in way:
                    value = value[key]
                put(found, way, other(value))

            if not verify(changed(path, name, change)).faults:
                unseen.append(way)
    assert unseen == []


def _read_in_vain(data: Any, way: tuple[Any, ...]) -> bool:
    """What the reader saw of a sheet that is no ballot of this count: nothing rests on it."""
    standing = data["sheets"][way[1]]["standing"]
    return way[2] in ("marks", "sheet", "state") and (standing is None or standing["ruling"] == "not_counted")


def drop(at: int) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        rows = data if isinstance(data, list) else data.get("sheets") or data.get("CVR") or data.get("entries")
        del rows[at]

    return change


def twice(data: Any) -> None:
    rows = data if isinstance(data, list) else data.get("sheets") or data.get("CVR") or data.get("entries")
    rows.append(rows[0])


@pytest.mark.parametrize("name", ["decisions.json", "cvr.json", "totals.json", "log.jsonl"])
@pytest.mark.parametrize("change", [drop(0), drop(1), drop(-1), twice], ids=["first", "second", "last", "twice"])
def test_rows_taken_away_or_added(whole: Path, name: str, change: Callable[[Any], None]) -> None:
    assert verify(changed(whole, name, change)).faults


@pytest.mark.parametrize("at", range(18))
def test_a_line_of_the_log_taken_away(whole: Path, at: int) -> None:
    assert verify(changed(whole, "log.jsonl", drop(at))).faults


def test_a_whole_sheet_taken_out_everywhere(whole: Path) -> None:
    """Sheet, record and picture go together and the manifest fits: then the sums do not."""
    data = json.loads(files_of(whole)["decisions.json"])
    gone = next(one for one in data["sheets"] if one["standing"] and one["standing"]["how"] == "read")
    files = files_of(whole)
    del files[gone["pages"][0]["file"]]
    report = json.loads(files["cvr.json"])
    report["CVR"] = [one for one in report["CVR"] if one["UniqueId"] != gone["sheet"]]
    data["sheets"].remove(gone)
    files |= {"cvr.json": json.dumps(report).encode(), "decisions.json": json.dumps(data).encode()}
    faults = verify(rewritten(whole, files, rehash=True)).faults
    assert any(fault.startswith("The sheets do not make the count by scan") for fault in faults)
    assert any(fault.startswith("stock.json: 7 collected, but 6 accounted for") for fault in faults)


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("decisions.json", lambda data: _ruled(data)["verdicts"].pop(), "no 2 members agree"),
        ("decisions.json", lambda data: _ruled(data)["verdicts"][1].update(by="m1"), "one member has ruled twice"),
        ("decisions.json", lambda data: _ruled(data)["verdicts"][0].update(ground="writing"), "another ground than"),
        ("totals.json", lambda data: data["agreed"]["votes"].update({"12": 4}), "the agreed count"),
        ("totals.json", lambda data: data["result"].update(needed=7), "7 are needed"),
        ("stock.json", lambda data: data.update(unused=3), "12 printed, but 13 accounted for"),
        ("stock.json", lambda data: data.update(issued=6, spoilt=4), "7 ballots were collected, but 6 issued"),
        ("people.json", lambda data: data["people"].pop(0), "people.json does not say who m1 is"),
        ("decisions.json", lambda data: {"sheets": 5}, "does not have the shape"),
        ("totals.json", lambda data: ["nothing"], "does not have the shape"),
    ],
)  # fmt: skip
def test_what_is_said_of_it(whole: Path, name: str, change: Callable[[Any], Any], words: str) -> None:
    faults = verify(changed(whole, name, lambda data: _quiet(change, data))).faults
    assert any(words in fault for fault in faults), faults


def _quiet(change: Callable[[Any], Any], data: Any) -> Any:
    """The changed data: a change in place gives whatever it gives."""
    found = change(data)
    return found if found in ({"sheets": 5}, ["nothing"]) else data


def _ruled(data: Any) -> Any:
    return next(one for one in data["sheets"] if one["verdicts"] and one["verdicts"][0]["ruling"] == "valid")


def test_settled_by_somebody_who_keyed_in(settled: Path) -> None:
    def change(data: Any) -> None:
        next(one for one in data["entries"] if one["slot"] == "resolution")["by"] = "m1"

    faults = verify(changed(settled, "totals.json", change)).faults
    assert "totals.json: m1 keyed in a count and settled the difference." in faults


def test_a_gap_that_was_accepted_is_no_fault(whole: Path) -> None:
    path = changed(whole, "stock.json", lambda data: data.update(unused=1, explained=["printed"]))
    assert verify(path).faults == ()


# Files that are no bundles ------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"no bundle", b"age-encryption.org/v1\n-> X25519 x\n"])
def test_no_bundle_at_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bundle.age"
    path.write_bytes(content)
    assert len(verify(path, passphrase="x" * 20).faults) == 1
    assert verify(tmp_path / "nothing").faults


def test_a_key_that_stands_twice_is_refused(whole: Path) -> None:
    files = files_of(whole)
    text = files["stock.json"].replace(b'"issued": 9', b'"issued": 9, "issued": 9')
    assert verify(rewritten(whole, files | {"stock.json": text}, rehash=True)).faults


# Sealed -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def locked(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, evidence.Sealed]:
    """The bundle sealed to somebody's key, with the key."""
    identity = pyrage.x25519.Identity.generate()
    path = tmp_path_factory.mktemp("locked") / "bundle.age"
    sealed = evidence.seal(whole, path, [str(identity.to_public())], manifest_of(whole))
    return path, str(identity), sealed


def test_a_sealed_bundle_opens_with_its_key(locked: tuple[Path, str, evidence.Sealed]) -> None:
    path, identity, sealed = locked
    assert verify(path, identity=identity, sealed=sealed.sha256).faults == ()
    assert verify(path, identity=identity, sealed=sealed.manifest).faults == ()
    assert verify(path, identity=identity, sealed="2" * 64).faults
    assert sealed.files == 18
    assert path.stat().st_mode & 0o077 == 0


def test_it_opens_with_no_other_key(locked: tuple[Path, str, evidence.Sealed]) -> None:
    path = locked[0]
    stranger = str(pyrage.x25519.Identity.generate())
    for report in (verify(path), verify(path, identity=stranger), verify(path, identity="no key")):
        assert len(report.faults) == 1


@given(data=st.data())
@settings(max_examples=60)
def test_any_byte_of_a_sealed_bundle(locked: tuple[Path, str, evidence.Sealed], data: st.DataObject) -> None:
    path, identity, _sealed = locked
    content = path.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1))
    other_path = path.with_name("byte.age")
    other_path.write_bytes(content[:at] + bytes([content[at] ^ data.draw(st.integers(1, 255))]) + content[at + 1 :])
    assert verify(other_path, identity=identity).faults


def test_a_passphrase_opens_the_key_beside_the_bundle(whole: Path, tmp_path: Path) -> None:
    """As the room seals it: the passphrase protects the key, the key opens the bundle, on the command line as well."""
    public, key = evidence.new_key("đúng là một câu dài")
    path, words = tmp_path / "b.age", tmp_path / "words"
    evidence.seal(whole, path, [public], manifest_of(whole))
    (tmp_path / "b.key.age").write_bytes(key)
    words.write_text("đúng là một câu dài\n")
    outer = tmp_path / "handed-out.zip"
    with zipfile.ZipFile(outer, "w") as both:
        both.write(path, "b.age")
        both.write(tmp_path / "b.key.age", "b.key.age")
    assert main([str(outer), "--passphrase-file", str(words), "--sealed", evidence.file_hash(path)]) == 0
    words.write_text("sai\n")
    assert main([str(path), "--passphrase-file", str(words)]) == 1


def test_nothing_is_sealed_that_does_not_come_back_whole(whole: Path, tmp_path: Path) -> None:
    public = str(pyrage.x25519.Identity.generate().to_public())
    broken = tmp_path / "broken.zip"
    broken.write_bytes(whole.read_bytes()[:-200])
    for source, manifest in ((broken, manifest_of(whole)), (whole, "3" * 64)):
        with pytest.raises(evidence.LockError):
            evidence.seal(source, tmp_path / "b.age", [public], manifest)
    with pytest.raises(evidence.LockError):
        evidence.seal(whole, tmp_path / "b.age", [], manifest_of(whole))


def test_a_picture_that_was_changed_or_is_gone_is_not_packed(tmp_path: Path) -> None:
    facts = bundles.facts(tmp_path / "scans")
    picture = next(iter(facts.pictures.values()))[0]
    picture.write_bytes(picture.read_bytes() + b"x")
    with pytest.raises(evidence.BundleError):
        evidence.write_bundle(facts, tmp_path / "bundle.zip")
    picture.unlink()
    with pytest.raises(evidence.BundleError):
        evidence.write_bundle(facts, tmp_path / "bundle.zip")
