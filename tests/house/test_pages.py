"""No page without a login, but for the few that are named here with their reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

OPEN = {
    "set_language": "the language is chosen before the login as well",
    "cycle:feed": "calendar programs cannot log in; the address itself is the secret, and it can be revoked",
    "account_login": "the login",
    "account_logout": "asks whether to log out, or sends to the login",
    "account_signup": "says that accounts are given, not taken",
    "account_inactive": "says that the account is closed",
    "account_reauthenticate": "asks for the password again",
    "account_reset_password": "asks for the e-mail address",
    "account_reset_password_done": "says that a message was sent",
    "account_reset_password_from_key": "the address in the message is the secret",
    "account_reset_password_from_key_done": "says that the password was changed",
    "account_confirm_login_code": "the second step of a login by code; without one begun, the login",
    "account_confirm_email": "the address in the message is the secret",
    "account_email_verification_sent": "says that a message was sent",
    "mfa_authenticate": "the second step of the login",
    "mfa_login_webauthn": "login with a passkey",
    "mfa_signup_webauthn": "closed with sign-up",
    "mfa_trust": "after the second step: whether to ask again on this device",
}


@dataclass(frozen=True)
class Address:
    """An address by its full name, with its view and the values in it."""

    name: str
    pattern: URLPattern
    values: tuple[str, ...]


def addresses(resolver: URLResolver | None = None, space: str = "", taken: tuple[str, ...] = ()) -> Iterator[Address]:
    """Every address of the site with its full name and the values that it takes."""
    for pattern in (resolver or get_resolver()).url_patterns:
        values = (*taken, *pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space, values)
        else:
            yield Address(f"{space}{pattern.name}", pattern, values)


ALL = {address.name: address for address in addresses()}


def is_open(address: Address) -> bool:
    """Whether the view lets in those who are not logged in."""
    return getattr(address.pattern.callback, "login_required", True) is False


def test_every_address_has_a_name() -> None:
    assert not [name for name in ALL if name.endswith("None")]


def test_only_the_named_pages_are_open() -> None:
    found = {name for name, address in ALL.items() if is_open(address)}
    assert found - OPEN.keys() == set(), "open, but not named here"


@pytest.mark.parametrize("name", [name for name in ALL if name not in OPEN])
def test_a_stranger_is_sent_to_the_login(name: str, db: None) -> None:
    address = reverse(name, kwargs=dict.fromkeys(ALL[name].values, 1))
    for answer in (Client().get(address), Client().post(address)):
        assert sent_to_login(answer), f"{address} answers {answer.status_code}"


def sent_to_login(answer: HttpResponse) -> bool:
    """Whether the answer is the way to the login, or nothing at all."""
    return answer.status_code == 302 and answer.headers["Location"].startswith("/account/login/")


def test_no_view_is_exempt_from_the_token_against_forged_requests() -> None:
    assert not [name for name, address in ALL.items() if getattr(address.pattern.callback, "csrf_exempt", False)]
