"""Ballot papers: designed, printed, withdrawn, accounted for; trials with a deck whose answer is known."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from typing import Any

import pypdf
import pytest
from django.urls import reverse
from docx import Document

from conventus.core.clock import today
from conventus.core.models import Entry
from conventus.elections import actions, press, reads
from conventus.elections.models import Ballot, Contest, PaperForm, PrintRun, ScanBatch, Sheet, Trial
from conventus.elections.reads import printing

from .conftest import World, refused

OUTSIDERS = ("stranger", "neighbour", "neighbour_head", "cell", "cell_head", "member")
NO_ORGANISER = ("one", "viewer", "auditor", "admin")


def designed(world: World, subject: Contest | Ballot, **more: Any) -> PaperForm:
    subject.refresh_from_db()
    return actions.design_form(world.people["organiser"], subject, **more)


def prepared(world: World) -> Ballot:
    world.board()
    ballot = world.prepared(world.listed())
    return actions.set_electorate(world.people["organiser"], ballot, figures=world.figures, present=90)


def run_of(world: World, form: PaperForm, copies: int = 95, **more: Any) -> PrintRun:
    form.refresh_from_db()
    return actions.record_print_run(world.people["organiser"], form, copies=copies, **more)


def trial_form(world: World) -> PaperForm:
    return designed(world, world.contest(seats=3, names=4))


def scanned(form: PaperForm, change: dict[int, tuple[str, dict[str, str]] | None] | None = None) -> ScanBatch:
    """A stack of a deck as the reader would take it in; `change` alters sheets by their place, None leaves one out."""
    number = form.batches.count() + 1
    batch = ScanBatch.objects.create(
        form=form, number=number, purpose=ScanBatch.Purpose.TRIAL, state=ScanBatch.State.READ
    )
    for index, one in enumerate(press.known_sheets(form)):
        altered = (change or {}).get(index, (one.state, {}))
        if altered is None:
            continue
        state, marks = altered
        doubts = [{"candidate": None, "reason": "x", "crop": None}] if state != "read" else []
        Sheet.objects.create(batch=batch, key=f"{index}", state=state, marks={**one.marks, **marks}, doubts=doubts)
    return batch


def lines(action: str) -> list[dict[str, Any]]:
    return [entry.after for entry in Entry.objects.filter(action=f"elections.{action}")]


# Designs ------------------------------------------------------------------------------------------


def test_a_paper_takes_the_closed_list_in_its_order(world: World) -> None:
    ballot = prepared(world)
    form = designed(world, ballot, paper="A5")
    assert [one["name"] for one in form.spec["candidates"]] == [one.name for one in ballot.names()]
    assert [one["id"] for one in form.spec["candidates"]] == [str(one.pk) for one in ballot.names()]
    assert (form.spec["style"], form.spec["seats"], form.spec["paper"]) == ("strike", 3, "A5")
    assert form.spec["title"] == "Phiếu bầu cử: Ban Chấp hành"
    assert form.spec["unit"] == "Phường Đông Mẫu · 2025–2030"
    assert (form.pages, len(form.fingerprint)) == (1, 10)
    assert form.geometry["fingerprint"] == form.fingerprint
    assert "copies" not in form.spec
    assert "batch" not in form.spec
    assert lines("design_form")[0]["fingerprint"] == form.fingerprint


def test_namesakes_are_told_apart_on_paper(world: World) -> None:
    contest = world.contest(seats=1, names=2)
    for born in (1970, 1981):
        actions.add_candidate(world.people["organiser"], contest, name="Lê Văn Nam", born=born)
    names = [one["name"] for one in designed(world, contest).spec["candidates"]]
    assert {"Lê Văn Nam (1970)", "Lê Văn Nam (1981)"} < set(names)


def test_a_further_ballot_says_so(world: World) -> None:
    contest = world.listed(seats=3, names=4)
    world.declared(world.issued(contest), (80, 40, 30, 20))
    contest.refresh_from_db()
    again = actions.prepare_ballot(world.people["organiser"], contest, decision="Bầu tiếp")
    form = designed(world, again)
    assert form.spec["unit"].endswith("bầu lần 2")
    assert form.spec["election"].endswith("/2")


def test_all_ballots_look_alike(world: World) -> None:
    ballot = prepared(world)
    form = designed(world, ballot)
    with refused("elections.form_there"):
        designed(world, ballot, paper="A5")
    large = designed(world, ballot, variant="large")
    assert large.fingerprint != form.fingerprint
    actions.withdraw_form(world.people["organiser"], form, reason="Sai khổ giấy")
    assert designed(world, ballot, paper="A5").fingerprint != form.fingerprint


def test_what_cannot_be_set_is_refused(world: World) -> None:
    organiser = world.people["organiser"]
    contest = world.contest(seats=1, names=0)
    with refused("elections.form_without_names"):
        actions.design_form(organiser, contest)
    actions.add_candidate(organiser, contest, name="人 Nguyễn")
    for wrong, code in (
        ({}, "form_unprintable"),
        ({"language": "fr"}, "form_unprintable"),
        ({"paper": "A3"}, "form_unprintable"),
        ({"variant": "huge"}, "form_variant"),
    ):
        with refused(f"elections.{code}"):
            actions.design_form(organiser, contest, **wrong)


def test_no_paper_is_designed_once_the_count_has_begun(world: World) -> None:
    ballot = world.issued()
    form = designed(world, ballot)
    world.enter("one", ballot, (80, 70, 60, 31))
    with refused("elections.print_over"):
        designed(world, ballot, variant="large")
    with refused("elections.print_over"):
        run_of(world, form)


def test_a_decided_contest_needs_no_trial(world: World) -> None:
    contest = world.listed()
    Contest.objects.filter(pk=contest.pk).update(state="decided")
    with refused("elections.contest_decided"):
        designed(world, contest)


def test_a_paper_for_a_trial_needs_no_congress_in_session(world: World) -> None:
    world.state("planned")
    form = trial_form(world)
    assert form.ballot is None
    assert form.spec["election"].endswith("/trial")
    assert form.spec["title"].startswith("Phiếu thử, không dùng để bầu")
    world.state("held")
    with refused("core.not_permitted"):
        actions.design_form(world.people["organiser"], form.contest, variant="large")


@pytest.mark.parametrize("who", [*NO_ORGANISER, *OUTSIDERS])
def test_only_who_prepares_the_election_prints(world: World, who: str) -> None:
    ballot = prepared(world)
    form = designed(world, ballot)
    run = run_of(world, form)
    person = world.people[who]
    ballot.refresh_from_db()
    tries: list[Any] = [
        lambda: actions.design_form(person, ballot, variant="large"),
        lambda: actions.withdraw_form(person, form, reason="x"),
        lambda: actions.record_print_run(person, form, copies=1),
        lambda: actions.print_deck(person, form),
        lambda: actions.withdraw_print_run(person, run, reason="x"),
        lambda: actions.set_printed(person, ballot, printed=1),
        lambda: actions.record_trial(person, form, batch=ScanBatch(form=form)),
    ]
    for one in tries:
        with refused("core.not_permitted"):
            one()


# Print runs ---------------------------------------------------------------------------------------


def test_printed_follows_the_runs_that_count(world: World) -> None:
    ballot = prepared(world)
    form = designed(world, ballot)
    first, second = run_of(world, form, 60, batch="1"), run_of(world, form, 40, batch="2")
    ballot.refresh_from_db()
    assert ballot.printed == 100
    assert lines("record_print_run")[-1]["printed"] == 100
    actions.withdraw_print_run(world.people["organiser"], first, reason="In mờ")
    ballot.refresh_from_db()
    assert ballot.printed == 40
    with refused("elections.run_withdrawn"):
        actions.withdraw_print_run(world.people["organiser"], first, reason="In mờ")
    actions.withdraw_print_run(world.people["organiser"], second, reason="In mờ")
    ballot.refresh_from_db()
    assert ballot.printed is None


def test_a_printed_paper_is_frozen(world: World) -> None:
    organiser, form = world.people["organiser"], designed(world, prepared(world))
    run = run_of(world, form)
    with refused("elections.paper_frozen"):
        actions.withdraw_form(organiser, form, reason="Đổi ý")
    with refused("elections.paper_reason"):
        actions.withdraw_print_run(organiser, run, reason=" ")
    actions.withdraw_print_run(organiser, run, reason="Hủy")
    form.refresh_from_db()
    with refused("elections.paper_reason"):
        actions.withdraw_form(organiser, form, reason="")
    actions.withdraw_form(organiser, form, reason="Đổi ý")
    with refused("elections.paper_withdrawn"):
        actions.withdraw_form(organiser, form, reason="Đổi ý")
    with refused("elections.paper_withdrawn"):
        run_of(world, form)


def test_a_page_sent_twice_records_one_run(world: World) -> None:
    form = designed(world, prepared(world))
    client, url = world.client("organiser"), reverse("elections:print_run", args=[form.pk])
    sent = {"copies": "30", "row_version": str(form.version)}
    assert client.post(url, sent).status_code == 302
    assert client.post(url, sent).status_code == 422
    assert PrintRun.objects.count() == 1


def test_a_trials_paper_says_when_the_list_has_changed(world: World) -> None:
    form = trial_form(world)
    assert "The list has changed since" not in page(world, "organiser", "trials", form.contest_id)
    actions.add_candidate(world.people["organiser"], form.contest, person=world.members[7])
    assert "The list has changed since" in page(world, "organiser", "trials", form.contest_id)


def test_a_paper_that_is_being_read_stays(world: World) -> None:
    form = designed(world, prepared(world))
    ScanBatch.objects.create(form=form, number=1, state="reading")
    with refused("elections.paper_being_read"):
        actions.withdraw_form(world.people["organiser"], form, reason="Đổi ý")


def test_runs_that_make_no_sense_are_refused(world: World) -> None:
    form = designed(world, prepared(world))
    for copies, batch, code in (
        (0, "", "copies_wrong"),
        (actions.MOST_COPIES + 1, "", "copies_wrong"),
        (5, "A", "batch_too_small"),
    ):
        with refused(f"elections.{code}"):
            run_of(world, form, copies, batch=batch)
    PaperForm.objects.filter(pk=form.pk).update(fingerprint="OTHER")
    with refused("elections.form_outdated"):
        run_of(world, form)


def test_ballots_in_the_hands_of_voters_stay_printed(world: World) -> None:
    ballot = prepared(world)
    form = designed(world, ballot)
    few, many = run_of(world, form, 10), run_of(world, form, 90)
    world.issued(ballot.contest)
    for run in (many, few):
        run.refresh_from_db()
    with refused("elections.printed_too_few"):
        actions.withdraw_print_run(world.people["organiser"], many, reason="x")
    actions.withdraw_print_run(world.people["organiser"], few, reason="x")
    with refused("elections.printed_too_few"):
        actions.withdraw_print_run(world.people["organiser"], many, reason="x")


def test_what_is_declared_stays(world: World) -> None:
    ballot = prepared(world)
    run = run_of(world, designed(world, ballot))
    issued = world.issued(ballot.contest)
    actions.record_stock(world.people["one"], issued, spoilt=0, unused=7)
    world.declared(issued, (80, 70, 60, 31))
    ballot.refresh_from_db()
    for one in (
        lambda: actions.withdraw_print_run(world.people["organiser"], run, reason="x"),
        lambda: actions.set_printed(world.people["organiser"], ballot, printed=90),
        lambda: actions.record_stock(world.people["one"], ballot, spoilt=0, unused=0),
    ):
        with refused("elections.declared_already"):
            one()


# Stock --------------------------------------------------------------------------------------------


def test_a_number_printed_by_another_hand(world: World) -> None:
    organiser, ballot = world.people["organiser"], prepared(world)
    for wrong in (0, -3):
        with refused("elections.printed_none"):
            actions.set_printed(organiser, ballot, printed=wrong)
    actions.set_printed(organiser, ballot, printed=95)
    form = designed(world, ballot)
    with refused("elections.printed_by_hand"):
        run_of(world, form)
    ballot.refresh_from_db()
    actions.set_printed(organiser, ballot, printed=None)
    run_of(world, form)
    ballot.refresh_from_db()
    with refused("elections.printed_by_runs"):
        actions.set_printed(organiser, ballot, printed=95)


def test_no_fewer_were_printed_than_issued(world: World) -> None:
    ballot = world.issued()
    with refused("elections.printed_too_few"):
        actions.set_printed(world.people["organiser"], ballot, printed=87)
    assert actions.set_printed(world.people["organiser"], ballot, printed=88).printed == 88


def test_the_board_accounts_for_every_ballot(world: World) -> None:
    ballot = prepared(world)
    with refused("elections.not_issued"):
        actions.record_stock(world.people["one"], ballot, spoilt=0, unused=0)
    run_of(world, designed(world, ballot), 95)
    world.issued(ballot.contest)
    ballot.refresh_from_db()
    assert printing.stock_of(ballot).unknown
    with refused("elections.stock_negative"):
        actions.record_stock(world.people["one"], ballot, spoilt=-1, unused=0)
    actions.record_stock(world.people["one"], ballot, spoilt=2, unused=4)
    stock = printing.stock_of(ballot)
    assert (stock.accounted, stock.missing, stock.too_many, stock.unknown) == (94, 1, 0, False)
    actions.record_stock(world.people["head"], ballot, spoilt=2, unused=7)
    assert (printing.stock_of(ballot).missing, printing.stock_of(ballot).too_many) == (-2, 2)


def test_only_the_board_accounts(world: World) -> None:
    ballot = world.issued()
    with refused("elections.not_on_board"):
        actions.record_stock(world.people["spare"], ballot, spoilt=0, unused=0)
    with refused("core.not_permitted"):
        actions.record_stock(world.people["organiser"], ballot, spoilt=0, unused=0)


# Files --------------------------------------------------------------------------------------------


def pdf_of(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def test_copies_are_alike_and_the_file_is_silent(world: World) -> None:
    ballot = prepared(world)
    form = designed(world, ballot)
    run = run_of(world, form, 300, batch="Sáng")
    client, url = world.client("organiser"), reverse("elections:run_file", args=[run.pk])
    answer = client.get(url)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"].startswith('attachment; filename="ballots-W1-committee-1-standard.pdf"')
    file = pdf_of(answer.content)
    assert len(file.pages) == 300
    assert len({page.get_contents().get_data() for page in file.pages[:20]}) == 1
    assert "Đợt in Sáng" in file.pages[7].extract_text()
    assert len(answer.content) < 200_000
    assert client.get(url).content == answer.content
    told = str(file.metadata) + str(file.trailer.get("/ID"))
    assert "organiser" not in told
    assert str(datetime.now(UTC).year) not in told
    assert "2025" not in told


def test_the_proof_is_marked_as_one(world: World) -> None:
    form = designed(world, prepared(world))
    file = pdf_of(world.client("organiser").get(reverse("elections:form_proof", args=[form.pk])).content)
    assert len(file.pages) == 1
    assert "BẢN IN THỬ" in file.pages[0].extract_text()


def test_files_that_print_ballots_are_for_who_prints(world: World) -> None:
    form = designed(world, prepared(world))
    run = run_of(world, form)
    addresses = [
        reverse("elections:run_file", args=[run.pk]),
        reverse("elections:form_proof", args=[form.pk]),
    ]
    for url in addresses:
        assert {world.client(who).get(url).status_code for who in ("viewer", "one", "auditor")} == {403}
        assert {world.client(who).get(url).status_code for who in OUTSIDERS} == {404}
    run.refresh_from_db()
    actions.withdraw_print_run(world.people["organiser"], run, reason="Hủy")
    assert world.client("organiser").get(addresses[0]).status_code == 404


def test_sheets_for_practice_and_decks_say_that_they_are_a_test(world: World) -> None:
    form = trial_form(world)
    deck = actions.print_deck(world.people["organiser"], form)
    practice = run_of(world, form, 3)
    client = world.client("organiser")
    for run, copies in ((deck, len(press.known_sheets(form))), (practice, 3)):
        file = pdf_of(client.get(reverse("elections:run_file", args=[run.pk])).content)
        assert len(file.pages) == copies == run.copies
        assert all("PHIẾU THỬ" in page.extract_text() for page in file.pages)
    assert (deck.deck, practice.deck) == (True, False)


def test_no_deck_is_printed_of_a_ballots_paper(world: World) -> None:
    form = designed(world, prepared(world))
    with refused("elections.deck_of_ballot"):
        actions.print_deck(world.people["organiser"], form)
    organiser = world.client("organiser")
    assert organiser.post(reverse("elections:deck", args=[form.pk])).status_code == 422


def test_a_trial_and_a_ballot_of_the_same_names_have_other_codes(world: World) -> None:
    ballot = prepared(world)
    real, trial = designed(world, ballot), designed(world, ballot.contest)
    assert real.spec["candidates"] == trial.spec["candidates"]
    assert real.spec["election"] != trial.spec["election"]
    assert real.fingerprint != trial.fingerprint
    run_of(world, trial, 5)
    actions.print_deck(world.people["organiser"], trial)
    ballot.refresh_from_db()
    assert ballot.printed is None


# Trials -------------------------------------------------------------------------------------------


def test_a_faultless_trial_passes(world: World) -> None:
    form = trial_form(world)
    batch = scanned(form)
    trial = actions.record_trial(world.people["organiser"], form, batch=batch, remark="Máy in 1")
    known = len(press.known_sheets(form))
    assert trial.passed
    assert (trial.number, trial.result["sheets_read"], trial.result["sheets_known"]) == (1, known, known)
    assert all(line["known"] == line["right"] for line in trial.result["kinds"])
    assert trial.result["faults"] == []
    (told,) = lines("record_trial")
    assert told["passed"] is True
    assert told["sheets"] == {"known": known, "read": known}
    with refused("elections.trial_recorded"):
        form.refresh_from_db()
        actions.record_trial(world.people["organiser"], form, batch=batch)


def test_a_misread_mark_fails_the_trial_and_a_repeated_one_keeps_it(world: World) -> None:
    form = trial_form(world)
    key = form.spec["candidates"][0]["id"]
    first = press.known_sheets(form)[0]
    other = {"chosen": "rejected", "rejected": "chosen"}[first.marks[key]]
    organiser = world.people["organiser"]
    failed = actions.record_trial(organiser, form, batch=scanned(form, {0: ("read", {key: other})}))
    assert not failed.passed
    (fault,) = failed.result["faults"]
    assert (fault["what"], fault["kind"]) == ("misread", "plain")
    assert fault["marks"] == {key: [first.marks[key], other]}
    passed = actions.record_trial(organiser, form, batch=scanned(form))
    assert [(one.number, one.passed) for one in Trial.objects.all()] == [(1, False), (2, True)]
    assert passed.result["faults"] == []


def test_a_needless_question_is_no_fault(world: World) -> None:
    form = trial_form(world)
    key = form.spec["candidates"][0]["id"]
    batch = scanned(form, {0: ("review", {key: "doubt"})})
    trial = actions.record_trial(world.people["organiser"], form, batch=batch)
    assert trial.passed
    assert trial.result["asked"] == 1
    (valid,) = [line for line in trial.result["totals"] if line["figure"] == "valid"]
    assert valid["known"] == valid["read"] + 1
    assert valid["waiting"] == 1


@pytest.mark.parametrize(
    ("change", "what"),
    [({1: None}, "missing"), ({1: ("foreign", {})}, "extra")],
)
def test_sheets_missing_or_too_much_fail_it(world: World, change: dict[int, Any], what: str) -> None:
    form = trial_form(world)
    trial = actions.record_trial(world.people["organiser"], form, batch=scanned(form, change))
    assert not trial.passed
    assert what in {fault["what"] for fault in trial.result["faults"]}


def test_only_a_stack_of_the_trial_that_is_read_is_recorded(world: World) -> None:
    form = trial_form(world)
    organiser = world.people["organiser"]
    waiting = scanned(form)
    ScanBatch.objects.filter(pk=waiting.pk).update(state="reading")
    waiting.refresh_from_db()
    with refused("elections.trial_not_read"):
        actions.record_trial(organiser, form, batch=waiting)
    other = designed(world, form.contest, variant="large")
    with refused("elections.trial_elsewhere"):
        actions.record_trial(organiser, other, batch=waiting)


def test_the_record_of_a_trial(world: World) -> None:
    form = trial_form(world)
    key = form.spec["candidates"][1]["id"]
    mark = press.known_sheets(form)[0].marks[key]
    other = {"chosen": "rejected", "rejected": "chosen"}[mark]
    organiser = world.people["organiser"]
    actions.record_trial(organiser, form, batch=scanned(form), remark="Máy quét A")
    actions.record_trial(organiser, form, batch=scanned(form, {0: ("read", {key: other})}))
    client = world.client("viewer")
    said = []
    for trial in Trial.objects.all():
        answer = client.get(
            reverse("elections:trial_record", args=[trial.pk, "docx"]), headers={"Accept-Language": "vi"}
        )
        body = Document(io.BytesIO(answer.content)).element.body
        said.append(" ".join(node.text or "" for node in body.iter() if node.tag.endswith("}t")))
        pdf = client.get(reverse("elections:trial_record", args=[trial.pk, "pdf"]))
        assert pdf.content.startswith(b"%PDF")
    assert "BIÊN BẢN KIỂM PHIẾU THỬ" in said[0]
    assert form.fingerprint in said[0]
    assert "Máy quét A" in said[0]
    assert form.spec["candidates"][1]["name"] in said[1]
    assert client.get(reverse("elections:trial_record", args=[trial.pk, "txt"])).status_code == 404


def test_the_room_and_the_reader_agree_on_a_deck(world: World, tmp_path: Any) -> None:
    """The whole way: the deck is printed, drawn as a scanner would, read, and compared."""
    from engines.omr.layout import load_layout
    from engines.omr.reader import Reader
    from engines.omr.typeset import render

    form = trial_form(world)
    (tmp_path / "layout.json").write_text(form.layout, encoding="utf-8")
    reader = Reader(load_layout(tmp_path / "layout.json"))
    batch = ScanBatch.objects.create(form=form, number=1, purpose="trial", state="read")
    for index, picture in enumerate(render(press.deck(form))):
        found = reader.read(picture)
        doubts = [{"candidate": one.candidate, "reason": one.reason, "crop": None} for one in found.doubts]
        Sheet.objects.create(batch=batch, key=str(index), state=found.state, marks=dict(found.read), doubts=doubts)
    trial = actions.record_trial(world.people["organiser"], form, batch=batch)
    assert trial.passed
    assert trial.result["asked"] == 0


# Pages --------------------------------------------------------------------------------------------


def page(world: World, who: str, name: str, *args: Any, query: str = "", status: int = 200) -> str:
    answer = world.client(who).get(reverse(f"elections:{name}", args=args) + query)
    assert answer.status_code == status
    return answer.content.decode()


def test_the_whole_way_of_a_ballots_paper(world: World) -> None:
    ballot = prepared(world)
    organiser, one = world.client("organiser"), world.client("one")
    assert "No paper yet" in page(world, "organiser", "paper", ballot.pk)
    assert "Ballot paper" in page(world, "organiser", "ballot", ballot.pk)
    assert "design_proof" not in page(world, "organiser", "design", ballot.pk)
    chosen = {"variant": "standard", "paper": "A4", "language": "vi", "stamp_box": "on"}
    answer = organiser.post(reverse("elections:design", args=[ballot.pk]), chosen)
    assert answer["Location"] == reverse("elections:paper", args=[ballot.pk])
    form = PaperForm.objects.get()
    assert form.fingerprint in page(world, "viewer", "paper", ballot.pk)
    refused_page = organiser.post(reverse("elections:design", args=[ballot.pk]), chosen)
    assert refused_page.status_code == 422
    assert "all ballots must look alike" in refused_page.content.decode()
    url = reverse("elections:print_run", args=[form.pk])
    assert 'value="95"' in page(world, "organiser", "print_run", form.pk)
    assert organiser.post(url, {"copies": "20"}).status_code == 302
    confirm = organiser.post(url, {"copies": "1600", "batch": "2"})
    assert "Check the print run" in confirm.content.decode()
    assert PrintRun.objects.count() == 1
    form.refresh_from_db()
    assert organiser.post(url, {"copies": "1600", "batch": "2", "step": "save"}).status_code == 302
    run = PrintRun.objects.get(copies=1600)
    assert "1600" in page(world, "viewer", "paper", ballot.pk)
    world.issued(ballot.contest)
    assert one.post(reverse("elections:stock", args=[ballot.pk]), {"spoilt": "2", "unused": "1530"}).status_code == 302
    assert "Every printed ballot is accounted for." in page(world, "viewer", "paper", ballot.pk)
    assert "Printed" in page(world, "one", "stock", ballot.pk)
    withdraw = reverse("elections:withdraw_run", args=[run.pk])
    assert organiser.post(withdraw, {"reason": ""}).status_code == 422
    assert organiser.post(withdraw, {"reason": "In lỗi"}).status_code == 422
    small = PrintRun.objects.get(copies=20)
    assert organiser.post(reverse("elections:withdraw_run", args=[small.pk]), {"reason": "In lỗi"}).status_code == 302
    assert "20 ballots more than were printed" in page(world, "viewer", "paper", ballot.pk)
    assert organiser.post(reverse("elections:withdraw_form", args=[form.pk]), {"reason": "x"}).status_code == 422


def test_numbers_from_elsewhere_through_the_page(world: World) -> None:
    ballot = prepared(world)
    url = reverse("elections:set_printed", args=[ballot.pk])
    organiser = world.client("organiser")
    assert "Printed elsewhere" in page(world, "organiser", "set_printed", ballot.pk)
    assert organiser.post(url, {"printed": "0"}).status_code == 422
    assert organiser.post(url, {"printed": "90"}).status_code == 302
    assert "Correct the number printed elsewhere" in page(world, "organiser", "paper", ballot.pk)


def test_the_proof_follows_the_choices(world: World) -> None:
    ballot = prepared(world)
    organiser, url = world.client("organiser"), reverse("elections:design", args=[ballot.pk])
    fragment = organiser.get(f"{url}?variant=large&paper=A5&language=en", headers={"HX-Request": "true"})
    assert b"<html" not in fragment.content
    assert "variant=large" in fragment.content.decode()
    assert "stamp_box" not in fragment.content.decode()
    small = organiser.get(reverse("elections:design_proof", args=[ballot.pk]) + "?paper=A5&language=en")
    large = organiser.get(reverse("elections:design_proof", args=[ballot.pk]) + "?paper=A4&language=en")
    assert small["Content-Type"] == "image/png"
    assert small.content != large.content
    wrong = organiser.get(f"{url}?variant=huge&paper=A5&language=en", headers={"HX-Request": "true"})
    assert "Choose standard or large print." in wrong.content.decode()
    assert world.client("viewer").get(url).status_code == 403


def test_the_whole_way_of_a_trial(world: World) -> None:
    world.state("dated")
    contest = world.contest(seats=3, names=4)
    organiser = world.client("organiser")
    assert reverse("elections:trials", args=[contest.pk]) in page(world, "organiser", "contest", contest.pk)
    assert "No trial on record yet" in page(world, "organiser", "trials", contest.pk)
    assert "Paper for a trial" in page(world, "organiser", "design_trial", contest.pk)
    answer = organiser.get(reverse("elections:design_trial_proof", args=[contest.pk]))
    assert answer.content.startswith(b"\x89PNG")
    chosen = {"variant": "standard", "paper": "A5", "language": "vi"}
    assert organiser.post(reverse("elections:design_trial", args=[contest.pk]), chosen).status_code == 302
    form = PaperForm.objects.get()
    picture = organiser.get(reverse("elections:form_page", args=[form.pk, 0]))
    assert picture.content.startswith(b"\x89PNG")
    assert organiser.get(reverse("elections:form_page", args=[form.pk, 1])).status_code == 404
    assert "nothing marked" in page(world, "organiser", "deck", form.pk).lower()
    assert organiser.post(reverse("elections:deck", args=[form.pk])).status_code == 302
    assert PrintRun.objects.get().deck
    batch = scanned(form)
    assert "Compare" in page(world, "organiser", "trials", contest.pk)
    assert "Put this trial on record" in page(world, "organiser", "trial_result", batch.pk)
    assert "Put this trial on record" not in page(world, "viewer", "trial_result", batch.pk)
    url = reverse("elections:trial_result", args=[batch.pk])
    assert world.client("viewer").post(url, {"remark": ""}).status_code == 403
    assert organiser.post(url, {"remark": "Máy in 2"}).status_code == 302
    assert "Máy in 2" in page(world, "viewer", "trial_result", batch.pk)
    assert "passed" in page(world, "viewer", "trials", contest.pk)
    wrong = scanned(form, {0: None, 1: ("unreadable", {})})
    shown = page(world, "organiser", "trial_result", wrong.pk)
    assert "Failed" in shown
    assert "A sheet that is not of the deck" in shown
    reading = scanned(form)
    ScanBatch.objects.filter(pk=reading.pk).update(state="reading")
    assert "not read yet" in page(world, "organiser", "trial_result", reading.pk)


def test_pages_for_reading(world: World) -> None:
    ballot = prepared(world)
    form = designed(world, ballot)
    assert "no scaling" in page(world, "viewer", "print_checklist", form.pk)
    assert "serial number" in page(world, "member", "secrecy")
    assert "Withdraw the paper" in page(world, "organiser", "withdraw_form", form.pk)
    run = run_of(world, form)
    assert "Withdraw the print run" in page(world, "organiser", "withdraw_run", run.pk)


def test_outsiders_find_no_paper(world: World) -> None:
    ballot = prepared(world)
    form = designed(world, ballot)
    run, batch = run_of(world, form), scanned(designed(world, ballot.contest))
    names = {
        ballot.pk: ("paper", "design", "design_proof", "set_printed", "stock"),
        form.pk: ("form_proof", "print_checklist", "print_run", "withdraw_form", "deck"),
        run.pk: ("run_file", "withdraw_run"),
        ballot.contest_id: ("trials", "design_trial", "design_trial_proof"),
        batch.pk: ("trial_result",),
    }
    for who in OUTSIDERS:
        client = world.client(who)
        found = [name for pk, all_ in names.items() for name in all_ if _found(client, name, pk)]
        assert found == [], who


def _found(client: Any, name: str, pk: int) -> bool:
    return bool(client.get(reverse(f"elections:{name}", args=[pk])).status_code != 404)


def test_plain_pages_do_not_load_what_prints() -> None:
    import subprocess

    code = (
        "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; django.setup();"
        "import conventus.elections.urls, sys; from conventus.elections import press;"
        "print([m for m in ('cv2', 'numpy', 'typst', 'pypdfium2', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# My desk ------------------------------------------------------------------------------------------


def titles(world: World, who: str) -> list[str]:
    return [item.title for item in reads.desk_items(world.people[who], today())]


def test_what_stands_on_the_desk(world: World) -> None:
    ballot = prepared(world)
    assert "Design the ballot paper" not in titles(world, "organiser")
    Ballot.objects.filter(pk=ballot.pk).update(paths=["scan", "first", "second"])
    assert "Design the ballot paper" in titles(world, "organiser")
    assert "Design the ballot paper" not in titles(world, "one")
    run_of(world, designed(world, ballot))
    assert "Design the ballot paper" not in titles(world, "organiser")
    Ballot.objects.filter(pk=ballot.pk).update(paths=["first", "second"])
    world.agreed(world.issued(ballot.contest), (80, 70, 60, 31))
    wanted = "Record the spoilt and left-over ballots"
    assert wanted in titles(world, "one")
    assert wanted not in titles(world, "organiser")
    ballot.refresh_from_db()
    actions.record_stock(world.people["one"], ballot, spoilt=0, unused=7)
    assert wanted not in titles(world, "one")


def test_a_trial_that_was_read_waits_on_the_desk(world: World) -> None:
    world.state("planned")
    form = trial_form(world)
    batch = scanned(form)
    assert titles(world, "organiser") == ["Put the trial count on record"]
    assert titles(world, "viewer") == titles(world, "neighbour") == []
    actions.record_trial(world.people["organiser"], form, batch=batch)
    assert titles(world, "organiser") == []
