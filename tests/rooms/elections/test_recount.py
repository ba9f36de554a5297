"""Papers reconciled, counts repeated and compared, stacks counted by hand: done by the right people, and blind."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from conventus.core.models import Entry
from conventus.elections import actions, reads
from conventus.elections.models import Ballot, BatchCount, PaperForm, ScanBatch, Sheet, StackExplanation

from .conftest import World, count, refused

STACKS = (("1110", "1101", "1011"), ("0111", "1110"))
"""Two stacks for three of four names; by hand the first gives 3, 2, 2, 2 votes."""
HAND = (3, 2, 2, 2)


def scans(world: World, ballot: Ballot, stacks: Any = STACKS, **more: Any) -> list[ScanBatch]:
    """Stacks as if they had been read, each ballot clear: one digit a name, 1 chosen."""
    form = PaperForm.objects.create(contest=ballot.contest, ballot=ballot, language="vi", spec={}, layout="{}")
    found = []
    for number, papers in enumerate(stacks, 1):
        facts = {"number": number, "attempt": ballot.attempt, "state": "read", "expected": len(papers), **more}
        found.append(ScanBatch.objects.create(form=form, **facts))
        for index, paper in enumerate(papers):
            Sheet.objects.create(batch=found[-1], key=f"{number}-{index}", state="read", marks=marks(ballot, paper))
    return found


def marks(ballot: Ballot, paper: str) -> dict[str, str]:
    names = [str(one.pk) for one in ballot.names()]
    return {key: "chosen" if letter == "1" else "rejected" for key, letter in zip(names, paper, strict=True)}


def of_stacks(ballot: Ballot, *papers: str, invalid: int = 0) -> dict[str, Any]:
    """The figures of papers counted by hand."""
    votes = [sum(paper[place] == "1" for paper in papers) for place in range(4)]
    return count(ballot, votes, collected=len(papers) + invalid, invalid=invalid)


@pytest.fixture
def scanned(world: World) -> Ballot:
    """A ballot of five papers whose two stacks are read; nothing is keyed in yet."""
    ballot = world.issued(issued=5)
    scans(world, ballot)
    return ballot


@pytest.fixture
def agreed(world: World, scanned: Ballot) -> Ballot:
    """The same with two equal entries that say what the scans say."""
    figures = of_stacks(scanned, *STACKS[0], *STACKS[1])
    for who in ("one", "two"):
        scanned = actions.enter_count(world.people[who], scanned, figures=figures)
    return scanned


def codes(ballot: Ballot) -> set[str]:
    ballot.refresh_from_db()
    return {one.code.removeprefix("elections.") for one in reads.findings_of(ballot)} - {"W02", "W05", "W06"}


# Reconciliation -----------------------------------------------------------------------------------


def test_papers_that_do_not_balance_wait_for_the_head(world: World, agreed: Ballot) -> None:
    Ballot.objects.filter(pk=agreed.pk).update(printed=10, spoilt=1, unused=3)
    assert codes(agreed) == {"W08"}
    head = world.people["head"]
    world.accept_all(agreed)
    agreed.refresh_from_db()
    assert actions.declare_result(head, agreed).state == "declared"


def test_papers_not_counted_block_the_result(world: World, agreed: Ballot) -> None:
    Ballot.objects.filter(pk=agreed.pk).update(printed=10, spoilt=1)
    assert codes(agreed) == {"E14"}
    head = world.people["head"]
    with refused("elections.no_such_warning"):
        actions.accept_warning(head, agreed, code="elections.E14", reason="Không sao")
    with refused("elections.E14"):
        actions.declare_result(head, agreed)


def test_an_accepted_gap_that_changes_is_open_again(world: World, agreed: Ballot) -> None:
    Ballot.objects.filter(pk=agreed.pk).update(printed=10, spoilt=1, unused=3)
    world.accept_all(Ballot.objects.get(pk=agreed.pk))
    agreed.refresh_from_db()
    actions.record_stock(world.people["one"], agreed, spoilt=1, unused=2)
    with refused("elections.warning_open"):
        actions.declare_result(world.people["head"], agreed)
    assert "W08" in codes(agreed)


def test_a_sheet_that_was_not_scanned_is_noticed(world: World) -> None:
    ballot = world.issued(issued=6)
    scans(world, ballot)
    figures = of_stacks(ballot, *STACKS[0], *STACKS[1], "1110")
    for who in ("one", "two"):
        ballot = actions.enter_count(world.people[who], ballot, figures=figures)
    assert codes(ballot) == {"W09"}


def test_a_stack_with_a_sheet_too_few_is_named(world: World) -> None:
    ballot = world.issued(issued=5)
    first, _second = scans(world, ballot)
    ScanBatch.objects.filter(pk=first.pk).update(expected=4, label="Bàn 1")
    figures = of_stacks(ballot, *STACKS[0], *STACKS[1])
    for who in ("one", "two"):
        ballot = actions.enter_count(world.people[who], ballot, figures=figures)
    assert codes(ballot) == {"W10"}
    assert any("Bàn 1: 3/4" in str(one) for one in reads.findings_of(ballot))


def test_marks_missing_on_a_sheet_block_the_result(world: World, agreed: Ballot) -> None:
    """Members cannot rule so; rows that somebody changed past the program can say it, and then nothing is declared."""
    sheet = Sheet.objects.first()
    assert sheet is not None
    lost = next(iter(sheet.marks))
    for who in ("one", "two"):
        sheet.adjudications.create(
            by=world.people[who], ruling="valid", marks={key: mark for key, mark in sheet.marks.items() if key != lost}
        )
    assert codes(agreed) == {"E15"}
    with refused("elections.E15"):
        actions.declare_result(world.people["head"], agreed)


def test_the_page_shows_each_equation(world: World, agreed: Ballot) -> None:
    Ballot.objects.filter(pk=agreed.pk).update(printed=10, spoilt=1, unused=3)
    page = world.client("one").get(f"/elections/ballots/{agreed.pk}/reconcile").content.decode()
    assert page.count("balance-row is-closed") == 6
    assert page.count("balance-row is-gap") == 1
    assert f"/elections/ballots/{agreed.pk}/stock" in page
    viewer = world.client("viewer").get(f"/elections/ballots/{agreed.pk}/reconcile").content.decode()
    assert f"/elections/ballots/{agreed.pk}/stock" not in viewer


def test_before_the_count_is_agreed_no_figure_of_it_is_shown(world: World, scanned: Ballot) -> None:
    world.enter("one", scanned, [4, 4, 4, 3], collected=5)
    page = world.client("two").get(f"/elections/ballots/{scanned.pk}/reconcile").content.decode()
    assert page.count("balance-row is-unknown") == 2
    assert "balance-row is-closed" not in page


def test_before_anything_is_known_the_pages_are_there(world: World) -> None:
    """A ballot without its electorate has no base yet; that is no reason to refuse a page to the board."""
    ballot = world.prepared(world.listed())
    Ballot.objects.filter(pk=ballot.pk).update(electorate={}, printed=100)
    world.board()
    for page in ("", "/reconcile", "/counts", "/audit"):
        assert world.client("head").get(f"/elections/ballots/{ballot.pk}{page}").status_code == 200, page


# Stacks by hand -----------------------------------------------------------------------------------


def stack(ballot: Ballot, number: int = 1) -> ScanBatch:
    return ScanBatch.objects.get(form__ballot=ballot, attempt=ballot.attempt, number=number)


def by_hand(world: World, who: str, ballot: Ballot, *papers: str, reason: str = "Đối chiếu") -> BatchCount:
    return actions.count_batch(world.people[who], stack(ballot), figures=of_stacks(ballot, *papers), reason=reason)


def state(ballot: Ballot) -> str:
    return reads.stack_counts(Ballot.objects.get(pk=ballot.pk))[0].state


def test_two_members_confirm_a_stack(world: World, agreed: Ballot) -> None:
    by_hand(world, "one", agreed, *STACKS[0])
    assert (state(agreed), codes(agreed)) == ("waiting", {"E17"})
    by_hand(world, "two", agreed, *STACKS[0], reason="")
    assert (state(agreed), codes(agreed)) == ("equal", set())
    with refused("elections.stack_counted"):
        by_hand(world, "three", agreed, *STACKS[0])


def test_the_book_keeps_the_seal_and_no_figure(world: World, agreed: Ballot) -> None:
    kept = by_hand(world, "one", agreed, *STACKS[0])
    line = Entry.objects.filter(action="elections.count_batch").get()
    assert line.after["seal"] == kept.seal
    assert not {"figures", "votes", "collected", "salt"} & line.after.keys()
    by_hand(world, "two", agreed, *STACKS[0])
    last = Entry.objects.filter(action="elections.count_batch").last()
    assert last is not None
    assert (last.after["compared"], last.after["differing"]) == ("equal", 0)


def test_a_third_member_decides_between_two_hand_counts(world: World, agreed: Ballot) -> None:
    by_hand(world, "one", agreed, "1110", "1101", "1101")
    by_hand(world, "two", agreed, *STACKS[0])
    assert state(agreed) == "waiting"
    by_hand(world, "three", agreed, *STACKS[0])
    assert state(agreed) == "equal"


def test_a_member_may_count_once_more_when_no_two_agree(world: World, agreed: Ballot) -> None:
    by_hand(world, "one", agreed, "1110", "1101", "1101")
    with refused("elections.hand_counted_already"):
        by_hand(world, "one", agreed, *STACKS[0])
    by_hand(world, "two", agreed, *STACKS[0])
    by_hand(world, "one", agreed, *STACKS[0])
    assert state(agreed) == "equal"


def test_a_difference_is_explained_by_the_head_or_all_is_repeated(world: World, agreed: Ballot) -> None:
    for who in ("one", "two"):
        by_hand(world, who, agreed, "1110", "1101", "1101")
    assert (state(agreed), codes(agreed)) == ("differs", {"E16"})
    batch, head = stack(agreed), world.people["head"]
    with refused("elections.E16"):
        actions.declare_result(head, Ballot.objects.get(pk=agreed.pk))
    with refused("elections.only_head"):
        actions.explain_stack(world.people["one"], batch, reason="Nhầm")
    with refused("elections.explain_reason"):
        actions.explain_stack(head, batch, reason="  ")
    said = actions.explain_stack(head, batch, reason="Một phiếu bị đọc nhầm khi đếm tay")
    assert isinstance(said, StackExplanation)
    assert (state(agreed), codes(agreed)) == ("explained", set())
    with refused("elections.stack_not_differing"):
        actions.explain_stack(head, batch, reason="Lại")


def test_what_cannot_be_counted_by_hand(world: World, agreed: Ballot) -> None:
    with refused("elections.stack_reason"):
        by_hand(world, "one", agreed, *STACKS[0], reason="")
    with refused("elections.E06"):
        wrong = of_stacks(agreed, *STACKS[0]) | {"valid": 2}
        actions.count_batch(world.people["one"], stack(agreed), figures=wrong, reason="Đối chiếu")
    with refused("elections.E05"):
        by_hand(world, "one", agreed, *STACKS[0], *STACKS[1], "1110")
    with refused("elections.not_on_board"):
        by_hand(world, "spare", agreed, *STACKS[0])
    with refused("core.not_permitted"):
        by_hand(world, "organiser", agreed, *STACKS[0])
    ScanBatch.objects.filter(pk=stack(agreed).pk).update(state="void")
    with refused("elections.stack_elsewhere"):
        by_hand(world, "one", agreed, *STACKS[0])


def test_a_declared_result_is_not_counted_again(world: World, agreed: Ballot) -> None:
    world.accept_all(agreed)
    actions.declare_result(world.people["head"], agreed)
    with refused("elections.declared_already"):
        by_hand(world, "one", agreed, *STACKS[0])


def test_the_explanation_waits_for_the_agreed_count(world: World, scanned: Ballot) -> None:
    with refused("elections.not_agreed"):
        actions.explain_stack(world.people["head"], stack(scanned), reason="Sớm quá")


def test_outside_the_session_nothing_is_counted(world: World, agreed: Ballot) -> None:
    world.state("held")
    with refused("core.not_permitted"):
        by_hand(world, "one", agreed, *STACKS[0])


# Counts repeated ----------------------------------------------------------------------------------


def test_nothing_of_the_old_count_gets_into_the_new_one(world: World, agreed: Ballot) -> None:
    for who in ("one", "two"):
        by_hand(world, who, agreed, "1110", "1101", "1101")
    old = stack(agreed)
    ballot = actions.repeat_count(world.people["head"], Ballot.objects.get(pk=agreed.pk), reason="Sai lệch")
    assert reads.stack_counts(ballot) == []
    assert list(reads.sheets_counted(ballot)) == []
    assert reads.balance_of(ballot)[-1].code == "rulings"
    with refused("elections.stack_elsewhere"):
        actions.count_batch(world.people["three"], old, figures=of_stacks(ballot, *STACKS[0]), reason="Muộn")
    scans(world, ballot, (("1110", "1110", "1101"), ("0111", "1011")))
    figures = of_stacks(ballot, "1110", "1110", "1101", "0111", "1011")
    for who in ("one", "two"):
        ballot = actions.enter_count(world.people[who], ballot, figures=figures)
    assert codes(ballot) == set()
    assert [one.batch.attempt for one in reads.stack_counts(ballot)] == [2, 2]


def test_all_counts_stand_side_by_side(world: World, agreed: Ballot) -> None:
    address = f"/elections/ballots/{agreed.pk}/counts"
    ballot = actions.repeat_count(world.people["head"], agreed, reason="Có người nghi ngờ")
    hidden = world.client("viewer").get(address).content.decode()
    assert "under seal" in hidden
    assert b"XLSX" not in world.client("viewer").get(address).content
    figures = of_stacks(ballot, "1110", "1110", "1101", "0111", "1101")
    for who in ("three", "two"):
        ballot = actions.enter_count(world.people[who], ballot, figures=figures)
    table = reads.attempts_of(ballot)
    assert table is not None
    assert [(one.attempt, one.slot) for one in table.columns] == [
        (1, "first"), (1, "second"), (2, "first"), (2, "second"),
    ]  # fmt: skip
    assert table.differing == 2
    page = world.client("viewer").get(address).content.decode()
    assert "Có người nghi ngờ" in page
    assert page.count("is-differing") == 2
    book = load_workbook(BytesIO(world.client("viewer").get(f"{address}?_export=xlsx").content))
    rows = list(book.active.iter_rows(values_only=True))
    assert len(rows) == 1 + 3 + 4
    assert rows[1][1:] == (5, 5, 5, 5)


def test_only_the_board_sees_stacks(world: World, agreed: Ballot) -> None:
    for who in ("one", "two"):
        by_hand(world, who, agreed, "1110", "1101", "1101")
    address = f"/elections/ballots/{agreed.pk}/counts"
    for who in ("viewer", "auditor", "admin", "organiser"):
        page = world.client(who).get(address).content.decode()
        assert "Stacks of this count" not in page
        assert "Stacks by scan and by hand" not in page
    page = world.client("head").get(address).content.decode()
    assert "differs from the scan" in page
    assert page.count('class="num is-off"') == 2
    stacks = world.client("head").get(f"{address}?of=stacks&_export=xlsx").content
    assert load_workbook(BytesIO(stacks)).active.max_column == 4


def test_while_others_still_key_in_stacks_show_no_figure(world: World, scanned: Ballot) -> None:
    for who in ("one", "two"):
        by_hand(world, who, scanned, *STACKS[0])
    page = world.client("three").get(f"/elections/ballots/{scanned.pk}/counts").content.decode()
    assert "as scanned" in page
    assert "Stacks by scan and by hand" not in page


# Pages --------------------------------------------------------------------------------------------


def fields(ballot: Ballot, *papers: str, **more: Any) -> dict[str, Any]:
    figures = of_stacks(ballot, *papers)
    totals = {key: figures[key] for key in ("collected", "valid", "invalid")}
    return {"attempt": 1, **totals, **{f"votes_{key}": one for key, one in figures["votes"].items()}, **more}


def test_a_stack_is_counted_on_its_page(world: World, agreed: Ballot) -> None:
    address = f"/elections/stacks/{stack(agreed).pk}/hand"
    client = world.client("one")
    assert client.get(address).status_code == 200
    answer = client.post(address, fields(agreed, *STACKS[0]))
    assert answer.status_code == 422
    assert "Say why the stack is counted again" in answer.content.decode()
    answer = client.post(address, fields(agreed, *STACKS[0], reason="Đối chiếu"))
    assert answer.status_code == 302
    assert BatchCount.objects.count() == 1
    assert 'name="reason"' not in world.client("two").get(address).content.decode()
    assert world.client("viewer").get(address).status_code == 404
    assert world.client("spare").get(address).status_code == 404


def test_a_difference_is_explained_on_its_page(world: World, agreed: Ballot) -> None:
    for who in ("one", "two"):
        by_hand(world, who, agreed, "1110", "1101", "1101")
    address = f"/elections/stacks/{stack(agreed).pk}/explain"
    client = world.client("head")
    assert client.get(address).content.decode().count("is-differing") == 2
    assert client.post(address, {"reason": "Đếm tay nhầm một phiếu"}).status_code == 302
    assert StackExplanation.objects.get().reason == "Đếm tay nhầm một phiếu"


def test_the_ballot_leads_there(world: World, agreed: Ballot) -> None:
    page = world.client("head").get(f"/elections/ballots/{agreed.pk}").content.decode()
    for name in ("reconcile", "counts", "audit"):
        assert f"/elections/ballots/{agreed.pk}/{name}" in page
