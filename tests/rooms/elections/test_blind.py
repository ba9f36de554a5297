"""Nobody sees a figure of the first entry before both are in: no role, no page, no file, no line of the book."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from conventus.core.models import Entry
from conventus.elections import actions, reads
from conventus.elections.models import Ballot
from conventus.elections.urls import urlpatterns

from .conftest import World

FIRST = (54321, 65432, 43219, 32198)
OTHER = (54321, 65431, 43219, 32198)
ISSUED = {"collected": 70013, "valid": 69876, "invalid": 137}
SECRETS = {*map(str, FIRST), "65431", "70013", "69876"}


@pytest.fixture
def counting(world: World) -> Ballot:
    """A large ballot whose first entry is in; its figures are unlike any other number."""
    world.figures = {**world.figures, "official_summoned": 100_010}
    world.present = 90_000
    ballot = world.issued(issued=80_000)
    world.enter("one", ballot, FIRST, **ISSUED)
    ballot.refresh_from_db()
    return ballot


def shown(text: str) -> set[str]:
    """The secret figures in a text, however they are grouped."""
    plain = text.replace(",", "").replace(".", "").replace("\u00a0", "").replace("\u202f", "")
    return {secret for secret in SECRETS if secret in text or secret in plain}


def every_answer(world: World, ballot: Ballot, who: str) -> dict[str, str]:
    """What `who` gets from every address of the room, the files and the book included."""
    client = world.client(who)
    urls = [url for url in addresses(world, ballot)]
    lines = Entry.objects.filter(action__startswith="elections.").values_list("seq", flat=True)
    urls += [reverse("core:book"), *(reverse("core:entry", args=[seq]) for seq in lines)]
    found = {}
    for url in urls:
        answer = client.get(url)
        found[url] = answer.content.decode("utf-8", "replace") + str(dict(answer.headers))
    return found


def addresses(world: World, ballot: Ballot) -> list[str]:
    candidate = ballot.names()[0]
    ids: dict[str, Any] = {"congress": world.congress.pk, "ballots": ballot.pk, "candidates": candidate.pk}
    urls = []
    for pattern in urlpatterns:
        route = str(pattern.pattern)
        pk = ids.get(route.partition("/")[0], ballot.contest_id)
        for more in (["docx"], ["pdf"]) if "record" in route else ([],):
            url = reverse(f"elections:{pattern.name}", args=[pk, *more])
            urls += [url, url + "?all", url + "?_export=csv"]
    return urls


EVERYBODY = ("organiser", "head", "one", "two", "three", "spare", "viewer", "auditor", "admin", "city")


@pytest.mark.parametrize("who", EVERYBODY)
def test_after_the_first_entry(world: World, counting: Ballot, who: str) -> None:
    for url, text in every_answer(world, counting, who).items():
        assert not shown(text), url


@pytest.mark.parametrize("who", [name for name in EVERYBODY if name not in ("head", "three")])
def test_while_they_differ_only_a_third_member_compares(world: World, counting: Ballot, who: str) -> None:
    world.enter("two", counting, OTHER, **ISSUED)
    counting.refresh_from_db()
    assert counting.state == "differing"
    for url, text in every_answer(world, counting, who).items():
        assert not shown(text), url
    third = world.client("three").get(reverse("elections:compare", args=[counting.pk]))
    assert shown(third.content.decode()) == {"65432", "65431"}


@pytest.mark.parametrize("who", ["head", "one", "three", "auditor"])
def test_a_repeated_count_does_not_open_the_earlier_entries(world: World, counting: Ballot, who: str) -> None:
    world.enter("two", counting, OTHER, **ISSUED)
    counting.refresh_from_db()
    actions.repeat_count(world.people["head"], counting, reason="Đếm lại")
    for url, text in every_answer(world, counting, who).items():
        assert not shown(text), url
    world.enter("two", counting, FIRST, **ISSUED)
    for url, text in every_answer(world, counting, who).items():
        assert not shown(text), url


def test_a_refused_entry_leaves_nothing_behind(world: World, counting: Ballot) -> None:
    typed = {"attempt": 1, "collected": 1, "valid": 65431, "invalid": 0, "step": "review"}
    answer = world.client("two").post(reverse("elections:enter_count", args=[counting.pk]), typed)
    assert answer.status_code == 422
    assert shown(answer.content.decode()) == {"65431"}
    assert not any(shown(text) for text in every_answer(world, counting, "three").values())


def test_the_book_and_the_desk_tell_nothing(world: World, counting: Ballot) -> None:
    from conventus.core.clock import today

    lines = Entry.objects.all()
    assert not shown("".join(f"{line.before}{line.after}" for line in lines))
    for user in world.people.values():
        assert not shown(str(reads.desk_items(user, today())))


def test_the_congress_page_fragment_tells_nothing(world: World, counting: Ballot) -> None:
    url = reverse("elections:contests_of", args=[world.congress.pk])
    answer = world.client("head").get(url, headers={"HX-Request": "true"})
    assert not shown(answer.content.decode())


def test_once_agreed_everybody_who_may_see_the_ballot_sees_how(world: World, counting: Ballot) -> None:
    world.enter("two", counting, FIRST, **ISSUED)
    page = world.client("viewer").get(reverse("elections:compare", args=[counting.pk])).content.decode()
    assert shown(page) >= set(map(str, FIRST))
