"""Official papers: every figure is on the paper, in both files, and nothing that is typed can break them."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tomllib
import unicodedata
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pypdf
import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Cm
from hypothesis import given, settings
from hypothesis import strategies as st

from conventus.core.papers import (
    Column,
    Facts,
    Footer,
    Form,
    FormError,
    Heading,
    Items,
    Letterhead,
    Lines,
    Note,
    Paper,
    Paragraph,
    Recipients,
    Signature,
    Table,
    digest,
    fill,
    sealed,
    to_docx,
    to_pdf,
    to_pngs,
)
from conventus.core.papers.paper import clean
from conventus.cycle.papers import (
    AppraisalFacts,
    Body,
    Finding,
    Issue,
    Person,
    RecognitionFacts,
    appraisal_paper,
    load_appraisal_form,
    load_recognition_form,
    recognition_paper,
)
from conventus.cycle.papers import Document as Draft
from conventus.elections import rules
from conventus.elections.record import (
    AcceptedWarning,
    BaseLine,
    BoardMember,
    Entry,
    RecordFacts,
    Result,
    counting_record,
    load_record_form,
)

ROOT = Path(__file__).parents[2]
PACKS = ("vn-party-2024", "association")
LANGUAGES = ("vi", "en")
LETTERS = "ữ ặ ỡ ộ ể ẵ ỹ Ữ Ặ Ỡ Ộ Ể Ẵ Ỹ ợ ự Đ đ ä ö ü ß ł ż ź ć ę ą ń ó Ł Ż"
EVERY_FORM = [(pack, lang) for pack in PACKS for lang in LANGUAGES]


def at(hour: int, minute: int) -> datetime:
    return datetime(2025, 2, 12, hour, minute, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


def form_path(kind: str, pack: str = "vn-party-2024", lang: str = "vi") -> Path:
    return ROOT / "packs" / pack / "forms" / f"{kind}.{lang}.toml"


def record_form(pack: str = "vn-party-2024", lang: str = "vi") -> Any:
    return load_record_form(form_path("counting_record", pack, lang))


def squeezed(text: str) -> str:
    """The text with every run of white space as one space; lines of a page break anywhere."""
    return re.sub(r"\s+", " ", text)


def pdf_of(data: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(data))


def pdf_text(data: bytes) -> str:
    return squeezed(" ".join(page.extract_text() for page in pdf_of(data).pages))


def docx_text(data: bytes) -> str:
    """All text of the body, in order, tables included."""
    body = Document(io.BytesIO(data)).element.body
    parts = ("".join(_said(node) for node in paragraph.iter()) for paragraph in body.iter(qn("w:p")))
    return squeezed(" ".join(parts))


def _said(node: Any) -> str:
    if node.tag == qn("w:t"):
        return node.text or ""
    return " " if node.tag in (qn("w:tab"), qn("w:br")) else ""


def texts(paper: Paper) -> tuple[str, str]:
    return pdf_text(to_pdf(paper)), docx_text(to_docx(paper))


BASE = {
    "vn-party-2024": (
        BaseLine("delegates_summoned", 250),
        BaseLine("convening_absent", -3),
        BaseLine("absent_without_alternate", -1),
    ),
    "association": (BaseLine("present_with_vote", 247), BaseLine("left_early", -1)),
}
SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô", "Nữ Hoàng Công Tằng Tôn")
GIVEN = (
    "Ánh",
    "Bảo",
    "Được",
    "Hạnh",
    "Khuê",
    "Ngữ",
    "Quỳnh",
    "Thưởng",
    "Uyển Nhi Phương Thảo",
    "Vỹ",
    "Yến",
    "Kỹ",
    "Ẩn",
)


def results(names: int = 12, seats: int = 10) -> tuple[Result, ...]:
    people = (f"{SURNAMES[at % 11]} Thị {GIVEN[at % 13]}" for at in range(names))
    return tuple(Result(at, name, 244 - 2 * at, at <= seats) for at, name in enumerate(people, 1))


def record_facts(pack: str = "vn-party-2024", **changes: Any) -> RecordFacts:
    facts = RecordFacts(
        superior="Đảng bộ thành phố mẫu",
        unit="Đảng bộ phường mẫu",
        assembly="Đại hội Đảng bộ phường mẫu lần thứ XXIV",
        contest="Ban Chấp hành khóa XXIV, nhiệm kỳ 2025 - 2030",
        dated=date(2025, 2, 12),
        place="Phường mẫu",
        seats=10,
        results=results(),
        base_lines=BASE[pack],
        needed=124,
        issued=246,
        collected=245,
        valid=243,
        invalid=2,
        board=(BoardMember("Lê Văn Trưởng", "head"), BoardMember("Trần Thị Hai"), BoardMember("Đỗ Xuân Ba")),
        number="01-BB/BKP",
        hall="Hội trường tầng 2",
        began=at(9, 15),
        ended=at(10, 40),
        attended=239,
        clause="190-QĐ/TW@2024-10-10",
        entries=(
            Entry("first", "Trần Thị Hai", at(10, 2)),
            Entry("second", "Đỗ Xuân Ba", at(10, 11)),
        ),
        warnings=(AcceptedWarning("W02", "Một phiếu không thu về", "Đại biểu mang phiếu ra ngoài", "Lê Văn Trưởng"),),
        adopted=at(10, 55),
        presidium=("Hoàng Đức Chủ",),
    )
    return replace(facts, **changes)


def record(pack: str = "vn-party-2024", lang: str = "vi", **changes: Any) -> Paper:
    return counting_record(record_form(pack, lang), record_facts(pack, **changes))


def blocks_of(paper: Paper, kind: type) -> list[Any]:
    return [block for block in paper.blocks if isinstance(block, kind)]


# --- The counting record ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pack", "lang"), EVERY_FORM)
def test_every_figure_of_the_record_is_in_both_files(pack: str, lang: str) -> None:
    paper = record(pack, lang)
    share = {"vn-party-2024": "98.37%", "association": "99.59%"}[pack].replace(".", "," if lang == "vi" else ".")
    figures = ["246", "245", "243", "124", "239", share, "W02", "190-QĐ/TW@2024-10-10", "10:02, 12/02/2025"]
    people = ["Lê Văn Trưởng", "Trần Thị Hai", "Đỗ Xuân Ba", "Hoàng Đức Chủ", "Đại biểu mang phiếu ra ngoài"]
    clock = ["09 giờ 15", "10 giờ 40", "10 giờ 55"] if lang == "vi" else ["09:15", "10:40", "10:55"]
    for text in texts(paper):
        for said in (*figures, *people, *clock, "Hội trường tầng 2", "khóa XXIV"):
            assert said in text, said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_fifty_five_names_run_over_pages_with_the_head_on_each(lang: str) -> None:
    paper = record(lang=lang, results=results(55, 49), seats=49)
    pdf, docx = to_pdf(paper), to_docx(paper)
    name = record_form(lang=lang).words.columns.outcome
    heads = [page for page in pdf_of(pdf).pages if name in squeezed(page.extract_text())]
    assert len(pdf_of(pdf).pages) >= 4
    assert len(heads) >= 2
    for text in (pdf_text(pdf), docx_text(docx)):
        assert [one.name for one in results(55, 49) if one.name not in text or str(one.votes) not in text] == []


def test_the_table_of_votes_survives_the_round_trip() -> None:
    facts = record_facts(results=results(55, 49))
    document = Document(io.BytesIO(to_docx(counting_record(record_form(), facts))))
    (votes,) = (table for table in document.tables if len(table.rows) == 56)
    cells = [[cell.text for cell in row.cells] for row in votes.rows]
    assert [row[1] for row in cells[1:]] == [one.name for one in facts.results]
    assert [int(row[2]) for row in cells[1:]] == [one.votes for one in facts.results]
    assert votes.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in votes.rows)
    assert [votes.cell(row, 1).paragraphs[0].style.name for row in (0, 1)] == ["Table Text Strong", "Table Text"]


def test_shares_are_taken_over_the_base() -> None:
    """ELE-25: the majority is over the base, not over the valid ballots."""
    facts = record_facts(results=(Result(1, "A", 123, False),), valid=200)
    assert facts.base == 246
    votes = blocks_of(counting_record(record_form(), facts), Table)[1]
    assert votes.rows[0][3] == "50,00%"


def test_an_association_takes_shares_over_the_valid_ballots() -> None:
    paper = record("association", "en", results=(Result(1, "A", 100, False),), valid=200)
    assert blocks_of(paper, Table)[1].rows[0][3] == "50.00%"
    assert "over the valid ballot papers (200)" in pdf_text(to_pdf(paper))


def test_a_line_that_is_only_told_stands_in_brackets_outside_the_sum() -> None:
    lines = (BaseLine("official_summoned", 20), BaseLine("exempt_present", 2, shown=True), BaseLine("suspended", -1))
    paper = record(base_lines=lines)
    (sums,) = (block for block in blocks_of(paper, Lines) if block.total)
    assert [value for _, value in (*sums.rows, sums.total)] == ["20", "(2)", "−\u00a01", "19"]


def test_elected_stand_by_votes_and_equal_votes_by_list() -> None:
    mixed = (Result(1, "A", 130, True), Result(2, "B", 140, True), Result(3, "C", 130, True), Result(4, "D", 90, False))
    assert [one.name for one in record_facts(results=mixed).elected] == ["B", "A", "C"]


def test_too_few_elected_and_nobody_elected_are_said() -> None:
    few = record(lang="en", results=results(12, 8))
    assert "Seats still to be filled: 2." in pdf_text(to_pdf(few))
    nobody = record(lang="en", results=results(12, 0))
    assert "Nobody is elected (seats: 10)." in pdf_text(to_pdf(nobody))


def test_tie_ballot_needs_no_majority() -> None:
    paper = record(lang="en", round="tie", needed=None)
    assert paper.subtitle.endswith("(ballot between people with equal votes)")
    assert "more than half is not needed" in pdf_text(to_pdf(paper))


def test_a_difference_between_the_entries_is_told_with_its_settlement() -> None:
    third = Entry("resolution", "Lê Văn Trưởng", at(10, 20), "Số 3: 237, không phải 273.")
    for text in texts(record(entries=(*record_facts().entries, third))):
        assert "người thứ ba đối chiếu" in text
        assert "Lê Văn Trưởng: Số 3: 237, không phải 273." in text


@pytest.mark.parametrize(("pack", "lang"), EVERY_FORM)
def test_what_is_empty_leaves_no_gap(pack: str, lang: str) -> None:
    bare = record(
        pack, lang, number="", hall="", began=None, ended=None, attended=None, clause="", entries=(), warnings=(),
        adopted=None, presidium=(), board=(), results=(), base_lines=(),
    )  # fmt: skip
    heads = [block.text.split()[0] for block in blocks_of(bare, Heading)]
    assert heads == list(record_form(pack, lang).words.numerals)[: len(heads)]
    for text in texts(bare):
        assert record_form(pack, lang).words.sentences.no_warnings in text
        assert "{" not in text
        assert "None" not in text


def test_a_paper_without_number_leaves_room_for_one() -> None:
    assert record(number="").header.symbol == "Số ……-BB/……"
    assert record().header.symbol == "Số 01-BB/BKP"


def test_whoever_has_to_sign_has_a_place() -> None:
    names = [[place.name for place in row] for row in record().signatures]
    assert names == [["Hoàng Đức Chủ", "Lê Văn Trưởng"], ["Trần Thị Hai", "Đỗ Xuân Ba"]]
    assert all(place.hint for row in record().signatures for place in row)


def test_a_code_without_a_word_is_refused() -> None:
    with pytest.raises(FormError, match=r"no word for “nonsense”.*attached_elsewhere"):
        record(base_lines=(BaseLine("nonsense", 1),))


# --- Appraisal and recognition ----------------------------------------------------------------------------------------

ISSUE = Issue(
    superior="Đảng bộ tỉnh mẫu",
    issuer="Thành ủy mẫu",
    unit="Đảng bộ phường mẫu",
    assembly="Đại hội lần thứ XXIV",
    place="Thành phố mẫu",
    dated=date(2025, 3, 5),
    number="12-TB/TU",
    grounds=("35-CT/TW ngày 14-6-2024",),
    signer="Phạm Hữu Ký",
    recipients=("Ban Tổ chức",),
)
FINDINGS = (
    Finding("Báo cáo chính trị", "Chỉ tiêu chưa cụ thể", "CON-7"),
    Finding("Đề án nhân sự", "Số lượng không khớp: 15 và 16"),
)


def notice(lang: str = "vi", pack: str = "vn-party-2024", **changes: Any) -> Paper:
    facts = AppraisalFacts(
        ISSUE, "returned", date(2025, 4, 20), "pm", 3, date(2025, 2, 1), ("Nội dung một", "Nội dung hai"),
        (Draft("Báo cáo chính trị", "3", "lacking"), Draft("Chương trình")), FINDINGS, date(2025, 3, 20),
    )  # fmt: skip
    return appraisal_paper(load_appraisal_form(form_path("appraisal_notice", pack, lang)), replace(facts, **changes))


def decision(lang: str = "vi", pack: str = "vn-party-2024", **changes: Any) -> Paper:
    people = (Person("Nguyễn Thị Ánh", "Bí thư"), Person("Lê Hữu Bảo", "Ủy viên"))
    facts = RecognitionFacts(
        ISSUE, "recognised", (date(2025, 4, 20), date(2025, 4, 21)), date(2025, 4, 25), (Body("Ban Chấp hành", people),)
    )
    return recognition_paper(load_recognition_form(form_path("recognition", pack, lang)), replace(facts, **changes))


@pytest.mark.parametrize(("pack", "lang"), EVERY_FORM)
def test_a_notice_says_what_was_found_and_what_to_do(pack: str, lang: str) -> None:
    for text in texts(notice(lang, pack)):
        for said in ("Chỉ tiêu chưa cụ thể", "CON-7", "15 và 16", "Nội dung hai", "1½", "Phạm Hữu Ký", "Ban Tổ chức"):
            assert said in text
        assert ("ngày 20 tháng 3 năm 2025" if lang == "vi" else "20 March 2025") in text


def test_an_approval_without_findings_says_so() -> None:
    paper = notice("en", outcome="approved", findings=(), due=None, documents=(), half_days=0, opening=None)
    text = pdf_text(to_pdf(paper))
    assert "Nothing has to be changed." in text
    assert "are approved" in text
    assert "handed in by" not in text


@pytest.mark.parametrize(("half_days", "said"), [(1, "½ day"), (2, "1 day"), (3, "1½ days"), (4, "2 days")])
def test_lengths_are_told_in_days(half_days: int, said: str) -> None:
    length = dict(blocks_of(notice("en", half_days=half_days), Facts)[0].rows)["Length"]
    assert length == said


@pytest.mark.parametrize(("pack", "lang"), EVERY_FORM)
def test_a_decision_names_the_people_recognised(pack: str, lang: str) -> None:
    for text in texts(decision(lang, pack)):
        for said in ("Nguyễn Thị Ánh", "Bí thư", "Lê Hữu Bảo", "THÀNH ỦY MẪU", "35-CT/TW"):
            assert said in text


def test_a_person_not_confirmed_gets_an_own_article_and_leaves_the_list() -> None:
    people = (Person("Nguyễn Thị Ánh"), Person("Lê Hữu Bảo", refused="Đang xác minh"))
    paper = decision("en", bodies=(Body("Committee", people, 2),))
    confirmed, refused = blocks_of(paper, Table)
    assert [row[1] for row in confirmed.rows] == ["Nguyễn Thị Ánh"]
    assert refused.rows == (("1", "Lê Hữu Bảo", "Committee", "Đang xác minh"),)
    leads = [block.lead for block in blocks_of(paper, Paragraph) if block.lead]
    assert leads == [f"Article {number}." for number in range(1, len(leads) + 1)]


def test_a_returned_result_carries_its_reasons_and_the_day() -> None:
    paper = decision("vi", outcome="returned", bodies=(), findings=FINDINGS, due=date(2025, 5, 2), filed=None)
    for text in texts(paper):
        for said in ("Chưa chuẩn y và trả lại", "Chỉ tiêu chưa cụ thể", "ngày 02 tháng 5 năm 2025", "Điều 4."):
            assert said in text


# --- Forms ------------------------------------------------------------------------------------------------------------

LOADERS = {
    "counting_record": load_record_form,
    "appraisal_notice": load_appraisal_form,
    "recognition": load_recognition_form,
}


@pytest.mark.parametrize("kind", LOADERS)
@pytest.mark.parametrize(("pack", "lang"), EVERY_FORM)
def test_shipped_forms_load_and_admit_that_their_words_are_ours(kind: str, pack: str, lang: str) -> None:
    form: Form[Any] = LOADERS[kind](form_path(kind, pack, lang))
    assert (form.language, form.confidence) == (lang, "default")
    assert form.note


@pytest.mark.parametrize("pack", PACKS)
def test_both_languages_of_a_pack_know_the_same_codes(pack: str) -> None:
    one, other = (record_form(pack, lang).words for lang in LANGUAGES)
    for table in ("base", "rounds", "styles", "offices", "steps"):
        assert set(getattr(one, table)) == set(getattr(other, table))
    assert one.numerals[9]


@pytest.mark.parametrize(("pack", "lang"), EVERY_FORM)
def test_a_form_has_a_word_for_every_code_of_the_law(pack: str, lang: str) -> None:
    bases = tomllib.loads((ROOT / "packs" / pack / "pack.toml").read_text(encoding="utf-8"))["elections"]["bases"]
    readings = [reading for rule in bases.values() for reading in (rule if isinstance(rule, list) else [rule])]
    words = record_form(pack, lang).words
    assert {line["code"] for reading in readings for line in reading["value"]} <= set(words.base)
    assert set(words.rounds) == {rules.FIRST, rules.SECOND, rules.TIE}
    assert set(words.styles) == {rules.STRIKE, rules.BOXES, rules.SINGLE}


@pytest.mark.parametrize(
    ("found", "put", "told"),
    [
        ('title = "BIÊN', 'titel = "BIÊN', "titel"),
        ('seats = "Số lượng cần bầu"\n', "", "seats"),
        ("capitals = true", 'capitals = "yes"', "capitals"),
        ('draft = "DỰ THẢO"', "draft = 7", "draft"),
        ('confidence = "default"', 'confidence = "sure"', "confidence"),
        ("[words.steps]", "[words.steps", "counting_record"),
    ],
)
def test_a_form_that_is_not_right_is_refused_by_name(tmp_path: Path, found: str, put: str, told: str) -> None:
    text = form_path("counting_record").read_text(encoding="utf-8")
    assert found in text
    broken = tmp_path / "counting_record.vi.toml"
    broken.write_text(text.replace(found, put), encoding="utf-8")
    with pytest.raises(FormError, match=told):
        load_record_form(broken)


def test_a_form_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormError, match="nowhere"):
        load_record_form(tmp_path / "nowhere.toml")


def test_values_are_never_read_as_templates() -> None:
    assert fill("{a}-{b}", a="{b}", b="{__class__}") == "{b}-{__class__}"
    with pytest.raises(FormError, match="slot 'c'"):
        fill("{c}", a="1")


def test_numbers_and_dates_follow_the_language() -> None:
    vi, en = record_form(), record_form(lang="en")
    assert (vi.count(10810), en.count(10810)) == ("10.810", "10,810")
    assert (vi.day(date(2025, 2, 3)), vi.day(date(2025, 3, 3))) == (
        "ngày 03 tháng 02 năm 2025",
        "ngày 03 tháng 3 năm 2025",
    )
    assert en.day(date(2025, 2, 3)) == "3 February 2025"
    assert (vi.share(1, 8), en.share(2, 3), vi.share(1, 0)) == ("12,50%", "66.67%", "–")


# --- The renderers ----------------------------------------------------------------------------------------------------

FULL = Paper(
    language="vi",
    dated=date(2025, 2, 12),
    header=Letterhead(("CẤP TRÊN", "ĐƠN VỊ"), ("TIÊU NGỮ",), "*", "Số 01-BC/CB", "Nơi mẫu, ngày 12 tháng 02 năm 2025"),
    title="BÁO CÁO MẪU",
    subtitle="về việc mẫu",
    blocks=(
        Paragraph("Căn cứ mẫu;", style="basis"),
        Paragraph("QUYẾT ĐỊNH", style="centred"),
        Heading("I. MỤC"),
        Facts((("Nhãn", "Giá trị\nhai dòng"),)),
        Lines((("Cộng", "5"), ("Trừ", "− 2")), ("Tổng", "3")),
        Items(("một", "hai")),
        Table((Column("Tên", 3), Column("Số", 1, "right")), (("A", "1"), ("B", "2")), ("Tổng", "3"), "Bảng mẫu"),
        Note("Ghi chú"),
        Paragraph("Lời cuối.", lead="Điều 1."),
    ),
    signatures=((Signature("NGƯỜI KÝ\nCHỨC VỤ", "Tên Người Ký", "(ký)"),),),
    recipients=Recipients("Nơi nhận:", ("Đơn vị", "Lưu.")),
    footer=Footer("Chân trang", "Trang {page}/{pages}"),
)


def test_every_kind_of_block_is_said_in_both_files_in_order() -> None:
    said = (
        "CẤP TRÊN", "ĐƠN VỊ", "Số 01-BC/CB", "BÁO CÁO MẪU", "về việc mẫu", "Căn cứ mẫu;", "QUYẾT ĐỊNH", "I. MỤC",
        "Nhãn", "hai dòng", "Cộng", "Trừ", "Tổng", "một", "hai", "Tên", "Số", "A", "B", "Tổng", "Ghi chú",
        "Điều 1. Lời cuối.", "Nơi nhận:", "NGƯỜI KÝ", "Tên Người Ký",
    )  # fmt: skip
    for text in texts(FULL):
        rest = text
        for words in said:
            _, found, rest = rest.partition(words)
            assert found, words


def test_a_row_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="needs 2 cells"):
        Table((Column("a"), Column("b")), (("1",),))


def test_the_least_paper_is_a_paper() -> None:
    least = Paper("en", date(2025, 1, 1), "Title", ())
    assert "Title" in pdf_text(to_pdf(least))
    assert "Title" in docx_text(to_docx(least))
    assert "Lưu." in pdf_text(to_pdf(replace(FULL, signatures=())))


def test_pdf_is_tagged_archival_and_has_title_and_language() -> None:
    reader = pdf_of(to_pdf(FULL))
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "vi-VN"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == ("BÁO CÁO MẪU – về việc mẫu", "Conventus")
    xmp = root["/Metadata"].get_object().get_data().decode()
    for said in ("<pdfaid:part>2<", "<pdfaid:conformance>A<", "<pdfuaid:part>1<"):
        assert said in xmp


def test_docx_has_real_styles_properties_language_and_page_fields() -> None:
    document = Document(io.BytesIO(to_docx(sealed(FULL))))
    styles = {paragraph.text: paragraph.style.name for paragraph in document.paragraphs}
    assert (styles["BÁO CÁO MẪU"], styles["về việc mẫu"], styles["I. MỤC"]) == ("Title", "Subtitle", "Heading 1")
    assert document.styles["Normal"].font.name == "Times New Roman"
    assert (document.sections[0].page_width.mm, document.sections[0].page_height.mm) == pytest.approx(
        (210, 297), abs=0.1
    )
    about = document.core_properties
    assert (about.title, about.author, about.language) == ("BÁO CÁO MẪU – về việc mẫu", "Conventus", "vi-VN")
    assert about.created.date() == FULL.dated
    assert {lang.get(qn("w:val")) for lang in document.styles.element.iter(qn("w:lang"))} == {"vi-VN"}
    foot = document.sections[0].footer.paragraphs[0]._p
    assert [field.get(qn("w:instr")) for field in foot.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]
    leader = next(paragraph for paragraph in document.paragraphs if paragraph.text == "Cộng\t5")
    assert leader.paragraph_format.tab_stops[0].position == pytest.approx(Cm(16), abs=635)


def test_a_draft_is_marked_on_every_page_and_a_valid_paper_is_not() -> None:
    draft, valid = record(draft=True, results=results(55, 49)), record()
    assert all("DỰ THẢO" in page.extract_text() for page in pdf_of(to_pdf(draft)).pages)
    assert "DỰ THẢO" not in pdf_text(to_pdf(valid))
    assert _header(to_docx(draft)).count('string="DỰ THẢO"') == 1
    assert _header(to_docx(valid)) == ""


def _header(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist() if "word/header" in name)


def test_pages_can_be_looked_at() -> None:
    pages = to_pngs(record(results=results(55, 49)), ppi=20)
    assert len(pages) >= 4
    assert all(page.startswith(b"\x89PNG") for page in pages)


# --- Equal papers, equal bytes ----------------------------------------------------------------------------------------


def test_equal_papers_give_equal_bytes_whatever_the_process() -> None:
    script = (
        "import hashlib, sys; sys.path[:0] = sys.argv[1:]\n"
        "from tests.rules.test_papers import record, sealed, to_docx, to_pdf\n"
        "print(*(hashlib.sha256(f(sealed(record()))).hexdigest() for f in (to_docx, to_pdf)))"
    )
    seeds = [{**os.environ, "PYTHONHASHSEED": seed, "TZ": zone} for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))]
    runs = [
        subprocess.run([sys.executable, "-c", script, str(ROOT)], env=env, capture_output=True, text=True, check=True)
        for env in seeds
    ]
    assert runs[0].stdout == runs[1].stdout != ""


def test_files_carry_no_time_but_the_papers_day() -> None:
    with zipfile.ZipFile(io.BytesIO(to_docx(FULL))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2025, 2, 12, 0, 0, 0)}
        assert not [name for name in archive.namelist() if "thumbnail" in name]
    assert b"D:20250212000000" in to_pdf(FULL)


def test_the_fingerprint_is_in_both_files_and_is_of_the_words_alone() -> None:
    paper = sealed(FULL)
    code = paper.fingerprint
    assert re.fullmatch(r"([0-9A-F]{4}-){3}[0-9A-F]{4}", code)
    assert code.replace("-", "").lower() == digest(FULL)[:16] == digest(paper)[:16]
    assert sealed(paper) == paper
    assert code in pdf_text(to_pdf(paper))
    document = Document(io.BytesIO(to_docx(paper)))
    assert code in document.sections[0].footer.paragraphs[0].text


FORM = record_form()


@settings(max_examples=30)
@given(name=st.integers(1, 12), more=st.integers(1, 100))
def test_any_other_count_has_another_fingerprint(name: int, more: int) -> None:
    facts = record_facts()
    changed = [replace(one, votes=one.votes + more * (one.number == name)) for one in facts.results]
    other = replace(facts, results=tuple(changed))
    assert digest(counting_record(FORM, facts)) != digest(counting_record(FORM, other))


# --- What people type -------------------------------------------------------------------------------------------------


def wrapped(text: str) -> Paper:
    """The text in every place that takes one."""
    return replace(
        FULL,
        header=Letterhead((text, text), (text,), text, text, text),
        title=text,
        subtitle=text,
        blocks=(
            Paragraph(text, lead=text),
            Heading(text),
            Facts(((text, text),)),
            Lines(((text, text),), (text, text)),
            Items((text,)),
            Table((Column(text), Column(text)), ((text, text),), (text, text), text),
            Note(text),
        ),
        signatures=((Signature(text, text, text),),),
        recipients=Recipients(text, (text,)),
        footer=Footer(text),
        watermark=text,
        fingerprint=text,
    )


@pytest.mark.parametrize(
    "typed",
    [
        '#panic("x")', "*a* _b_", "$x$", "<b>&amp;</b>", "] #[ }", '"\\" //', "= A", "- a + b / c: d", "@ref <lab>",
        "`raw`", "\\u{41}", "{page} {unit} %(x)s", "#import \"/etc/passwd\"", "~ -- ---", "1. a",
    ],
)  # fmt: skip
def test_markup_is_text(typed: str) -> None:
    for text in texts(wrapped(typed)):
        assert text.count(typed) >= 10


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("a\x00b\x07c\x1bd", "abcd"),
        ("a\x0bb\x0cc\u2028d\r\ne", "a b c d e"),
        ("a\tb", "a b"),
        ("a\u202eb\u2066c\u200fd", "abcd"),
        ("a\ud800b", "a\ufffdb"),
        ("a\uffffb\ufdd0c", "a\ufffdb\ufffdc"),
        ("a\ue000b", "a\ufffdb"),
        (unicodedata.normalize("NFD", "Nguyễn Thị Thưởng"), "Nguyễn Thị Thưởng"),
    ],
)
def test_what_no_file_can_hold_is_taken_out_or_marked(typed: str, said: str) -> None:
    for text in texts(wrapped(typed)):
        assert text.count(said) >= 10


def test_a_letter_without_a_shape_shows_as_its_number() -> None:
    paper = replace(FULL, subtitle="họ tên 中 và 😀")
    assert "họ tên [U+4E2D] và [U+1F600]" in pdf_text(to_pdf(paper))
    assert "họ tên 中 và 😀" in docx_text(to_docx(paper))


def test_letters_of_our_languages_come_from_the_one_face_in_every_cut() -> None:
    paper = replace(
        FULL, subtitle=LETTERS, blocks=(Paragraph(LETTERS, style="basis"), Paragraph(LETTERS, lead=LETTERS))
    )
    data = to_pdf(paper)
    assert pdf_text(data).count(LETTERS) == 4
    fonts = {str(font["/BaseFont"]) for page in pdf_of(data).pages for font in _fonts(page)}
    assert fonts
    assert all("LiberationSerif" in font for font in fonts)


def _fonts(page: Any) -> list[Any]:
    return [font.get_object() for font in page["/Resources"]["/Font"].get_object().values()]


@settings(max_examples=12)
@given(st.text(max_size=40))
def test_any_text_makes_both_files(typed: str) -> None:
    paper = replace(FULL, title=typed, blocks=(Paragraph(typed), Table((Column(typed),), ((typed,),))))
    assert to_pdf(paper).startswith(b"%PDF")
    Document(io.BytesIO(to_docx(paper)))


@given(st.text())
def test_cleaning_is_done_once(typed: str) -> None:
    assert clean(clean(typed)) == clean(typed)


# --- Light to import --------------------------------------------------------------------------------------------------


def test_papers_are_pure_and_load_no_heavy_library() -> None:
    script = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "import conventus.core.papers, conventus.elections.record, conventus.cycle.papers\n"
        "print(*sorted({'django', 'docx', 'typst', 'lxml', 'babel'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", script, str(ROOT)], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
