"""Queries of the core, reader first."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from conventus.core.models import Entry, Grant, Job, Row, User
from conventus.core.rights import visible


def entries_of(reader: User) -> QuerySet[Entry]:
    """The minute-book lines that `reader` may see, newest first."""
    entries = Entry.objects.filter(visible(reader, "core.view_book", "unit__path"))
    return entries.select_related("actor", "unit").order_by("-seq")


def entries_about(reader: User, row: Row) -> QuerySet[Entry]:
    """The lines about one row, newest first, as far as `reader` may see them."""
    return entries_of(reader).filter(subject_type=row._meta.label_lower, subject_id=row.pk)


def grant_for(reader: User, pk: int) -> Grant:
    """A grant whose unit `reader` manages access for; 404 otherwise."""
    grants = Grant.objects.filter(visible(reader, "core.manage_grants", "unit__path"))
    return get_object_or_404(grants.select_related("unit__organisation", "user"), pk=pk)


def grants_on(reader: User, path: str) -> QuerySet[Grant]:
    """The grants on the unit at `path` or below, as far as `reader` manages access there."""
    grants = Grant.objects.filter(visible(reader, "core.manage_grants", "unit__path"))
    below = grants.filter(unit__path__gte=path, unit__path__lt=path + "~")
    return below.select_related("user", "unit__organisation").order_by("unit__path", "role", "user__full_name")


def accounts_known_to(reader: User) -> QuerySet[User]:
    """The accounts that hold a grant somewhere `reader` manages access."""
    known = Grant.objects.filter(visible(reader, "core.manage_grants", "unit__path")).values("user")
    return User.objects.filter(pk__in=known, is_system=False).order_by("full_name", "username")


def job_for(reader: User, pk: int) -> Job:
    """A job that `reader` asked for; 404 otherwise."""
    return get_object_or_404(Job, pk=pk, user=reader)
