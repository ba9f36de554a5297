"""The pages: each opens for those it is for, works without scripts, and does not exist for strangers and neighbours."""

from __future__ import annotations

import io
import re

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document

from conventus.elections import actions
from conventus.elections.models import Ballot, Contest
from conventus.elections.urls import urlpatterns

from .conftest import BOARD, World

OUTSIDERS = ("stranger", "neighbour", "neighbour_head", "cell", "cell_head", "member")
VOTES = (80, 70, 60, 31)


def get(client: Client, name: str, pk: int, *more: str, query: str = "") -> str:
    answer = client.get(reverse(f"elections:{name}", args=[pk, *more]) + query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_the_elections_of_a_congress(world: World) -> None:
    client = world.client("organiser")
    page = get(client, "contests_of", world.congress.pk)
    assert "No election yet" in page
    assert "No counting board yet" in page
    (here,) = re.findall(r'href="([^"]+)"[^>]*aria-current="page"', page.partition("</nav>")[0])
    assert here == reverse("cycle:cycles")
    world.listed()
    world.board()
    page = get(client, "contests_of", world.congress.pk)
    assert "Ban Chấp hành" in page
    assert "Người head" in page
    fragment = client.get(reverse("elections:contests_of", args=[world.congress.pk]), headers={"HX-Request": "true"})
    assert b"<html" not in fragment.content
    congress = client.get(reverse("cycle:congress", args=[world.congress.pk])).content.decode()
    assert f'hx-get="{reverse("elections:contests_of", args=[world.congress.pk])}"' in congress
    assert "Ban Chấp hành" in fragment.content.decode()


def test_the_whole_way_through_the_pages(world: World) -> None:
    world.people.everybody()
    organiser, head, one, two = (world.client(name) for name in ("organiser", "head", "one", "two"))
    board = {f"member_{number}": f"Người {name} · B-{name}" for number, name in enumerate(BOARD, 1)} | {"head": "1"}
    assert organiser.post(reverse("elections:board", args=[world.congress.pk]), board).status_code == 302
    begun = {"body": "committee", "title": "Ban Chấp hành", "seats": "3"}
    answer = organiser.post(reverse("elections:open_contest", args=[world.congress.pk]), begun)
    contest = Contest.objects.get()
    assert answer["Location"] == reverse("elections:add_candidate", args=[contest.pk])
    ticked = {"people": [person.pk for person in world.members.first(4)], "source": "prepared"}
    assert organiser.post(answer["Location"], ticked).status_code == 302
    assert contest.candidates.count() == 4
    page = get(organiser, "close_list", contest.pk)
    assert "3 seats: prepare 1 more, at most 1." in page
    assert organiser.post(reverse("elections:close_list", args=[contest.pk]), {"decision": ""}).status_code == 302
    answer = organiser.post(reverse("elections:prepare_ballot", args=[contest.pk]))
    ballot = Ballot.objects.get()
    assert answer["Location"] == reverse("elections:electorate", args=[ballot.pk])
    figures = {**world.figures, "present": 90}
    assert organiser.post(answer["Location"], figures).status_code == 302
    assert head.post(reverse("elections:issue", args=[ballot.pk]), {"issued": "88"}).status_code == 302
    for client in (one, two):
        typed, url = keyed(ballot, VOTES), reverse("elections:enter_count", args=[ballot.pk])
        review = client.post(url, typed)
        assert review.status_code == 200
        assert "Save as my entry" in review.content.decode()
        assert client.post(url, typed | {"step": "save"}).status_code == 302
    page = get(head, "ballot", ballot.pk)
    assert "W02" in page
    assert "Accept every warning first" in page
    accepted = {"code": "elections.W02", "reason": "Hai người vắng lúc phát phiếu"}
    assert head.post(reverse("elections:accept_warning", args=[ballot.pk]), accepted).status_code == 302
    declared = head.post(reverse("elections:declare", args=[ballot.pk]))
    assert declared["Location"] == reverse("elections:result", args=[ballot.pk])
    page = get(world.client("viewer"), "result", ballot.pk)
    assert page.count("badge is-ok") >= 3
    assert "46" in page
    assert get(world.client("viewer"), "contest", contest.pk).count("Lê Văn An") >= 2


def keyed(ballot: Ballot, votes: tuple[int, ...], **more: object) -> dict[str, object]:
    """What a browser sends for a count."""
    facts: dict[str, object] = {"attempt": ballot.attempt, "collected": 88, "valid": 88, "invalid": 0}
    facts |= {f"votes_{one.pk}": vote for one, vote in zip(ballot.names(), votes, strict=True)}
    return facts | more


def test_errors_keep_everything_that_was_typed(world: World) -> None:
    ballot = world.issued()
    url = reverse("elections:enter_count", args=[ballot.pk])
    typed = keyed(ballot, (79, 70, 60, 31), valid=85, collected="")
    for step in ("review", "save"):
        answer = world.client("one").post(url, typed | {"step": step})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "E01" in page
        assert 'value="79"' in page
        assert 'value="85"' in page
    answer = world.client("one").post(url, typed | {"collected": "88", "step": "review"})
    assert "E06" in answer.content.decode()
    answer = world.client("one").post(url, typed | {"collected": "many", "step": "review"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="many"' in page
    assert 'value="79"' in page
    assert not ballot.entries.exists()


def test_the_review_leads_back_to_the_figures(world: World) -> None:
    ballot = world.issued()
    url = reverse("elections:enter_count", args=[ballot.pk])
    page = world.client("one").post(url, keyed(ballot, VOTES) | {"step": "edit"}).content.decode()
    assert 'value="31"' in page
    assert "Check the figures" in page


def test_whoever_comes_too_late_sees_what_they_typed(world: World) -> None:
    ballot = world.issued()
    typed = keyed(ballot, VOTES)
    world.agreed(ballot, VOTES)
    answer = world.client("three").post(reverse("elections:enter_count", args=[ballot.pk]), typed | {"step": "save"})
    assert answer.status_code == 422
    assert "What you typed was not saved" in answer.content.decode()


def test_two_entries_at_the_same_time_do_not_hinder_each_other(world: World) -> None:
    ballot = world.issued()
    url = reverse("elections:enter_count", args=[ballot.pk])
    first, second = world.client("one"), world.client("two")
    for client in (first, second):
        assert "First entry" in client.get(url).content.decode()
    assert first.post(url, keyed(ballot, VOTES) | {"step": "save"}).status_code == 302
    assert second.post(url, keyed(ballot, VOTES) | {"step": "save"}).status_code == 302
    ballot.refresh_from_db()
    assert ballot.state == "agreed"


def test_an_entry_for_a_former_count_is_not_taken(world: World) -> None:
    ballot = world.issued()
    world.enter("one", ballot, VOTES)
    typed = keyed(ballot, VOTES)
    ballot.refresh_from_db()
    actions.repeat_count(world.people["head"], ballot, reason="Bó phiếu sót")
    answer = world.client("two").post(reverse("elections:enter_count", args=[ballot.pk]), typed | {"step": "save"})
    assert answer.status_code == 422
    assert "being repeated" in answer.content.decode()


def test_settling_a_difference_on_the_page(world: World) -> None:
    ballot = world.issued()
    world.enter("one", ballot, VOTES)
    world.enter("two", ballot, (80, 70, 61, 31))
    url, name = reverse("elections:compare", args=[ballot.pk]), ballot.names()[2].pk
    client = world.client("head")
    page = client.get(url).content.decode()
    assert "1 figure differs" in page
    assert "Trần Văn Cường" in page
    assert "Lê Văn An" not in page
    assert "Lê Văn An" in client.get(url + "?all").content.decode()
    refused = client.post(url, {"reason": "Đếm lại"})
    assert refused.status_code == 422
    assert "Decide “Trần Văn Cường”" in refused.content.decode()
    own = {f"take_votes_{name}": "own", f"own_votes_{name}": "62", "reason": "Đếm lại"}
    refused = client.post(url, own)
    assert refused.status_code == 422
    assert 'value="62"' in refused.content.decode()
    assert client.post(url, own | {f"why_votes_{name}": "Đếm 3 lần"}).status_code == 302
    ballot.refresh_from_db()
    assert ballot.state == "agreed"
    page = get(world.client("viewer"), "compare", ballot.pk)
    assert "Đếm 3 lần" in page
    assert "62" in page


def test_candidates_from_the_floor_and_by_name(world: World) -> None:
    contest = world.contest(7, 8)
    world.members.first(12)
    url = reverse("elections:add_candidate", args=[contest.pk])
    client = world.client("organiser")
    assert "Nga" in client.get(url + "?q=duong nga").content.decode()
    floor = {"people": [world.members[9].pk], "source": "floor", "opinion_votes": "27", "attending": "90"}
    refused = client.post(url, floor)
    assert refused.status_code == 422
    assert "28 are needed" in refused.content.decode()
    assert client.post(url, floor | {"opinion_votes": "28"}).status_code == 302
    assert client.post(url, {"name": "Khách mời", "born": "1970", "source": "prepared"}).status_code == 302
    assert client.post(url, {"source": "prepared"}).status_code == 422
    assert contest.candidates.count() == 10
    guest = contest.candidates.get(name="Khách mời")
    assert client.post(reverse("elections:withdraw_candidate", args=[guest.pk])).status_code == 302
    assert "withdrawn" in get(client, "contest", contest.pk)
    assert "needs a decision" in client.get(reverse("elections:close_list", args=[contest.pk])).content.decode().lower()
    refused = client.post(reverse("elections:close_list", args=[contest.pk]), {"decision": ""})
    assert refused.status_code == 422
    assert client.post(reverse("elections:close_list", args=[contest.pk]), {"decision": "85/90"}).status_code == 302


def test_one_refused_name_adds_none(world: World) -> None:
    contest = world.contest(3, 1)
    people = [world.members[5].pk, world.members[0].pk]
    answer = world.client("organiser").post(
        reverse("elections:add_candidate", args=[contest.pk]), {"people": people, "source": "prepared"}
    )
    assert answer.status_code == 422
    assert contest.candidates.count() == 1


def test_the_board_form_says_what_is_wrong(world: World) -> None:
    client, url = world.client("organiser"), reverse("elections:board", args=[world.congress.pk])
    answer = client.post(url, {"member_1": "Nobody · X1", "head": "1"})
    assert answer.status_code == 422
    assert "Choose a member from the list" in answer.content.decode()
    answer = client.post(url, {"member_1": "B-head", "member_2": "B-one", "head": "1"})
    assert answer.status_code == 422
    assert "at least 3" in answer.content.decode()


def test_a_tie_and_a_decision_on_the_pages(world: World) -> None:
    first = world.declared(world.issued(), (80, 40, 30, 20))
    client, contest = world.client("organiser"), first.contest
    page = get(client, "result", first.pk)
    assert "Record the decision" in page
    page = get(client, "decide", contest.pk)
    assert "Ballot again" in page
    refused = client.post(reverse("elections:decide", args=[contest.pk]), {"open_seats": "1", "reason": "x"})
    assert refused.status_code == 422
    refused = client.post(reverse("elections:prepare_ballot", args=[contest.pk]), {"reason": ""})
    assert refused.status_code == 422
    kept = {"open_seats": "2", "reason": "Kiện toàn sau"}
    assert client.post(reverse("elections:decide", args=[contest.pk]), kept).status_code == 302
    assert "Kiện toàn sau" in get(client, "contest", contest.pk)
    assert "There is nothing to decide" in get(client, "decide", contest.pk)


def test_the_lot_on_the_page(assembly: World) -> None:
    contest = assembly.listed(1, 2, body="chair", title="Chair")
    for _round in range(3):
        assembly.declared(assembly.issued(contest, 88), (44, 44))
    client, url = assembly.client("head"), reverse("elections:draw_lot", args=[contest.pk])
    assert "Draw lots" in client.get(url).content.decode()
    drawn = contest.candidates.first()
    assert drawn is not None
    assert client.post(url, {"drawn": [drawn.pk], "reason": "By the head"}).status_code == 302
    assert client.post(url, {"drawn": [drawn.pk], "reason": "By the head"}).status_code == 422


@pytest.mark.once
@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_the_record(world: World, kind: str) -> None:
    ballot = world.agreed(world.issued(), VOTES)
    client, url = world.client("viewer"), reverse("elections:record", args=[ballot.pk, kind])
    draft = client.get(url)
    world.accept_all(ballot)
    actions.declare_result(world.people["head"], ballot)
    final = client.get(url)
    assert (draft.status_code, final.status_code) == (200, 200)
    assert draft.content != final.content
    assert final.content.startswith({"docx": b"PK", "pdf": b"%PDF"}[kind])
    assert f"-1.{kind}" in final["Content-Disposition"]
    assert client.get(reverse("elections:record", args=[ballot.pk, "txt"])).status_code == 404


@pytest.mark.once
def test_the_record_says_what_was_counted(world: World) -> None:
    ballot = world.declared(world.issued(), (80, 60, 50, 50), collected=87)
    answer = world.client("viewer").get(reverse("elections:record", args=[ballot.pk, "docx"]))
    document = Document(io.BytesIO(answer.content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    words = " ".join([*cells, *(paragraph.text for paragraph in document.paragraphs)])
    figures = ("Lê Văn An", "46", "Người head", "W01", "Đã kiểm tra", "Equal votes for the last seat", "190-QĐ/TW")
    for expected in figures:
        assert expected in words, expected


@pytest.mark.once
def test_the_result_as_a_file(world: World) -> None:
    ballot = world.declared(world.issued(), VOTES)
    answer = world.client("viewer").get(reverse("elections:result", args=[ballot.pk]) + "?_export=csv")
    text = answer.content.decode("utf-8-sig")
    assert text.splitlines()[1].split(",")[:4] == ["1", "1", "Lê Văn An", "80"]


@pytest.mark.once
def test_the_candidates_as_a_file(world: World) -> None:
    contest = world.listed()
    answer = world.client("viewer").get(reverse("elections:contest", args=[contest.pk]) + "?_export=csv")
    assert "Lê Văn An" in answer.content.decode()
    poster = get(world.client("viewer"), "poster", contest.pk)
    assert "4 names, 3 to be elected" in poster


@pytest.mark.once
def test_for_outsiders_nothing_is_there(world: World) -> None:
    ballot = world.declared(world.issued(), VOTES)
    urls = every_url(world, ballot)
    for who in OUTSIDERS:
        client = world.client(who)
        for url in urls:
            answer = client.get(url)
            if answer.status_code == 405:
                answer = client.post(url)
            assert answer.status_code == 404, (who, url)


@pytest.mark.once
def test_forms_are_not_there_for_outsiders_either(world: World) -> None:
    ballot = world.issued()
    client = world.client("neighbour_head")
    for url in every_url(world, ballot):
        assert client.post(url).status_code in (404, 405), url


def every_url(world: World, ballot: Ballot) -> list[str]:
    candidate = ballot.contest.candidates.first()
    assert candidate is not None
    urls = []
    for pattern in urlpatterns:
        route = str(pattern.pattern)
        pk = world.congress.pk if route.startswith("congress") else ballot.pk if route.startswith("ballots") else 0
        pk = candidate.pk if route.startswith("candidates") else pk or ballot.contest.pk
        values = {"pk": pk, "kind": "pdf", "number": 1, "page": 0, "index": 0}
        wanted = pattern.pattern.converters
        if "pk" in wanted:
            urls.append(reverse(f"elections:{pattern.name}", kwargs={key: values[key] for key in wanted}))
    return urls


@pytest.mark.once
def test_nobody_gets_in_without_signing_in(world: World) -> None:
    ballot = world.declared(world.issued(), VOTES)
    for url in every_url(world, ballot):
        answer = Client().get(url)
        assert answer.status_code == 302
        assert "login" in answer["Location"]


FORMS = {
    "board": "viewer", "open_contest": "viewer", "change_contest": "head", "add_candidate": "viewer",
    "close_list": "head", "prepare_ballot": "one", "electorate": "viewer", "issue": "organiser",
    "enter_count": "admin", "repeat_count": "viewer", "choose_paths": "viewer", "decide": "head",
    "draw_lot": "organiser",
}  # fmt: skip
"""Each form, and a role that sees the elections but not this form."""


@pytest.mark.once
def test_forms_are_refused_to_other_roles(world: World) -> None:
    ballot = world.issued()
    of_congress, of_ballot = (
        ("board", "open_contest"),
        ("electorate", "issue", "enter_count", "repeat_count", "choose_paths"),
    )
    for name, who in FORMS.items():
        pk = world.congress.pk if name in of_congress else ballot.pk if name in of_ballot else ballot.contest_id
        assert world.client(who).get(reverse(f"elections:{name}", args=[pk])).status_code == 403, name


def test_the_head_chooses_the_ways_of_counting(world: World) -> None:
    ballot = world.issued()
    head, address = world.client("head"), reverse("elections:choose_paths", args=[ballot.pk])
    assert address in head.get(reverse("elections:ballot", args=[ballot.pk])).content.decode()
    refused = head.post(address, {"paths": ["scan", "first"], "row_version": str(ballot.version)})
    assert refused.status_code == 422
    assert "Add it to the ways in which this ballot is counted." in refused.content.decode()
    done = head.post(address, {"paths": ["second", "scan", "first"], "row_version": str(ballot.version)})
    assert done.status_code == 302
    ballot.refresh_from_db()
    assert ballot.paths == ["scan", "first", "second"]


@pytest.mark.once
def test_after_the_session_the_forms_are_closed(world: World) -> None:
    ballot = world.issued()
    world.state("held")
    for name in ("enter_count", "issue"):
        assert world.client("one").get(reverse(f"elections:{name}", args=[ballot.pk])).status_code == 403
    assert world.client("one").get(reverse("elections:ballot", args=[ballot.pk])).status_code == 200
