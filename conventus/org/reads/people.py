"""People, memberships and posts that a reader may see, and how many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.shortcuts import get_object_or_404

from conventus.core import clock
from conventus.core.models import User
from conventus.core.rights import Reader, visible, within
from conventus.org.models import STEP, Holding, Membership, Organisation, Person, Post, Unit
from conventus.org.names import fold
from conventus.org.reads.past import has_past, lying_below, units_on
from conventus.org.reads.units import below, in_force
from conventus.org.rules import Law, may_vote

# People and memberships -------------------------------------------------------------------------------------------


def memberships_in(unit: Unit, day: date | None = None) -> QuerySet[Membership]:
    """The memberships in `unit` and below that hold on `day`; for actions, no reader is asked."""
    rows = in_force(Membership.objects.filter(lying_below(unit, day, "unit")), day)
    return rows.select_related("person", "unit__organisation")


def memberships_of(reader: Reader, unit: Unit, day: date | None = None) -> QuerySet[Membership]:
    """The memberships in `unit` and below that hold on `day` and that `reader` may see, by name."""
    rows = memberships_in(unit, day).filter(visible(reader, "org.view_people", "unit__path"))
    return rows.order_by("person__folded", "pk")


def people_of(reader: Reader, unit: Unit, day: date | None = None) -> QuerySet[Person]:
    """The members of `unit` and of all units below it, as far as `reader` may see them."""
    members = memberships_of(reader, unit, day).order_by().values("person")
    return Person.objects.filter(pk__in=members).select_related("organisation")


def everyone_of(reader: Reader) -> QuerySet[Person]:
    """The people whose latest membership lies where `reader` may see people.

    The former unit sees no more of somebody who has left it.
    """
    latest = Membership.objects.filter(person=OuterRef("pk")).order_by("-valid_from").values("unit__path")[:1]
    return Person.objects.annotate(at=Subquery(latest)).filter(visible(reader, "org.view_people", "at"))


def search_people(reader: Reader, text: str) -> QuerySet[Person]:
    """The reader's people who have every word of `text` in their name or number; marks and case do not matter."""
    found = everyone_of(reader)
    for word in fold(text).split():
        found = found.filter(folded__contains=word)
    return found


def person_for(reader: Reader, pk: int) -> Person:
    """A person whose latest membership lies where `reader` may see people; 404 otherwise."""
    return get_object_or_404(everyone_of(reader).select_related("organisation", "user"), pk=pk)


def membership_for(reader: Reader, pk: int) -> Membership:
    """A membership in a unit where `reader` may see people; 404 otherwise."""
    rows = Membership.objects.filter(visible(reader, "org.view_people", "unit__path"))
    return get_object_or_404(rows.select_related("person", "unit__organisation"), pk=pk)


def member_counts(units: Iterable[Unit], day: date | None = None) -> dict[int, dict[str, int]]:
    """For each of `units`, how many members it and all below it have on `day`, by kind of membership."""
    on = day or clock.today()
    then = {one.pk: one.path for one in units_on(on)} if has_past(on) else None
    wanted = {(then or {}).get(unit.pk, unit.path): unit.pk for unit in units}
    counts: dict[int, dict[str, int]] = {pk: defaultdict(int) for pk in wanted.values()}
    rows = in_force(Membership.objects.all(), on).order_by()
    if then is None:
        rows = rows.filter(within(_outermost(wanted), "unit__path"))
    for unit, path, kind, count in rows.values_list("unit", "unit__path", "kind").annotate(count=Count("pk")):
        path = path if then is None else then.get(unit, path)
        for end in range(STEP, len(path) + 1, STEP):
            if (pk := wanted.get(path[:end])) is not None:
                counts[pk][kind] += count
    return counts


def official_members(units: Iterable[Unit], day: date | None = None) -> dict[int, int]:
    """For each of `units`, how many members with a vote it and all below it have on `day` (default today)."""
    listed = list(units)
    on = day or clock.today()
    counts = member_counts(listed, on)
    return {unit.pk: _with_vote(counts[unit.pk], law_of(unit), on) for unit in listed}


def _with_vote(counts: dict[str, int], law: Law, on: date) -> int:
    return sum(counts.get(kind, 0) for kind in kinds_with_vote(law, on))


def kinds_with_vote(law: Law, on: date) -> list[str]:
    """The kinds of membership whose members vote (ELE-2)."""
    return [kind for kind in law.memberships if may_vote(law, kind, on)]


def _outermost(paths: Iterable[str]) -> list[str]:
    outer: list[str] = []
    for path in sorted(paths):
        if not (outer and path.startswith(outer[-1])):
            outer.append(path)
    return outer


# Posts ------------------------------------------------------------------------------------------------------------


def posts_of(unit: Unit) -> QuerySet[Post]:
    """The posts of a unit that the reader has already been let see."""
    return Post.objects.filter(unit=unit)


def holdings_of(unit: Unit, day: date | None = None) -> QuerySet[Holding]:
    """Who holds the unit's posts on `day`; the unit has been checked before."""
    rows = in_force(Holding.objects.filter(post__unit=unit), day)
    return rows.select_related("post", "person").order_by("post_id", "valid_from")


def holders_of(unit: Unit, post: str = "", day: date | None = None) -> QuerySet[Holding, int]:
    """The keys of those who hold a post (of this key, or any) in `unit` or below on `day`, for a filter."""
    rows = in_force(Holding.objects.filter(below(unit.path, "post__unit__path")), day)
    return (rows.filter(post__key=post) if post else rows).order_by().values_list("person", flat=True)


def posts_held_by(people: Sequence[int], day: date | None = None) -> dict[int, list[Holding]]:
    """The posts that each of `people` holds on `day`, by the person's key; those without any are left out."""
    held: dict[int, list[Holding]] = defaultdict(list)
    rows = in_force(Holding.objects.filter(person__in=people), day)
    for row in rows.select_related("post__unit__organisation").order_by("post__unit__path", "post_id"):
        held[row.person_id].append(row)
    return dict(held)


def holding_for(reader: Reader, pk: int) -> Holding:
    """A holding of a post in a unit where `reader` may see people; 404 otherwise."""
    rows = Holding.objects.filter(visible(reader, "org.view_people", "post__unit__path"))
    return get_object_or_404(rows.select_related("post__unit__organisation", "person"), pk=pk)


def candidates_for_posts(unit: Unit, day: date | None = None) -> QuerySet[Person]:
    """Those who may be appointed in `unit`: members of it or below whose kind of membership may stand (ELE-2)."""
    on = day or clock.today()
    kinds = [kind for kind, shape in law_of(unit).memberships.items() if shape.stands.at(on).value]
    return Person.objects.filter(pk__in=memberships_in(unit, on).filter(kind__in=kinds).order_by().values("person"))


# Law --------------------------------------------------------------------------------------------------------------


def law_of(row: Unit | Organisation) -> Law:
    """The room's table in the row's rule pack."""
    law: Law = row.rules.laws["org"]
    return law


def person_of_account(user: User) -> Person | None:
    """The person behind an account, if one is named."""
    return Person.objects.filter(user=user).select_related("organisation").first()
