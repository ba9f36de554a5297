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

pytestmark = pytest.mark.once

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
    """What `who` gets from every address of the room, the files included."""
    client, found = world.client(who), {}
    for url in addresses(world, ballot):
        answer = client.get(url)
        found[url] = answer.content.decode("utf-8", "replace") + str(dict(answer.headers))
    return found


def the_book(world: World) -> dict[str, str]:
    """The minute book's pages about the elections, as an auditor reads them."""
    client = world.client("auditor")
    lines = Entry.objects.filter(action__in=["elections.enter_count", "elections.repeat_count"])
    urls = [reverse("core:book"), *(reverse("core:entry", args=[line.seq]) for line in lines)]
    return {url: client.get(url).content.decode() for url in urls}


def addresses(world: World, ballot: Ballot) -> list[str]:
    candidate = ballot.names()[0]
    ids: dict[str, Any] = {"congress": world.congress.pk, "ballots": ballot.pk, "candidates": candidate.pk}
    urls = []
    for pattern in urlpatterns:
        pk = ids.get(str(pattern.pattern).partition("/")[0], ballot.contest_id)
        values = {"pk": pk, "kind": "docx", "number": 1, "page": 0, "index": 0}
        wanted = {key: values[key] for key in pattern.pattern.converters}
        urls.append(reverse(f"elections:{pattern.name}", kwargs=wanted))
    files = [reverse("elections:record", args=[ballot.pk, kind]) for kind in ("docx", "pdf")]
    shown_as_files = ("result", "compare", "recounts")
    tables = [reverse(f"elections:{name}", args=[ballot.pk]) + "?_export=csv&all" for name in shown_as_files]
    return [*urls, *files, *tables]


def test_after_the_first_entry(world: World, counting: Ballot) -> None:
    for who in ("organiser", "head", "one", "two", "auditor"):
        for url, text in every_answer(world, counting, who).items():
            assert not shown(text), (who, url)
    assert not any(shown(text) for text in the_book(world).values())


def test_while_they_differ_only_a_third_member_compares(world: World, counting: Ballot) -> None:
    world.enter("two", counting, OTHER, **ISSUED)
    counting.refresh_from_db()
    assert counting.state == "differing"
    for who in ("organiser", "one", "two", "admin"):
        for url, text in every_answer(world, counting, who).items():
            assert not shown(text), (who, url)
    assert not any(shown(text) for text in the_book(world).values())
    third = world.client("three").get(reverse("elections:compare", args=[counting.pk]))
    assert shown(third.content.decode()) == {"65432", "65431"}


def test_a_repeated_count_does_not_open_the_earlier_entries(world: World, counting: Ballot) -> None:
    world.enter("two", counting, OTHER, **ISSUED)
    counting.refresh_from_db()
    actions.repeat_count(world.people["head"], counting, reason="Đếm lại")
    world.enter("two", counting, FIRST, **ISSUED)
    for who in ("head", "three"):
        for url, text in every_answer(world, counting, who).items():
            assert not shown(text), (who, url)
    assert not any(shown(text) for text in the_book(world).values())


def test_a_refused_entry_leaves_nothing_behind(world: World, counting: Ballot) -> None:
    typed = {"attempt": 1, "collected": 1, "valid": 65431, "invalid": 0, "step": "review"}
    answer = world.client("two").post(reverse("elections:enter_count", args=[counting.pk]), typed)
    assert answer.status_code == 422
    assert shown(answer.content.decode()) == {"65431"}
    page = world.client("three").get(reverse("elections:ballot", args=[counting.pk])).content.decode()
    assert not shown(page)


def test_the_book_and_the_desk_tell_nothing(world: World, counting: Ballot) -> None:
    from conventus.core.clock import today

    lines = Entry.objects.all()
    assert not shown("".join(f"{line.before}{line.after}" for line in lines))
    for user in world.people.everybody().values():
        assert not shown(str(reads.desk_items(user, today())))


def test_the_congress_page_fragment_tells_nothing(world: World, counting: Ballot) -> None:
    url = reverse("elections:contests_of", args=[world.congress.pk])
    answer = world.client("head").get(url, headers={"HX-Request": "true"})
    assert not shown(answer.content.decode())


def test_once_agreed_everybody_who_may_see_the_ballot_sees_how(world: World, counting: Ballot) -> None:
    world.enter("two", counting, FIRST, **ISSUED)
    page = world.client("viewer").get(reverse("elections:compare", args=[counting.pk])).content.decode()
    assert shown(page) >= set(map(str, FIRST))
