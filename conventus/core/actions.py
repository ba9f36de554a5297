"""Verbs of the core: accounts and grants."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import Q

from conventus.core import clock
from conventus.core.door import action, note
from conventus.core.memo import forget
from conventus.core.models import Grant, User
from conventus.core.rules import N_, Refusal, refusal_texts

if TYPE_CHECKING:
    from conventus.org.models import Unit

refusal_texts(
    "accounts",
    {
        "name_taken": N_("There is already an account “%(username)s”. Choose another user name."),
        "password": N_("The password is not accepted: %(faults)s"),
        "already_ended": N_("This grant ended on %(end)s already."),
        "last_manager": N_(
            "Nobody else gives roles on “%(unit)s”. Give this role to another person first, who can then end yours."
        ),
    },
)


@action("core.manage_grants")
def open_account(
    actor: User, unit: Unit, *, username: str, full_name: str, password: str = "", email: str = "", language: str = ""
) -> User:
    """Make an account for somebody who works for `unit`; without a password its owner sets one by e-mail."""
    if User.objects.filter(username__iexact=username).exists():
        raise Refusal("accounts.name_taken", username=username, field="username")
    user = User(username=username, full_name=full_name, email=email, language=language)
    if password:
        _check_password(password, user)
    user.set_password(password or None)
    user.save()
    note(account=user.pk)
    return user


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as fault:
        raise Refusal("accounts.password", faults=" ".join(fault.messages), field="password") from fault


@action("core.manage_grants")
def give_grant(
    actor: User,
    unit: Unit,
    *,
    user: User,
    role: str,
    phase: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Grant:
    """Give `user` the pack's `role` on `unit` and all below it."""
    start = valid_from or clock.today()
    if user.is_system:
        raise Refusal("core.system_account", field="user")
    if user == actor:
        raise Refusal("core.grant_to_oneself", field="user")
    if role not in unit.rules.core.roles:
        raise Refusal("core.role_unknown", role=role, field="role")
    if valid_to and valid_to < start:
        raise Refusal("core.period_reversed", start=start, end=valid_to, field="valid_to")
    forget()
    return Grant.objects.create(user=user, role=role, unit=unit, phase=phase, valid_from=start, valid_to=valid_to)


@action("core.manage_grants")
def end_grant(actor: User, grant: Grant) -> Grant:
    """End a grant: its last day was yesterday; one that began today or later never holds."""
    yesterday = clock.today() - timedelta(days=1)
    if grant.valid_to and grant.valid_to <= yesterday:
        raise Refusal("accounts.already_ended", end=grant.valid_to)
    if grant.unit and _manages(grant) and not _other_managers(grant, grant.unit):
        raise Refusal("accounts.last_manager", unit=grant.unit.name)
    if grant.valid_from > yesterday:
        grant.valid_from = yesterday
    grant.valid_to = yesterday
    grant.save(update_fields=["valid_from", "valid_to"])
    forget()
    return grant


def _other_managers(grant: Grant, unit: Unit) -> bool:
    """Whether a person besides the one of `grant` gives roles on the unit today, there or from above."""
    today = clock.today()
    others = Grant.objects.filter(unit__in=unit.ancestor_ids, user__is_active=True, user__is_system=False)
    running = others.exclude(user=grant.user_id).filter(
        Q(valid_to=None) | Q(valid_to__gte=today), valid_from__lte=today
    )
    return any(_manages(other) for other in running.select_related("unit__organisation"))


def _manages(grant: Grant) -> bool:
    role = grant.unit.rules.core.roles.get(grant.role) if grant.unit else None
    return role is not None and bool(role.permissions.get("core.manage_grants"))
