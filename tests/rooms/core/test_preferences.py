"""One's own preferences, languages, and what the middleware does around every page."""

from __future__ import annotations

import pytest
from django.test import Client

from conventus.core.models import Entry, User
from tests.rooms.core.conftest import Place

PAGE = "/preferences"


@pytest.fixture
def user(place: Place) -> User:
    """Somebody with an account and a role."""
    return place.person("somebody", place.left)


@pytest.fixture
def signed_in(user: User, client: Client) -> Client:
    """Their browser."""
    client.force_login(user)
    return client


def choose(client: Client, **chosen: str) -> int:
    """Send the form; gives the status."""
    return client.post(PAGE, {"language": ""} | chosen).status_code


def test_a_stranger_is_sent_to_the_login(client: Client, db: None) -> None:
    answer = client.get(PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/account/login/?next={PAGE}")


def test_the_language_is_kept(signed_in: Client, user: User) -> None:
    assert choose(signed_in, language="vi") == 302
    user.refresh_from_db()
    assert user.language == "vi"


def test_it_leaves_no_line_in_the_book(signed_in: Client) -> None:
    choose(signed_in, language="vi")
    assert not Entry.objects.exists()


def test_what_is_not_on_the_list_is_not_taken(signed_in: Client, user: User) -> None:
    assert choose(signed_in, language="xx") in (200, 422)
    user.refresh_from_db()
    assert user.language == ""


def test_the_theme_is_the_devices_affair(signed_in: Client) -> None:
    assert b'data-theme="system"' in signed_in.get(PAGE).content
    signed_in.cookies["theme"] = "dark"
    assert b'data-theme="dark"' in signed_in.get(PAGE).content
    signed_in.cookies["theme"] = "<script>"
    assert b'data-theme="&lt;script&gt;"' in signed_in.get(PAGE).content


def test_the_form_changes_nothing_else(signed_in: Client, user: User) -> None:
    choose(signed_in, username="root", is_superuser="on", is_system="on")
    user.refresh_from_db()
    assert (user.username, user.is_superuser, user.is_system) == ("somebody", False, False)


def test_the_pages_speak_the_language_of_the_account(signed_in: Client, user: User) -> None:
    signed_in.cookies["django_language"] = "en"
    User.objects.update(language="vi")
    answer = signed_in.get(PAGE)
    assert answer.headers["Content-Language"] == "vi"
    assert b'<html lang="vi"' in answer.content


def test_without_a_choice_the_browser_decides(signed_in: Client) -> None:
    answer = signed_in.get(PAGE, headers={"accept-language": "vi,en;q=0.5"})
    assert answer.headers["Content-Language"] == "vi"


def test_the_switch_of_a_page_sets_account_and_browser(signed_in: Client, user: User) -> None:
    answer = signed_in.post("/language", {"language": "vi", "next": PAGE})
    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    user.refresh_from_db()
    assert user.language == "vi"
    assert signed_in.cookies["django_language"].value == "vi"


def test_the_switch_works_before_the_login_and_leads_nowhere_else(client: Client, db: None) -> None:
    answer = client.post("/language", {"language": "vi", "next": "https://evil.example/"})
    assert answer.status_code in (204, 302)
    assert "evil" not in answer.headers.get("Location", "")
    assert client.get("/language").status_code == 405


def test_the_page_shows_ones_own_roles(signed_in: Client) -> None:
    assert "administrator" in signed_in.get(PAGE).content.decode().casefold()
