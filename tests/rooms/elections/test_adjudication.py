"""Members rule on ballots in doubt, each alone; whoever rules on all of them has a count; nobody else learns a mark."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conventus.core.models import Entry, Job
from conventus.elections import actions, reads, rules
from conventus.elections.models import Adjudication, Ballot, CountEntry, PaperForm, ScanBatch, Sheet, seal_of

from .conftest import World, refused
from .scans import MIXED, ballot_to_scan, form_for

LETTERS = {"1": "chosen", "0": "rejected", "b": "both", "-": "none", "?": "doubt"}
CLEAR, UNCLEAR, TOO_MANY = MIXED[:4], "11?0", "1111"


@dataclass
class Box:
    """A ballot whose six papers are scanned: four clear ones, one with an unclear mark, one that chooses too many."""

    world: World
    ballot: Ballot
    form: PaperForm
    sheets: dict[str, Sheet]

    @property
    def names(self) -> list[str]:
        """The candidates' keys in the order of the paper."""
        return [str(one.pk) for one in self.ballot.names()]

    def marks(self, letters: str) -> dict[str, str]:
        """Marks by candidate."""
        return dict(zip(self.names, (LETTERS[one] for one in letters), strict=True))

    def rule(self, who: str, sheet: str, letters: str = "", **how: Any) -> Adjudication:
        """Rule on a sheet: valid with these marks, or as said."""
        said = {"ruling": "valid", "marks": self.marks(letters)} if letters else how
        return actions.adjudicate(self.world.people[who], Sheet.objects.get(pk=self.sheets[sheet].pk), **said)

    def now(self) -> Ballot:
        """The ballot as it is."""
        self.ballot.refresh_from_db()
        return self.ballot

    def standing(self, sheet: str) -> rules.Verdict | None:
        """What a sheet counts for."""
        return self.judged(sheet).standing

    def judged(self, sheet: str) -> reads.Judged:
        """A sheet with what is said of it."""
        return next(one for one in reads.judged_sheets(self.ballot) if one.sheet == self.sheets[sheet])

    def all_by(self, who: str, unclear: str = "1100") -> None:
        """One member goes through every ballot."""
        for letters in CLEAR:
            self.rule(who, letters, letters)
        self.rule(who, UNCLEAR, unclear)
        self.rule(who, TOO_MANY, ruling="invalid", ground="too_many")


def lay(form: PaperForm, papers: Sequence[str], number: int = 1, **more: Any) -> dict[str, Sheet]:
    """A stack that was read, by rows alone: what is tested here begins where the pictures are taken in."""
    assert form.ballot
    batch = ScanBatch.objects.create(
        form=form, number=number, **({"state": "read", "attempt": form.ballot.attempt} | more)
    )
    names = [str(one.pk) for one in form.ballot.names()]
    made = {}
    for letters in papers:
        marks = dict(zip(names, (LETTERS[one] for one in letters), strict=True))
        doubts = [{"candidate": key, "reason": "weak-mark", "crop": None} for key in names if marks[key] == "doubt"]
        key = hashlib.sha256(f"{number} {letters}".encode()).hexdigest()
        pages = [{"key": key, "picture": f"out/pages/{key}.jpg", "sha256": "", "form_page": 1}]
        state = "review" if doubts else "read"
        made[letters] = Sheet.objects.create(batch=batch, key=key, state=state, marks=marks, doubts=doubts, pages=pages)
    return made


@pytest.fixture
def box(world: World) -> Box:
    """Six ballots for three of four names, scanned."""
    ballot = ballot_to_scan(world)
    form = form_for(ballot)
    return Box(world, ballot, form, lay(form, MIXED))


# Ruling -------------------------------------------------------------------------------------------


def test_two_members_rule_on_a_mark(box: Box) -> None:
    box.rule("one", UNCLEAR, "1110")
    assert box.judged(UNCLEAR).state == "waiting"
    assert box.standing(UNCLEAR) is None
    box.rule("two", UNCLEAR, "1110")
    standing = box.standing(UNCLEAR)
    assert standing
    assert (box.judged(UNCLEAR).state, dict(standing.marks)) == ("ruled", box.marks("1110"))


def test_two_members_rule_a_ballot_invalid_on_the_same_ground(box: Box) -> None:
    box.rule("one", TOO_MANY, ruling="invalid", ground="too_many")
    box.rule("two", TOO_MANY, ruling="invalid", ground="writing")
    assert box.judged(TOO_MANY).state == "disputed"
    box.rule("three", TOO_MANY, ruling="invalid", ground="too_many")
    assert box.standing(TOO_MANY) == rules.Verdict("invalid", "too_many", by=str(box.world.people["one"].pk))


def test_a_scan_that_is_no_ballot_is_in_no_count(box: Box) -> None:
    for who in ("one", "two"):
        box.rule(who, UNCLEAR, ruling="not_counted", ground="twice")
        box.rule(who, TOO_MANY, ruling="invalid", ground="too_many")
    actions.close_scan(box.world.people["one"], box.now())
    entry = CountEntry.objects.get(slot="scan")
    assert (entry.figures["collected"], entry.figures["valid"], entry.figures["invalid"]) == (5, 4, 1)


def test_in_a_dispute_either_may_think_again(box: Box) -> None:
    box.rule("one", UNCLEAR, "1100")
    box.rule("two", UNCLEAR, "1110")
    assert box.judged(UNCLEAR).state == "disputed"
    box.rule("two", UNCLEAR, "1100")
    assert box.judged(UNCLEAR).state == "ruled"
    with refused("elections.sheet_settled"):
        box.rule("one", UNCLEAR, "1110")
    box.rule("three", UNCLEAR, "1110")
    assert box.judged(UNCLEAR).state == "ruled"
    assert Adjudication.objects.filter(sheet=box.sheets[UNCLEAR]).count() == 3


def test_one_may_think_again_before_anybody_else_has_spoken(box: Box) -> None:
    first = box.rule("one", UNCLEAR, "1100")
    again = box.rule("one", UNCLEAR, ruling="invalid", ground="writing")
    assert (first.pk, first.seal) != (again.pk, again.seal)
    assert first.pk == again.pk
    assert box.judged(UNCLEAR).verdicts[0].ruling == "invalid"


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"ruling": "perhaps"}, "ruling_unknown"),
        ({"ruling": "invalid"}, "ground_missing"),
        ({"ruling": "invalid", "ground": "none_on_boxes"}, "ground_not_in_law"),
        ({"ruling": "valid", "marks": {}}, "mark_missing"),
    ],
)
def test_the_law_refuses(box: Box, how: dict[str, Any], code: str) -> None:
    with refused(f"elections.{code}"):
        box.rule("one", UNCLEAR, **how)


def test_more_than_the_seats_is_never_valid(box: Box) -> None:
    with refused("elections.too_many_chosen"):
        box.rule("one", TOO_MANY, "1111")


def test_only_marks_of_the_paper_are_kept(box: Box) -> None:
    marks = box.marks("1100") | {"999999": "chosen"}
    kept = box.rule("one", UNCLEAR, ruling="valid", ground="writing", marks=marks)
    assert (kept.marks, kept.ground) == (box.marks("1100"), "")
    assert box.rule("two", UNCLEAR, ruling="invalid", ground="writing", marks=marks).marks == {}


@pytest.mark.parametrize(
    "who", ["organiser", "admin", "auditor", "viewer", "city", "neighbour_head", "cell_head", "member"]
)
def test_whoever_does_not_count_rules_on_nothing(box: Box, who: str) -> None:
    with refused("core.not_permitted"):
        box.rule(who, UNCLEAR, "1100")


def test_the_role_alone_makes_no_member_of_the_board(box: Box) -> None:
    with refused("elections.not_on_board"):
        box.rule("spare", UNCLEAR, "1100")


def test_a_candidate_rules_on_nothing(box: Box) -> None:
    candidate = box.ballot.names()[0]
    assert candidate.person
    candidate.person.user = box.world.people["one"]
    # The board refuses candidates when it is appointed; somebody may get an account later.
    type(candidate.person).objects.filter(user=box.world.people["one"]).update(user=None)
    candidate.person.save()
    with refused("elections.counter_is_candidate"):
        box.rule("one", UNCLEAR, "1100")


def test_nothing_is_ruled_outside_the_session(box: Box) -> None:
    box.world.state("held")
    with refused("core.not_permitted"):
        box.rule("one", UNCLEAR, "1100")


def test_nothing_is_ruled_once_the_scan_is_closed(box: Box) -> None:
    for who in ("one", "two"):
        box.rule(who, UNCLEAR, "1100")
        box.rule(who, TOO_MANY, ruling="invalid", ground="too_many")
    actions.close_scan(box.world.people["head"], box.now())
    with refused("elections.scan_closed"):
        box.rule("three", UNCLEAR, "1100")


def test_a_void_stack_a_trial_and_an_earlier_count_are_not_ruled_on(box: Box) -> None:
    batch = box.sheets[UNCLEAR].batch
    for change in ({"state": "void"}, {"state": "read", "purpose": "trial"}):
        ScanBatch.objects.filter(pk=batch.pk).update(**change)
        with refused("elections.sheet_void"):
            box.rule("one", UNCLEAR, "1100")
    ScanBatch.objects.filter(pk=batch.pk).update(purpose="count")
    Ballot.objects.filter(pk=box.ballot.pk).update(attempt=2)
    with refused("elections.recounted_meanwhile"):
        box.rule("one", UNCLEAR, "1100")


def test_nothing_is_ruled_when_nobody_counts(box: Box) -> None:
    Ballot.objects.filter(pk=box.ballot.pk).update(state="differing")
    with refused("elections.judging_over"):
        box.rule("one", UNCLEAR, "1100")


# The queue ----------------------------------------------------------------------------------------


def queue(box: Box, who: str) -> list[str]:
    """The sheets that wait for a member, by their letters."""
    letters = {sheet.pk: key for key, sheet in box.sheets.items()}
    found = reads.queue_of(box.world.people[who], reads.judged_sheets(box.ballot))
    return [letters[one.sheet.pk] for one in found]


def test_only_what_is_in_doubt_waits_and_only_as_long_as_two_have_not_agreed(box: Box) -> None:
    assert set(queue(box, "one")) == {UNCLEAR, TOO_MANY}
    box.rule("one", UNCLEAR, "1100")
    assert queue(box, "one") == [TOO_MANY]
    assert set(queue(box, "two")) == {UNCLEAR, TOO_MANY}
    box.rule("two", UNCLEAR, "1100")
    assert queue(box, "three") == [TOO_MANY]


def test_a_ballot_in_dispute_waits_for_the_others_and_last_for_those_who_spoke(box: Box) -> None:
    box.rule("one", UNCLEAR, "1100")
    box.rule("two", UNCLEAR, "1110")
    assert queue(box, "one") == [TOO_MANY, UNCLEAR]
    assert set(queue(box, "three")) == {UNCLEAR, TOO_MANY}


def test_every_member_has_an_order_of_their_own_that_stays(box: Box) -> None:
    more = lay(box.form, ["0???", "1???", "?1??", "?0??"], number=2)
    box.sheets |= more
    orders = {who: queue(box, who) for who in ("head", "one", "two", "three")}
    assert len({tuple(one) for one in orders.values()}) > 1
    assert {who: queue(box, who) for who in orders} == orders


def test_progress_says_how_many_and_whose_never_what(box: Box) -> None:
    box.rule("one", UNCLEAR, "1100")
    box.rule("two", UNCLEAR, "1110")
    people, found = box.world.people, reads.progress_of(box.ballot)
    assert (found.asked, found.ruled, found.waiting, found.disputed, found.scanned) == (2, 0, 1, 1, 6)
    assert {one.username: number for one, number in found.left.items()} == {"head": 2, "one": 1, "two": 1, "three": 2}
    assert (found.disputed_with[people["one"]], found.disputed_with[people["head"]]) == (1, 0)


# Blindness ----------------------------------------------------------------------------------------


def page(box: Box, who: str, sheet: str, kind: str = "sheet") -> str:
    """The page on which a member rules on a sheet."""
    answer = box.world.client(who).get(reverse(f"elections:{kind}", args=[box.sheets[sheet].pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_nobody_sees_what_another_says_before_having_spoken(box: Box) -> None:
    box.rule("one", UNCLEAR, ruling="invalid", ground="writing", note="một chữ ký ở góc")
    for who in ("two", "head"):
        assert "một chữ ký ở góc" not in page(box, who, UNCLEAR)
        assert "Account one" not in page(box, who, UNCLEAR)
    box.rule("two", UNCLEAR, "1100")
    for who in ("one", "two", "three"):
        shown = page(box, who, UNCLEAR)
        assert "một chữ ký ở góc" in shown
        assert "Account one" in shown
        assert "Account two" in shown
    assert "một chữ ký ở góc" not in page(box, "three", UNCLEAR, "key_sheet")


def test_keying_in_shows_no_reading(box: Box) -> None:
    """Every name stands as on an unmarked paper, whatever was read."""
    pages = {letters: page(box, "one", letters, "key_sheet") for letters in CLEAR}
    plain = {text.replace(str(box.sheets[letters].pk), "") for letters, text in pages.items()}
    bare = {_without_tokens(text) for text in plain}
    assert len(bare) == 1
    assert "weak" not in page(box, "one", UNCLEAR, "key_sheet").casefold()


def _without_tokens(text: str) -> str:
    import re

    return re.sub(r'(nonce|value|content)="[^"]{20,}"|"X-CSRFToken": "[^"]*"|X-CSRFToken&quot;: &quot;\w+', "", text)


# By the pictures of all ballots -------------------------------------------------------------------


def test_a_member_keys_in_every_ballot_and_has_a_count(box: Box) -> None:
    one = box.world.people["one"]
    box.rule("one", UNCLEAR, "1100")
    with refused("elections.sheets_left"):
        actions.enter_by_sheets(one, box.now())
    box.all_by("one")
    actions.enter_by_sheets(one, box.now())
    entry = CountEntry.objects.get(slot="first")
    votes = dict(zip(box.names, (4, 4, 3, 3), strict=True))
    assert entry.figures == {"collected": 6, "valid": 5, "invalid": 1, "votes": votes, "against": {}}
    assert (entry.method, entry.by) == ("sheets", one)
    assert box.now().state == "counting"
    with refused("elections.entered_already"):
        actions.enter_by_sheets(one, box.now())


def test_three_ways_lead_to_one_result(box: Box) -> None:
    for who in ("one", "two"):
        box.all_by(who)
        actions.enter_by_sheets(box.world.people[who], box.now())
    assert box.now().state == "counting"
    actions.close_scan(box.world.people["head"], box.now())
    assert (box.now().state, box.ballot.collected, box.ballot.valid) == ("agreed", 6, 5)
    found = reads.grounds_of(box.now())
    assert (found.scanned, found.unseen, found.ruled) == (6, 0, 6)
    assert (dict(found.invalid), dict(found.not_counted)) == ({"too_many": 1}, {})


def test_whoever_was_outvoted_counts_as_the_board_has_ruled(box: Box) -> None:
    box.rule("two", UNCLEAR, "1100")
    box.rule("three", UNCLEAR, "1100")
    box.all_by("one", unclear="1110")
    actions.enter_by_sheets(box.world.people["one"], box.now())
    votes = dict(zip(box.names, (4, 4, 3, 3), strict=True))
    assert CountEntry.objects.get(slot="first").figures["votes"] == votes


def test_stacks_under_way_belong_to_the_count(box: Box) -> None:
    box.all_by("one")
    lay(box.form, [], number=2, state="reading")
    with refused("elections.sheets_coming"):
        actions.enter_by_sheets(box.world.people["one"], box.now())


def test_without_sheets_there_is_no_count(box: Box) -> None:
    Sheet.objects.all().delete()
    with refused("elections.no_sheets"):
        actions.enter_by_sheets(box.world.people["one"], box.now())


def test_who_is_not_on_the_board_has_no_count(box: Box) -> None:
    with refused("elections.not_on_board"):
        actions.enter_by_sheets(box.world.people["spare"], box.now())
    with refused("core.not_permitted"):
        actions.enter_by_sheets(box.world.people["organiser"], box.now())
    box.world.state("held")
    with refused("core.not_permitted"):
        actions.enter_by_sheets(box.world.people["one"], box.now())


def test_a_slip_of_one_who_keys_in_a_clear_ballot_is_no_dispute(box: Box) -> None:
    """Both would learn of it before their counts are in; the comparison of the counts tells it."""
    box.rule("one", CLEAR[0], CLEAR[0])
    box.rule("two", CLEAR[0], CLEAR[1])
    assert box.judged(CLEAR[0]).state == "clear"
    assert "Account one" not in page(box, "two", CLEAR[0], "key_sheet")


# Where the counts differ --------------------------------------------------------------------------


def differing(box: Box) -> None:
    """The first keys in every ballot with a slip on a clear one, the second totals, the scan is closed."""
    box.all_by("one")
    box.rule("one", CLEAR[0], CLEAR[1])
    actions.enter_by_sheets(box.world.people["one"], box.now())
    box.rule("two", UNCLEAR, "1100")
    box.rule("two", TOO_MANY, ruling="invalid", ground="too_many")
    actions.close_scan(box.world.people["two"], box.now())
    box.world.enter("two", box.now(), (4, 4, 3, 3), collected=6, invalid=1)
    assert box.now().state == "differing"


def test_ballots_that_differ_are_shown_to_the_third(box: Box) -> None:
    differing(box)
    head = box.world.people["head"]
    (found,) = reads.differing_sheets(head, box.ballot)
    assert (found.sheet, [one.path for one in found.voices]) == (box.sheets[CLEAR[0]], ["reader", "scan", "first"])
    assert set(found.names) == {key for key, a, b in zip(box.names, CLEAR[0], CLEAR[1], strict=True) if a != b}
    assert reads.differing_sheets(head, box.ballot, box.names[0]) == []
    answer = box.world.client("head").get(reverse("elections:differing_sheets", args=[box.ballot.pk]))
    assert answer.status_code == 200
    assert f"/elections/sheets/{found.sheet.pk}/pages/0" in answer.content.decode()


def test_ballots_that_differ_are_not_shown_to_those_who_keyed_in_nor_outside_the_board(box: Box) -> None:
    differing(box)
    for who in ("one", "two", "organiser", "auditor", "admin", "spare"):
        assert reads.differing_sheets(box.world.people[who], box.ballot) == []
    address = reverse("elections:differing_sheets", args=[box.ballot.pk])
    for who in ("one", "two"):
        answer = box.world.client(who).get(address)
        assert answer.status_code == 403
        assert "/elections/sheets/" not in answer.content.decode()


# Secrecy ------------------------------------------------------------------------------------------

OUTSIDE = (
    "admin", "auditor", "organiser", "viewer", "city", "neighbour", "neighbour_head", "cell", "cell_head", "member",
    "spare", "stranger",
)  # fmt: skip


def addresses(box: Box) -> list[str]:
    """Every address that is about sheets."""
    sheet = box.sheets[UNCLEAR].pk
    mine = [reverse(f"elections:{name}", args=[sheet]) for name in ("sheet", "key_sheet")]
    pictures = [reverse(f"elections:{name}", args=[sheet, 0]) for name in ("sheet_picture", "sheet_crop")]
    pages = [
        reverse(f"elections:{name}", args=[box.ballot.pk]) for name in ("adjudicate", "key_sheets", "differing_sheets")
    ]
    return [*mine, *pictures, *pages]


def test_sheets_are_nobodys_business_but_the_boards(box: Box) -> None:
    found = []
    for who in OUTSIDE:
        client = box.world.client(who)
        for one in addresses(box):
            answers = client.get(one).status_code, client.post(one).status_code
            if answers[0] != 404 or answers[1] not in (404, 405):
                found.append(f"{who} {one} {answers}")
    assert found == []


def test_the_board_of_another_congress_finds_nothing(box: Box) -> None:
    """A counting board with every right in the same ward, but of another congress."""
    congress = box.world.congress
    others = type(congress).objects.get(pk=congress.pk)
    others.pk, others._state.adding = None, True
    others.unit = box.world.units["other"]
    others.save()
    congress.board.update(congress=others)
    for who in ("head", "one"):
        assert {box.world.client(who).get(one).status_code for one in addresses(box)} == {404}


def test_anybody_is_sent_to_the_login(box: Box) -> None:
    assert {Client().get(one).status_code for one in addresses(box)} == {302}


def test_the_book_learns_a_seal_and_no_mark(box: Box) -> None:
    before = Entry.objects.count()
    kept = box.rule("one", UNCLEAR, "1100")
    box.rule("two", UNCLEAR, ruling="invalid", ground="writing", note="chữ ký")
    box.all_by("three")
    actions.enter_by_sheets(box.world.people["three"], box.now())
    lines = list(Entry.objects.order_by("pk")[before:])
    assert {line.action for line in lines} == {"elections.adjudicate", "elections.enter_by_sheets"}
    allowed = {"sheet", "by", "seal"}
    for line in lines:
        if line.action == "elections.adjudicate":
            assert (set(line.after), line.before) == (allowed, {})
        else:
            assert set(line.after) - allowed <= {"slot", "state"}
        text = f"{line.before} {line.after}"
        assert not any(
            word in text for word in ("chosen", "rejected", "valid", "writing", "chữ ký", "too_many", "marks")
        )
    said = {"ruling": "valid", "ground": "", "marks": box.marks("1100"), "note": ""}
    assert lines[0].after["seal"] == kept.seal == seal_of(said, kept.salt)


def test_nothing_of_a_ballot_goes_into_the_log_or_a_job(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    client = box.world.client("one")
    address = reverse("elections:sheet", args=[box.sheets[UNCLEAR].pk])
    client.get(address)
    client.post(address, {"verdict": "valid"} | {f"mark_{key}": "chosen" for key in box.names})
    client.post(address, {"verdict": "invalid:writing"})
    box.all_by("one")
    words = {*box.names, "chosen", "writing", "too_many", str(box.sheets[UNCLEAR].pk)}
    told = [one for one in caplog.records if not one.name.startswith(("django.db", "asyncio"))]
    for one in told:
        text = one.getMessage()
        assert not any(word in text.split() for word in words), text
        assert "mark_" not in text
    assert not Job.objects.exists()


def test_an_agreed_count_opens_entries_in_the_book_but_no_sheet(box: Box) -> None:
    for who in ("one", "two"):
        box.all_by(who)
        actions.enter_by_sheets(box.world.people[who], box.now())
    actions.close_scan(box.world.people["head"], box.now())
    line = Entry.objects.filter(action="elections.close_scan").get()
    assert {one["slot"] for one in line.after["entries"]} == {"first", "second", "scan"}
    assert not any(str(one.pk) in str(line.after) or one.key in str(line.after) for one in box.sheets.values())
