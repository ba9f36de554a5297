"""The counting record's section on paper and scan, in every form of every pack."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, datetime
from pathlib import Path

import pytest

from conventus.core.papers import Paper, Table
from conventus.elections import rules
from conventus.elections.record import (
    BaseLine,
    BoardMember,
    Entry,
    RecordFacts,
    Result,
    Ruled,
    ScanFacts,
    counting_record,
    load_record_form,
)

FORMS = sorted((Path(__file__).parents[2] / "packs").glob("*/forms/counting_record.*.toml"))
AT = datetime(2025, 2, 24, 10, 30)  # noqa: DTZ001 - local time, as the form prints it
FACTS = RecordFacts(
    superior="", unit="Xã Mẫu", assembly="Đại hội", contest="Ban Chấp hành", dated=date(2025, 2, 24), place="Xã Mẫu",
    seats=1, results=(Result(1, "Lê Văn An", 5, True),), base_lines=(BaseLine("official_summoned", 9),), needed=5,
    issued=9, collected=8, valid=7, invalid=1, board=(BoardMember("Người Một", "head"),),
    entries=(Entry("scan", "Một", AT, method="scan"), Entry("first", "Hai", AT), Entry("second", "Ba", AT)),
)  # fmt: skip


def record(path: Path, facts: RecordFacts) -> Paper:
    code = next(iter(load_record_form(path).words.base))
    return counting_record(load_record_form(path), replace(facts, base_lines=(BaseLine(code, 9),)))


def text_of(paper: Paper) -> str:
    return str(paper.blocks)


@pytest.mark.parametrize("path", FORMS, ids=str)
def test_every_ruling_and_way_has_its_words(path: Path) -> None:
    words = load_record_form(path).words
    assert set(words.rulings) == {"valid", *rules.GROUNDS, *rules.NO_BALLOT}
    assert {"first", "second", "scan", "resolution"} == set(words.steps)
    assert {"totals", "sheets", "scan"} == set(words.methods)
    assert len(words.numerals) >= len(fields(words.sections))


@pytest.mark.parametrize("path", FORMS, ids=str)
def test_rulings_by_number_and_name(path: Path) -> None:
    rulings = (Ruled("valid", "", 11, ("Hai", "Ba")), Ruled("invalid", "too_many", 1, ("Hai", "Bốn")))
    paper = record(path, replace(FACTS, scan=ScanFacts((("1", 300), ("cuối", 48)), 348, 336, 12, rulings)))
    words = load_record_form(path).words
    table = next(one for one in paper.blocks if isinstance(one, Table) and one.summary == words.sections.scan)
    assert table.rows == ((words.rulings["valid"], "11", "Hai, Ba"), (words.rulings["too_many"], "1", "Hai, Bốn"))
    said = text_of(paper)
    assert "1: 300; cuối: 48" in said
    assert words.sentences.counterfeits in said
    assert words.sentences.equal_scan in said
    assert f"{words.steps['scan']} ({words.methods['scan']})" in said


@pytest.mark.parametrize("path", FORMS, ids=str)
def test_without_scan_and_stock_nothing_is_said_of_them(path: Path) -> None:
    entries = (Entry("first", "Hai", AT), Entry("second", "Ba", AT))
    words, said = load_record_form(path).words, text_of(record(path, replace(FACTS, entries=entries)))
    assert words.sections.scan not in said
    assert words.labels.printed not in said
    assert words.sentences.equal in said
    assert words.methods["totals"] not in said
    known = text_of(record(path, replace(FACTS, printed=12, spoilt=1, unused=2)))
    assert f"({words.labels.printed!r}, '12')" in known
    assert f"({words.labels.unused!r}, '2')" in known


@pytest.mark.parametrize("path", FORMS, ids=str)
def test_counts_that_were_settled(path: Path) -> None:
    entries = (*FACTS.entries, Entry("resolution", "Bốn", AT, "Theo phiếu"))
    words = load_record_form(path).words
    assert words.sentences.resolved_scan in text_of(record(path, replace(FACTS, entries=entries)))
