"""Who may do what, where and in which phase: deny by default, a grant reaches its unit and all below."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from conventus.core import clock, packs
from conventus.core.memo import remember
from conventus.core.models import Grant, User
from conventus.core.rules import may_in_phase

if TYPE_CHECKING:
    from conventus.org.models import Unit

SYSTEM_ROLE = "system"
Reader = User | AnonymousUser


@dataclass(frozen=True)
class Held:
    """A grant in force, flattened: its role's rights, its path ('' = everywhere) and its phase ('' = all)."""

    grant_id: int
    role: str
    pack: str
    path: str
    code: str
    phase: str

    @property
    def office(self) -> str:
        """How the minute book names it: role and unit code."""
        return f"{self.role} @ {self.code}" if self.code else self.role

    def allows(self, permission: str, path: str | None, phase: str) -> bool:
        """Whether this grant gives `permission` on the unit at `path` (None = no unit) in `phase`."""
        if self.role == SYSTEM_ROLE:
            return True
        if path is None or not path.startswith(self.path) or (self.phase and phase and self.phase != phase):
            return False
        return self.carries(permission, phase)

    def carries(self, permission: str, phase: str) -> bool:
        """Whether the role has the right in `phase`, wherever the unit is."""
        role = packs.load(self.pack).core.roles.get(self.role)
        return role is not None and may_in_phase(role, permission, phase)

    def carries_ever(self, permission: str) -> bool:
        """Whether the role has the right in any phase."""
        if self.role == SYSTEM_ROLE:
            return True
        role = packs.load(self.pack).core.roles.get(self.role)
        return role is not None and bool(role.permissions.get(permission))


def held_by(reader: Reader, day: date | None = None) -> tuple[Held, ...]:
    """The grants of `reader` in force on `day` (default today)."""
    if not isinstance(reader, User) or not reader.is_active:
        return ()
    day = day or clock.today()
    return remember(("held", reader.pk, day), lambda: _held(reader, day))


def _held(reader: User, day: date) -> tuple[Held, ...]:
    rows = (
        Grant.objects.filter(user=reader, valid_from__lte=day)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))
        .select_related("unit__organisation")
    )
    return tuple(_flat(row) for row in rows if row.unit or (reader.is_system and row.role == SYSTEM_ROLE))


def _flat(grant: Grant) -> Held:
    unit = grant.unit
    if unit is None:
        return Held(grant.pk, grant.role, "", "", "", grant.phase)
    return Held(grant.pk, grant.role, unit.organisation.pack, unit.path, unit.code, grant.phase)


def allowing(reader: Reader, permission: str, unit: Unit | None, phase: str = "") -> Held | None:
    """The grant by which `reader` has `permission` on `unit` in `phase`, or None."""
    path = unit.path if unit else None
    return next((held for held in held_by(reader) if held.allows(permission, path, phase)), None)


def scopes(reader: Reader, permission: str) -> list[str]:
    """The path prefixes below which `reader` has `permission` in some phase, without those inside another."""
    paths = sorted({held.path for held in held_by(reader) if held.carries_ever(permission)})
    outer: list[str] = []
    for path in paths:
        if not (outer and path.startswith(outer[-1])):
            outer.append(path)
    return outer


def within(paths: list[str], field: str = "path") -> Q:
    """A filter for rows whose `field` lies below one of `paths`; none of them when the list is empty."""
    if not paths:
        return Q(pk__in=[])
    found = Q()
    for path in paths:
        found |= Q(**{f"{field}__gte": path, f"{field}__lt": path + "~"})
    return found


def visible(reader: Reader, permission: str, field: str = "path") -> Q:
    """A filter for the rows that `reader` may see by `permission`."""
    return within(scopes(reader, permission), field)
