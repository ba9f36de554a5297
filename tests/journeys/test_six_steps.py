"""The way of one pilot, from a directive to a recognised result, walked in the browser by the right people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import docx
import icalendar
import pypdf
import pytest
from django.urls import reverse
from django.utils.timezone import localtime
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from conventus.core.models import User
from conventus.cycle.models import Congress
from conventus.elections.models import Ballot
from conventus.portal.sample.clock import living
from conventus.portal.sample.walk import Staff, Turnout, hold, prepare
from tests.journeys.stage import Site, fill, follow, press, refused, told

PILOT, CELLS = "W14785", ("W14785.01", "W14785.02")


@pytest.mark.postgresql
def test_from_a_directive_to_a_recognised_result(empty_site: Site, tmp_path: Path) -> None:
    site = empty_site
    directive_and_plans(site)
    cycle_and_dates(site)
    preparation(site)
    election(site)
    record(site, tmp_path)
    result(site, tmp_path)
    progress(site, tmp_path)


# 1. Directive and plans ---------------------------------------------------------------------------


def directive_and_plans(site: Site) -> None:
    site.today("2024-06-14")
    head = site.person("whole.organiser")
    register(head, "Ban Chấp hành Trung ương", "CT", "35", "TW", "2024-06-14", "Chỉ thị về đại hội đảng bộ các cấp")
    force(head, units=0, duties=0)
    site.today("2024-09-16")
    province = site.person("province.organiser")
    title = "Kế hoạch tổ chức đại hội trong tỉnh"
    register(province, "Đảng bộ tỉnh Thanh Hóa", "KH", "901", "TU", "2024-09-16", title, implements=["35-CT/TW"])
    add_task(province, "hold the congress as a pilot", "2025-01-02", "2025-02-28", "the units named")
    force(province, units=5, duties=5)
    site.today("2024-10-21")
    city = site.person("city.organiser")
    above = ["35-CT/TW", "901-KH/TU"]
    register(city, "Đảng bộ thành phố Thanh Hóa", "KH", "268", "TU", "2024-10-21", "Kế hoạch đại hội", implements=above)
    add_task(city, "hold the congress as a pilot", "2025-02-10", "2025-02-27", "the units named")
    add_task(city, "hold the congress", "2025-03-01", "2025-04-29", "all but the units named")
    add_task(city, "hold the congress", "2024-12-02", "2025-03-31", "all units of the level", level="cell")
    force(city, units=24, duties=24, per_task=[5, 3, 16])
    duties(site)


def register(
    page: Page, unit: str, kind: str, number: str, code: str, day: str, title: str, implements: Iterable[str] = ()
) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Documents").click()
    follow(page, "Register a document")
    if page.get_by_role("heading", name="Which unit issues it?").is_visible():
        follow(page, unit)
    page.get_by_label("Type", exact=True).select_option(kind)
    page.get_by_label("Number", exact=True).fill(number)
    page.get_by_label("Issuer's symbol").fill(code)
    page.get_by_label("Issued on").fill(day)
    page.get_by_label("Title").fill(title)
    group = page.get_by_role("group", name="Implements")
    for symbol in implements:
        group.get_by_role("checkbox", name=symbol).check()
    press(page, "Save")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{number}-{kind}/{code}")


def add_task(page: Page, task: str, start: str, due: str, mode: str, level: str = "base") -> None:
    follow(page, "Add a task")
    page.get_by_label("Task", exact=True).select_option(label=task)
    page.get_by_label("From").fill(start)
    page.get_by_label("Due on").fill(due)
    page.get_by_role("combobox", name="Level").select_option(level)
    page.get_by_role("radio", name=mode, exact=True).check()
    if "named" in mode:
        unfold(page, "Name units")
        units = page.get_by_role("group", name="Units")
        for name in ("Đông Sơn", "Thiệu Dương", "Đông Thịnh", "Đông Quang"):
            units.get_by_role("checkbox", name=f"{name} W").first.check()
        units.get_by_role("checkbox", name="Trường THPT Đông Sơn 1").check()
    press(page, "Save")
    expect(page.get_by_role("heading", name="Tasks")).to_be_visible()


def force(page: Page, *, units: int, duties: int, per_task: list[int] | None = None) -> None:
    """Look at whom it will bind before it does; then it binds as many."""
    follow(page, "Put in force …")
    for words, count in (("units get duties", units), ("duties in all", duties), ("older duties lapse", 0)):
        stat = page.get_by_role("main").locator(".stat").filter(has_text=words)
        expect(stat.locator(".stat-value")).to_have_text(str(count))
    if per_task:
        cells = page.get_by_role("table", name="Units per task").get_by_role("row").get_by_role("cell")
        assert [int(cell.inner_text()) for cell in cells.all()[3::4]] == per_task
    press(page, "Put in force")
    binds = f" is in force: {duties} duties for {units} units." if duties else " is in force."
    expect(page.get_by_role("status").filter(has_text=binds)).to_be_visible()


def duties(site: Site) -> None:
    page = site.person("dongson.organiser")
    page.goto("/documents/obligations")
    duty = page.get_by_role("row").filter(has_text="hold the congress as a pilot").filter(has_text="268-KH/TU")
    expect(duty).to_contain_text("27 Feb 2025")


# 2. Cycle and dates -------------------------------------------------------------------------------


def cycle_and_dates(site: Site) -> None:
    site.today("2024-11-04")
    head = site.person("whole.organiser")
    head.goto("/congresses/")
    follow(head, "Open a cycle")
    fill(head, Name="2025–2030", First_year="2025", Last_year="2030")
    press(head, "Open the cycle")
    expect(head.get_by_role("heading", level=1)).to_have_text("Generate the congresses")
    row = head.get_by_role("table", name="Congresses by level").get_by_role("row", name="grassroots organisation")
    expect(row.get_by_role("cell").first).to_have_text("8")
    press(head, "Generate")
    told(head, "27")
    site.today("2024-11-18")
    date_cells(site)
    hold_cells()
    date_pilot(site)


def date_cells(site: Site) -> None:
    page = site.person("dongson.organiser")
    page.goto("/congresses/")
    follow(page, "See the progress")
    follow(page, "Set dates")
    first, second = (page.get_by_role("row").filter(has_text=f"Tổ dân phố {number}") for number in (1, 2))
    first.get_by_label("Starts on").fill("2025-01-29")
    second.get_by_label("Starts on").fill("2025-02-10")
    for row in (first, second):
        row.get_by_label("Venue").fill("Nhà văn hóa")
    press(page, "Save the dates")
    # 29 January 2025 is the first day of Tết.
    expect(first.get_by_role("listitem")).to_contain_text("public holiday")
    first.get_by_label("Starts on").fill("2025-02-06")
    press(page, "Save the dates")
    expect(page.get_by_role("status").first).to_be_visible()


def pilot_congress(code: str = PILOT) -> Congress:
    return Congress.objects.select_related("unit__organisation", "unit__parent__organisation", "cycle").get(
        unit__code=code
    )


def hold_cells() -> None:
    """What the cells do is the same way in small; it is walked by actions."""
    officer, admin = (User.objects.get(username=name) for name in ("dongson.organiser", "city.admin"))
    staff = Staff(officer, officer, admin)
    for code in CELLS:
        with living(date(2024, 12, 2)):
            prepare(pilot_congress(code), staff)
        members = pilot_congress(code).unit.memberships.filter(kind="official").count()
        hold(pilot_congress(code), staff, Turnout(members, members - 1), seats=3, names=4)


def date_pilot(site: Site) -> None:
    page = site.person("city.organiser")
    find_pilot(page)
    fill(page, Starts_on="2025-02-10", Venue="Nhà văn hóa phường")
    page.get_by_label("Length").select_option("2")
    press(page, "Set the date")
    refused(page, "Choose a day after 10 Feb 2025.")
    refused(page, "35-CT/TW")
    page.get_by_label("Starts on").fill("2025-03-05")
    press(page, "Set the date")
    too_late = "The congress would end on 5 Mar 2025; the window closes on 27 Feb 2025. Go earlier."
    told(page, f"{too_late} [268-KH/TU (2024-10-21)]")
    page.get_by_label("Starts on").fill("2025-02-25")
    press(page, "Set the date")
    told(page, "25 Feb 2025")


def to_pilot(page: Page) -> None:
    """To the page of the pilot's congress, as from a bookmark."""
    page.goto(reverse("cycle:congress", args=[pilot_congress().pk]))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Đông Sơn")


def find_pilot(page: Page) -> None:
    """To the page of the pilot's congress by way of the progress of the city, or of the ward itself."""
    page.goto("/congresses/")
    follow(page, "See the progress")
    rows = page.get_by_role("region", name="Congresses").get_by_role("link", name="Đảng bộ phường Đông Sơn")
    if rows.count():
        rows.click()
    else:
        follow(page, "The unit's own congress")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Đông Sơn")


# 3. Preparation -----------------------------------------------------------------------------------


def preparation(site: Site) -> None:
    site.today("2024-12-02")
    ward, city = site.person("dongson.organiser"), site.person("city.appraiser")
    find_pilot(ward)
    for step in ("documents ready", "personnel plan approved", "programme ready", "opening announced"):
        row = ward.get_by_role("row").filter(has_text=step)
        row.get_by_label("Remark on").fill("có biên bản")
        row.get_by_role("button", name="Report").click()
        expect(row.get_by_text("done")).to_be_visible()
    press(ward, "Submit the preparation", sure=True)
    told(ward, "The preparation is with")
    find_pilot(city)
    unfold(city, "Return with findings")
    city.get_by_label("Findings").fill(
        "Báo cáo chưa nêu chỉ tiêu phát triển đảng viên.\n\nThiếu lý lịch của hai nhân sự."
    )
    press(city, "Return with findings")
    to_pilot(ward)
    told(ward, "Thiếu lý lịch của hai nhân sự.")
    press(ward, "Submit again", sure=True)
    to_pilot(city)
    unfold(city, "Approve the preparation")
    city.get_by_label("Symbol of the decision").first.fill("512-CV/TU")
    press(city, "Approve the preparation")
    told(city, "Approved. It opens on")


def unfold(page: Page, words: str) -> None:
    """Open what folds under these words, unless it is open."""
    fold = page.get_by_role("main").locator("details").filter(has=page.locator("summary", has_text=words)).first
    if fold.get_attribute("open") is None:
        fold.locator("summary").first.click()


# 4. Election --------------------------------------------------------------------------------------


def election(site: Site) -> None:
    site.today("2025-02-25")
    ward, head = site.person("dongson.organiser"), site.person("dongson.head")
    to_pilot(ward)
    fill(ward, Summoned="20", Present="19")
    press(ward, "Open the congress")
    follow(ward, "Elections")
    appoint_board(ward)
    contest_and_list(ward)
    electorate(ward)
    hand_out(head)
    enter(site.person("dongson.counter1"), (16, 15, 14, 13, 12, 5))
    enter(site.person("dongson.counter2"), (15, 15, 14, 13, 12, 5))
    settle(head)


def appoint_board(page: Page) -> None:
    follow(page, "Appoint the board")
    for number, name in enumerate(("Bùi Quang Vinh", "Hoàng Thị Yến", "Đặng Hữu Phúc"), 1):
        page.get_by_role("combobox", name=f"Member {number}").fill(f"{name} · W14785.02-B{number:02d}")
    page.get_by_role("radio", name="line 1").check()
    press(page, "Appoint the board")
    expect(page.get_by_role("table", name="Counting board").get_by_text("yes")).to_have_count(3)


def contest_and_list(page: Page) -> None:
    follow(page, "New election")
    page.get_by_label("Elected is").select_option("committee")
    fill(page, Title="Ban Chấp hành Đảng bộ phường Đông Sơn", Seats="5")
    press(page, "Save")
    add_names(page, 5)
    follow(page, "Close the list")
    press(page, "Close the list")
    refused(page, "more")
    page.goto(page.url.removesuffix("/close"))
    follow(page, "Add names")
    add_names(page, 1)
    follow(page, "Close the list")
    press(page, "Close the list")


def add_names(page: Page, count: int) -> None:
    """Tick members who are not on the counting board."""
    members = page.get_by_role("group", name="Members").get_by_role("checkbox", name=re.compile(r"W14785\.0\d-0"))
    for number in range(count):
        members.nth(number).check()
    press(page, "Add to the list")
    follow(page, "Back to the list")


def electorate(page: Page) -> None:
    follow(page, "Prepare the first ballot")
    press(page, "Prepare the ballot")
    expect(page.get_by_role("heading", level=1)).to_have_text("Electorate")
    for box in page.get_by_role("main").get_by_role("textbox").all():
        box.fill("0")
    fill(page, Official_members_summoned="20", Voters_present="19")
    press(page, "Save the electorate")
    told(page, "Votes that elect")


def to_ballot(page: Page) -> None:
    to_pilot(page)
    follow(page, "Elections")
    follow(page, "Ballot 1")


def hand_out(page: Page) -> None:
    to_ballot(page)
    follow(page, "Record the ballots issued")
    # One of those present takes no ballot: a warning that the head has to accept with a reason.
    page.get_by_label("Ballots issued").fill("18")
    press(page, "Save")


def enter(page: Page, votes: tuple[int, ...]) -> None:
    to_ballot(page)
    follow(page, "Enter the count")
    boxes = page.get_by_role("main").get_by_role("textbox")
    for box, figure in zip(boxes.all(), (18, 17, 1, *votes), strict=True):
        box.fill(str(figure))
    press(page, "Check the figures")
    press(page, "Save as my entry")


def settle(page: Page) -> None:
    to_ballot(page)
    follow(page, "Compare and settle")
    page.get_by_role("radio", name="1 16").check()
    page.get_by_label("How the differences were settled").fill("Đếm lại tập phiếu số 3: lần nhập thứ nhất đúng.")
    press(page, "Settle the count")
    while (reason := page.get_by_label("Why this is right as it is")).count():
        before = reason.count()
        reason.first.fill("Một đại biểu không nhận phiếu; đã ghi biên bản.")
        press(page, "Accept")
        expect(reason).to_have_count(before - 1)
    press(page, "Declare the result", sure="Declare")


# 5. Record ----------------------------------------------------------------------------------------


def record(site: Site, folder: Path) -> None:
    page = site.person("dongson.head")
    to_pilot(page)
    elections = page.get_by_role("table", name="Elections of this congress")
    expect(elections.get_by_role("row").filter(has_text="Ban Chấp hành Đảng bộ phường Đông Sơn")).to_contain_text("5")
    to_ballot(page)
    follow(page, "Result")
    expect(page.get_by_role("table", name="Votes of every name")).to_contain_text("16")
    for kind, words_of in (("DOCX", words_of_docx), ("PDF", words_of_pdf)):
        path = folder / f"record.{kind.lower()}"
        with page.expect_download() as download:
            follow(page, kind)
        download.value.save_as(path)
        assert_has_every_figure(words_of(path), kind)


def words_of_docx(path: Path) -> str:
    paper = docx.Document(str(path))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return plain([paragraph.text for paragraph in paper.paragraphs] + cells)


def words_of_pdf(path: Path) -> str:
    return plain(page.extract_text() for page in pypdf.PdfReader(path).pages)


def plain(parts: Iterable[str]) -> str:
    return " ".join(unicodedata.normalize("NFC", " ".join(parts)).split())


FIGURES = {
    "Ballot papers issued": 18, "Ballot papers collected": 18, "Valid ballot papers": 17, "Invalid ballot papers": 1,
    "Seats": 5,
}  # fmt: skip
"""What was counted, by how the record calls it; one of the ballots was invalid."""


def assert_has_every_figure(words: str, kind: str) -> None:
    """What the rulebook's ELE-33 asks of a counting record, as far as this count has it."""
    ballot = Ballot.objects.get(contest__congress__unit__code=PILOT)
    counts = ballot.vote_counts.select_related("candidate")
    names = [(count.candidate.name, count.votes) for count in counts]
    said = [str(figure) for figure in (ballot.base, ballot.needed)]
    said += [name for name, _votes in names] + [str(votes) for _name, votes in names]
    said += ["Bùi Quang Vinh", "Hoàng Thị Yến", "Đặng Hữu Phúc", "Đếm lại tập phiếu số 3"]
    said += ["Một đại biểu không nhận phiếu", "Ban Chấp hành Đảng bộ phường Đông Sơn", *times(ballot)]
    assert [figure for figure in said if figure not in words] == [], f"missing in the {kind}"
    for label, figure in FIGURES.items():
        assert re.search(rf"{label}\W*{figure}\b", words), f"{label} in the {kind}"
    assert len(names) == 6


def times(ballot: Ballot) -> list[str]:
    """When the count began and ended, and when each entry was made, as the record writes it."""
    sitting = [f"{localtime(moment):%H:%M}, " for moment in (ballot.issued_at, ballot.declared_at) if moment]
    keyed = [localtime(entry.at).strftime("%H:%M, %d/%m/%Y") for entry in ballot.entries.all()]
    assert (len(sitting), len(keyed)) == (2, 3)
    return sitting + keyed


# 6. After -----------------------------------------------------------------------------------------


def result(site: Site, folder: Path) -> None:
    ward, city = site.person("dongson.organiser"), site.person("city.appraiser")
    to_pilot(ward)
    press(ward, "Close the congress", sure=True)
    site.today("2025-02-26")
    paper = folder / "nghi-quyet.pdf"
    paper.write_bytes((folder / "record.pdf").read_bytes())
    to_pilot(ward)
    unfold(ward, "Add a paper")
    ward.get_by_label("Title").fill("Nghị quyết đại hội")
    ward.get_by_label("File", exact=True).set_input_files(paper)
    press(ward, "File the paper")
    expect(ward.get_by_role("link", name="Nghị quyết đại hội")).to_be_visible()
    press(ward, "File the result")
    to_pilot(city)
    unfold(city, "Send the result back")
    city.get_by_label("Findings").fill("Thiếu biên bản đại hội.")
    press(city, "Send the result back")
    to_pilot(ward)
    told(ward, "Thiếu biên bản đại hội.")
    press(ward, "File the result again")
    site.today("2025-02-28")
    to_pilot(city)
    unfold(city, "Recognise the result")
    city.get_by_label("Symbol of the decision").first.fill("77-QĐ/TU")
    press(city, "Recognise the result")
    told(city, "The result is recognised.")


def progress(site: Site, folder: Path) -> None:
    page = site.person("city.organiser")
    page.goto("/congresses/")
    follow(page, "See the progress")
    row = page.get_by_role("region", name="Congresses").get_by_role("row").filter(has_text="Đông Sơn").first
    expect(row).to_contain_text("recognised")
    path = folder / "progress.xlsx"
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX").first.click()
    download.value.save_as(path)
    rows = [" ".join(str(cell) for cell in row) for row in load_workbook(path).active.iter_rows(values_only=True)]
    assert len(rows) == 1 + 8
    assert any("Đảng bộ phường Đông Sơn" in row and "recognised" in row for row in rows)
    subscribe(page, site)


def subscribe(page: Page, site: Site) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Calendar").click()
    follow(page, "Subscribe")
    page.get_by_label("Unit", exact=True).select_option(label="Đảng bộ thành phố Thanh Hóa")
    press(page, "Make the address")
    address = page.get_by_label("Address of the subscription").input_value()
    # A calendar program has no session.
    answer = site.person().request.get(address)
    events = [str(event["summary"]) for event in icalendar.Calendar.from_ical(answer.body()).walk("VEVENT")]
    assert any("Đông Sơn" in summary for summary in events)
