"""What is on the calendar of a reader, and the subscriptions to it."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Count, Max, QuerySet, Sum
from django.db.models.functions import Length

from conventus.core import clock
from conventus.core.models import User
from conventus.core.rights import Reader
from conventus.cycle.actions.feeds import digest_of
from conventus.cycle.models import CalendarFeed, Congress, Milestone
from conventus.cycle.reads.congresses import VIEW, all_congresses_of, allowed_at
from conventus.org import reads as org
from conventus.org.models import STEP, Unit


def agenda(
    reader: Reader, first: date | None = None, last: date | None = None, unit: Unit | None = None
) -> QuerySet[Congress]:
    """The dated congresses that `reader` may see between two days, of all units or of `unit` and below, by day."""
    rows = all_congresses_of(reader).filter(starts_on__isnull=False)
    if unit is not None:
        rows = rows.filter(org.below(unit.path, "unit__path"))
    if first is not None:
        rows = rows.filter(ends_on__gte=first)
    if last is not None:
        rows = rows.filter(starts_on__lte=last)
    return rows.order_by("starts_on", "start_half", "unit__path")


def feeds_of(reader: User) -> QuerySet[CalendarFeed]:
    """The reader's own subscriptions that have not been ended, the latest first."""
    return CalendarFeed.objects.filter(user=reader, revoked_at=None).select_related("unit__organisation")


def feed_with(token: str) -> CalendarFeed | None:
    """The subscription behind a secret address, if it is alive and its account may still see its unit."""
    rows = CalendarFeed.objects.filter(digest=digest_of(token), revoked_at=None, user__is_active=True)
    feed = rows.select_related("user", "unit__organisation").first()
    return feed if feed and allowed_at(feed.user, feed.unit, VIEW) else None


FEED_LEVELS = 2
"""Levels below its unit that a subscription shows: a calendar program is no place for a whole country."""


def feed_events(feed: CalendarFeed) -> QuerySet[Congress]:
    """The dated congresses of the feed's unit and two levels below, as far as its account may see them now."""
    rows = agenda(feed.user, unit=feed.unit).annotate(depth=Length("unit__path"))
    return rows.filter(depth__lte=len(feed.unit.path) + FEED_LEVELS * STEP)


def feed_mark(feed: CalendarFeed) -> str:
    """Changes whenever what the feed shows changes; two small queries, so that asking again costs next to nothing."""
    events = feed_events(feed).order_by().aggregate(count=Count("pk"), versions=Sum("version"), last=Max("pk"))
    steps = steps_of(feed.user, feed.unit).order_by().aggregate(count=Count("pk"), versions=Sum("version"))
    return digest_of(f"{feed.pk} {feed.user.language} {events} {steps}")[:32]


def steps_of(reader: Reader, unit: Unit) -> QuerySet[Milestone]:
    """The milestones of the unit's own congresses that have not been reported, for its calendar."""
    seen = all_congresses_of(reader).filter(unit=unit).order_by().values("pk")
    rows = Milestone.objects.filter(congress__in=seen, reported_on=None, due__isnull=False)
    return rows.select_related("congress__unit__organisation", "congress__cycle").order_by("due", "order")


def mark_used(feed: CalendarFeed) -> None:
    """Remember that a calendar program asked, at most once an hour; its owner sees which subscriptions are in use."""
    now = clock.now()
    if feed.used_at is None or now - feed.used_at > timedelta(hours=1):
        CalendarFeed.objects.filter(pk=feed.pk).update(used_at=now)
