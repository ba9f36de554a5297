"""The counting record put together: sections in their order, and the places to sign."""

from __future__ import annotations

from conventus.core.papers import (
    Block,
    Column,
    Facts,
    Heading,
    Lines,
    Note,
    Paper,
    Paragraph,
    Signature,
    Table,
    fill,
    word,
)

from .facts import BaseLine, Entry, RecordFacts, ScanFacts
from .words import RecordForm


def counting_record(form: RecordForm, facts: RecordFacts) -> Paper:
    """The record of one ballot, with every figure of ELE-33 and the places to sign."""
    words = form.words
    return Paper(
        language=form.language,
        dated=facts.dated,
        header=form.head((facts.superior, facts.unit), facts.number, facts.place, facts.dated),
        title=words.title,
        subtitle="\n".join((fill(words.subtitle, contest=facts.contest), f"({word(words.rounds, facts.round)})")),
        blocks=_blocks(form, facts),
        signatures=_signatures(form, facts),
        footer=form.footer(fill(words.footer, number=facts.number or "…", unit=facts.unit)),
        watermark=form.general.draft if facts.draft else "",
    )


def _blocks(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    opening = Paragraph(fill(form.words.sentences.opening, assembly=facts.assembly, contest=facts.contest))
    return (opening, *_numbered(form, facts), _closing(form, facts))


def _numbered(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    """The sections that have something to say, numbered without gaps."""
    heads = form.words.sections
    sections: tuple[tuple[str, tuple[Block, ...]], ...] = (
        (heads.sitting, _sitting(form, facts)),
        (heads.board, _board(form, facts)),
        (heads.contest, _contest(form, facts)),
        (heads.base, _base(form, facts)),
        (heads.ballots, _ballots(form, facts)),
        (heads.votes, _votes(form, facts)),
        (heads.elected, _elected(form, facts)),
        (heads.entries, _entries(form, facts)),
        (heads.scan, _scan(form, facts)),
        (heads.warnings, _warnings(form, facts)),
        (heads.remarks, tuple(Paragraph(text) for text in facts.remarks)),
    )
    filled = [section for section in sections if section[1]]
    pairs = zip(form.words.numerals, filled, strict=False)
    return tuple(block for numeral, (head, parts) in pairs for block in (Heading(f"{numeral} {head}"), *parts))


def _sitting(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    labels = form.words.labels
    rows = (
        (labels.assembly, facts.assembly),
        (labels.hall, facts.hall or facts.place),
        (labels.began, form.moment(facts.began) if facts.began else ""),
        (labels.ended, form.moment(facts.ended) if facts.ended else ""),
        (labels.attended, "" if facts.attended is None else form.count(facts.attended)),
    )
    return (Facts(tuple(row for row in rows if row[1])),)


def _board(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    columns = form.words.columns
    people = ((one.name, word(form.words.offices, one.office)) for one in facts.board)
    heads = (Column(columns.name, 13), Column(columns.office, 9))
    return _table(form, heads, tuple(people), form.words.sections.board)


def _contest(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    words, labels = form.words, form.words.labels
    rows = (
        (labels.contest, facts.contest),
        (labels.round, word(words.rounds, facts.round)),
        (labels.style, word(words.styles, facts.style)),
        (labels.seats, form.count(facts.seats)),
        (labels.listed, form.count(len(facts.results))),
    )
    return (Facts(rows),)


def _base(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    sentences = form.words.sentences
    rows = tuple((word(form.words.base, line.code), _signed(form, line)) for line in facts.base_lines)
    rule = sentences.highest if facts.needed is None else fill(sentences.needed, needed=form.count(facts.needed))
    clause = fill(sentences.clause, clause=facts.clause) if facts.clause else ""
    return (Lines(rows, (form.words.labels.base, form.count(facts.base))), Paragraph(f"{rule} {clause}".rstrip()))


def _signed(form: RecordForm, line: BaseLine) -> str:
    if line.shown:
        return f"({form.count(line.count)})"
    return f"−\u00a0{form.count(-line.count)}" if line.count < 0 else form.count(line.count)


def _whole(form: RecordForm, facts: RecordFacts) -> int:
    """What shares are taken over."""
    return facts.valid if form.words.shares_over == "valid" else facts.base


def _ballots(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    labels = form.words.labels
    rows = (
        (labels.printed, facts.printed),
        (labels.issued, facts.issued),
        (labels.spoilt, facts.spoilt),
        (labels.unused, facts.unused),
        (labels.collected, facts.collected),
        (labels.missing, facts.issued - facts.collected),
        (labels.valid, facts.valid),
        (labels.invalid, facts.invalid),
    )
    return (Lines(tuple((label, form.count(number)) for label, number in rows if number is not None)),)


def _votes(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    words, columns = form.words, form.words.columns
    heads = (
        Column(form.general.number, 2, "centre"),
        Column(columns.name, 10),
        Column(columns.votes, 4, "right"),
        Column(columns.share, 3, "right"),
        Column(columns.outcome, 5, "centre"),
    )
    rows = tuple(
        (
            form.count(one.number),
            one.name,
            form.count(one.votes),
            form.share(one.votes, _whole(form, facts)),
            words.is_elected if one.elected else words.not_elected,
        )
        for one in facts.results
    )
    note = Note(fill(words.sentences.share, whole=form.count(_whole(form, facts))))
    return (Table(heads, rows, summary=words.sections.votes), note)


def _elected(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    words, sentences = form.words, form.words.sentences
    elected = len(facts.elected)
    if not elected:
        return (Paragraph(fill(sentences.nobody, seats=form.count(facts.seats))),)
    summary = Paragraph(fill(sentences.elected, elected=form.count(elected), seats=form.count(facts.seats)))
    short = (Paragraph(fill(sentences.short, missing=form.count(facts.seats - elected))),) * (elected < facts.seats)
    heads = (
        Column(words.columns.name, 15),
        Column(words.columns.votes, 4, "right"),
        Column(words.columns.share, 3, "right"),
    )
    rows = tuple((one.name, form.count(one.votes), form.share(one.votes, _whole(form, facts))) for one in facts.elected)
    return (summary, *_table(form, heads, rows, words.sections.elected), *short)


def _entries(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    if not facts.entries:
        return ()
    words, columns = form.words, form.words.columns
    heads = (Column(columns.step, 8), Column(columns.by, 9), Column(columns.at, 7, "centre"))
    rows = tuple((_step(form, facts, one), one.by, form.stamp(one.at)) for one in facts.entries)
    remarks = tuple(Paragraph(one.note, lead=f"{one.by}:") for one in facts.entries if one.note)
    table = Table(heads, rows, summary=words.sections.entries)
    return (Paragraph(_how_counted(form, facts)), table, *remarks)


def _how_counted(form: RecordForm, facts: RecordFacts) -> str:
    """Whether the counts were equal or settled, and whether a scan was one of them."""
    sentences, steps = form.words.sentences, {one.step for one in facts.entries}
    if "scan" in steps:
        return sentences.resolved_scan if "resolution" in steps else sentences.equal_scan
    return sentences.resolved if "resolution" in steps else sentences.equal


def _step(form: RecordForm, facts: RecordFacts, entry: Entry) -> str:
    """Which count it was, with the way it was made where not all were made alike."""
    step = word(form.words.steps, entry.step)
    if entry.step == "resolution" or len({one.method for one in facts.entries}) == 1:
        return step
    return f"{step} ({word(form.words.methods, entry.method)})"


def _scan(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    """Stacks and rulings by number: never which ballot, for a pattern of marks can be a signature."""
    scan, sentences, labels = facts.scan, form.words.sentences, form.words.labels
    if scan is None:
        return ()
    rows = ((labels.scanned, scan.sheets), (labels.unseen, scan.unseen), (labels.ruled, scan.ruled))
    stacks = "; ".join(f"{name}: {form.count(number)}" for name, number in scan.stacks)
    return (
        Lines(tuple((label, form.count(number)) for label, number in rows)),
        Paragraph(fill(sentences.stacks, stacks=stacks)),
        *_rulings(form, scan),
        Paragraph(sentences.counterfeits),
    )


def _rulings(form: RecordForm, scan: ScanFacts) -> tuple[Block, ...]:
    if not scan.rulings:
        return ()
    columns = form.words.columns
    heads = (Column(columns.ruling, 12), Column(columns.ballots, 3, "right"), Column(columns.members, 9))
    rows = tuple(
        (word(form.words.rulings, one.ground or one.ruling), form.count(one.number), ", ".join(one.by))
        for one in scan.rulings
    )
    return (Paragraph(form.words.sentences.doubts), Table(heads, rows, summary=form.words.sections.scan))


def _warnings(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    if not facts.warnings:
        return (Paragraph(form.words.sentences.no_warnings),)
    columns = form.words.columns
    heads = (
        Column(columns.code, 3, "centre"),
        Column(columns.warning, 9),
        Column(columns.reason, 9),
        Column(columns.by, 6),
    )
    rows = tuple((one.code, one.text, one.reason, one.by) for one in facts.warnings)
    return (Table(heads, rows, summary=form.words.sections.warnings),)


def _table(
    form: RecordForm, heads: tuple[Column, ...], rows: tuple[tuple[str, ...], ...], summary: str
) -> tuple[Block, ...]:
    """A table whose rows are counted; nothing when there is no row."""
    if not rows:
        return ()
    counted = tuple((form.count(at), *row) for at, row in enumerate(rows, 1))
    return (Table((Column(form.general.number, 2, "centre"), *heads), counted, summary=summary),)


def _closing(form: RecordForm, facts: RecordFacts) -> Paragraph:
    sentences, copies = form.words.sentences, form.count(facts.copies)
    if facts.adopted is None:
        return Paragraph(fill(sentences.closing_blank, copies=copies))
    return Paragraph(fill(sentences.closing, adopted=form.moment(facts.adopted), copies=copies))


def _signatures(form: RecordForm, facts: RecordFacts) -> tuple[tuple[Signature, ...], ...]:
    """Presidium on the left, head of the board on the right; where the form wants it, the rest of the board below."""
    sign = form.words.sign
    head = next((one.name for one in facts.board if one.office == "head"), "")
    first = (form.sign(sign.presidium, "\n".join(facts.presidium[:1])), form.sign(sign.head, head))
    further = [form.sign(sign.presidium, name) for name in facts.presidium[1:]]
    members = [
        form.sign(sign.member, one.name) for one in facts.board if one.office != "head" and form.words.members_sign
    ]
    rest = further + members
    wide = 2 if len(rest) in (2, 4) else 3
    return (first, *(tuple(rest[at : at + wide]) for at in range(0, len(rest), wide)))
