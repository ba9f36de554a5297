"""The access page: who may what here, roles given and ended, accounts opened, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conventus.core.models import Entry, Grant, User
from tests.rooms.org.house import House

SignedIn = Callable[[User], Client]


def text(response: Any) -> str:
    return response.content.decode()  # type: ignore[no-any-return]


def page_of(house: House, client: Client, **query: str) -> Any:
    return client.get(reverse("org:access", args=[house.city.pk]), query)


def test_grants_here_and_below_are_listed(house: House, as_: SignedIn) -> None:
    page = page_of(house, as_(house.admin))
    here = {(row["grant"].user.username, str(row["role"])) for row in page.context["here"]}
    assert here == {("admin", "administrator"), ("organiser", "organising officer"), ("viewer", "viewer")}
    assert [row["grant"].user.username for row in page.context["below"]] == ["below"]
    assert page.context["above"] == []
    assert "beside" not in text(page)
    assert page_of(house, as_(house.admin), q="dong ngan").context["page"].paginator.count == 1
    assert page_of(house, as_(house.admin), q="nobody").context["page"].paginator.count == 0


def test_the_level_below_sees_no_grants_above_that_it_does_not_manage(house: House, as_: SignedIn) -> None:
    page = as_(house.below).get(reverse("org:access", args=[house.ward.pk]))
    assert page.context["above"] == []
    mine = as_(house.admin).get(reverse("org:access", args=[house.ward.pk]))
    assert {row["grant"].user.username for row in mine.context["above"]} == {"admin", "organiser", "viewer"}


def test_a_role_is_given_and_ended(house: House, as_: SignedIn) -> None:
    client = as_(house.admin)
    address = reverse("org:give_grant", args=[house.city.pk])
    sent = {"user": "STRANGER · Account stranger", "role": "appraiser", "phase": "", "valid_from": "2025-02-20"}
    assert client.post(address, sent).status_code == 302
    grant = Grant.objects.get(user=house.stranger)
    assert (grant.role, grant.unit) == ("appraiser", house.city)
    assert as_(house.stranger).get(reverse("org:unit", args=[house.ward.pk])).status_code == 200
    ending = reverse("org:end_grant", args=[grant.pk])
    answer = client.post(ending, {"row_version": grant.version, "from": house.city.pk})
    assert answer.headers["Location"] == reverse("org:access", args=[house.city.pk])
    assert as_(house.stranger).get(reverse("org:unit", args=[house.ward.pk])).status_code == 404
    assert client.post(ending, {}).status_code == 422
    assert Entry.objects.filter(action="core.end_grant").count() == 1


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"user": "nobody"}, "user"),
        ({"user": "system.tests"}, "user"),
        ({"user": "admin"}, "user"),
        ({"role": "king"}, "role"),
        ({"valid_to": "2024-01-01"}, "valid_to"),
    ],
)
def test_a_role_that_cannot_be_given(house: House, as_: SignedIn, sent: dict[str, str], field: str) -> None:
    address = reverse("org:give_grant", args=[house.city.pk])
    whole = {"user": "stranger", "role": "viewer", "phase": "", "valid_from": "2025-02-20"} | sent
    answer = as_(house.admin).post(address, whole)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Grant.objects.filter(user=house.stranger).exists()


def test_an_account_is_opened_with_its_first_role(house: House, as_: SignedIn) -> None:
    address = reverse("org:open_account", args=[house.ward.pk])
    sent = {"full_name": "Đỗ Thị Mẫu", "username": "do.mau", "role": "organiser", "password": "một-mật-khẩu-dài-hơn"}
    assert as_(house.admin).post(address, sent).status_code == 302
    user = User.objects.get(username="do.mau")
    assert user.check_password("một-mật-khẩu-dài-hơn")
    assert as_(user).get(reverse("org:unit", args=[house.ward.pk])).status_code == 200
    assert as_(user).get(reverse("org:unit", args=[house.city.pk])).status_code == 404


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"username": "Viewer"}, "username"),
        ({"password": "short"}, "password"),
        ({"password": ""}, "password"),
    ],
)
def test_an_account_that_cannot_be_opened(house: House, as_: SignedIn, sent: dict[str, str], field: str) -> None:
    address = reverse("org:open_account", args=[house.ward.pk])
    whole = {"full_name": "Đỗ Thị Mẫu", "username": "do.mau", "role": "organiser", "password": "một-mật-khẩu-dài-hơn"}
    answer = as_(house.admin).post(address, whole | sent)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not User.objects.filter(username="do.mau").exists()


def ask(house: House, client: Client, who: str, what: str, phase: str = "") -> dict[str, Any]:
    answer = page_of(house, client, who=who, what=what, phase=phase).context["answer"]
    assert isinstance(answer, dict)
    return answer


def test_the_page_explains_why(house: House, as_: SignedIn) -> None:
    client = as_(house.admin)
    yes = ask(house, client, "organiser", "org.found_unit")
    assert (yes["may"], yes["office"]) == (True, "organiser @ C1")
    no = ask(house, client, "viewer", "org.found_unit")
    assert not no["may"]
    assert "org.manage" in no["words"]
    assert [(part["reaches"], part["carries"]) for part in no["grants"]] == [(True, False)]
    far = ask(house, client, "below", "org.found_unit")
    assert [(part["reaches"], part["carries"], part["now"]) for part in far["grants"]] == [(False, True, True)]
    assert ask(house, client, "stranger", "org.found_unit")["grants"] == []


def test_the_page_explains_phases(house: House, as_: SignedIn) -> None:
    client = as_(house.admin)
    assert ask(house, client, "organiser", "cycle.set_date", "preparation")["may"]
    after = ask(house, client, "organiser", "cycle.set_date", "after")
    assert not after["may"]
    assert [(part["carries"], part["now"], part["phases"]) for part in after["grants"]] == [
        (True, False, "preparation")
    ]


def test_a_question_about_nobody(house: House, as_: SignedIn) -> None:
    page = page_of(house, as_(house.admin), who="nobody", what="org.found_unit")
    assert page.status_code == 200
    assert page.context["answer"] is None
    assert "no account with this user name" in text(page)
