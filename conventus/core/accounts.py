"""Accounts: nobody signs up alone; system accounts do unattended work."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from conventus.core import clock
from conventus.core.models import Grant, User
from conventus.core.rights import SYSTEM_ROLE


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by those who manage access; system accounts cannot sign in."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Sign-up is closed."""
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> Any:
        """Refuse system accounts whatever the way in."""
        if user.is_system:
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)


def system_account(name: str) -> User:
    """The system account `name` (`installer`, `cli`), made with its grant when it is first needed."""
    user, made = User.objects.get_or_create(
        username=f"system.{name}", defaults={"is_system": True, "full_name": f"System: {name}"}
    )
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
        Grant.objects.create(user=user, role=SYSTEM_ROLE, unit=None, valid_from=clock.today().replace(year=2000))
    return user
