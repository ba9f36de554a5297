"""Congresses as an iCalendar file (RFC 5545): an event for each day of a congress, a to-do for each open step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from conventus import __version__
from conventus.core import clock
from conventus.cycle import rules
from conventus.cycle.facts import holidays_around
from conventus.cycle.models import Congress, Milestone
from conventus.cycle.terms import form_words, milestone_words

HOURS = {"am": (time(7, 30), time(11, 30)), "pm": (time(13, 30), time(17, 0))}
"""When the half days begin and end where the installation does not say otherwise (`CONGRESS_HOURS` in the settings)."""

FIRM = ("approved", "open", "held", "filed", "sent_back", "recognised")
Address = Callable[[Congress], str]


def calendar_file(name: str, congresses: Iterable[Congress], steps: Iterable[Milestone], address: Address) -> bytes:
    """The calendar called `name`; `address` gives the page of a congress."""
    from icalendar import Calendar

    found = Calendar()
    found.add("prodid", f"-//Conventus//{__version__}//EN")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", name)
    found.add("x-wr-timezone", settings.TIME_ZONE)
    for congress in congresses:
        for event in _events(congress, address(congress)):
            found.add_component(event)
    for step in steps:
        found.add_component(_todo(step, address(step.congress)))
    found.add_missing_timezones()
    text: bytes = found.to_ical()
    return text


def sittings(congress: Congress) -> list[tuple[date, str, str]]:
    """The days of a dated congress, each with its first and its last half."""
    assert congress.starts_on is not None
    closed = rules.closed_days(congress.law, congress.starts_on, holidays_around(congress))
    days = rules.schedule_of(congress.starts_on, congress.start_half, congress.half_days, closed)
    last = len(days.days) - 1
    return [
        (day, congress.start_half if index == 0 else "am", days.end_half if index == last else "pm")
        for index, day in enumerate(days.days)
    ]


def _events(congress: Congress, url: str) -> Iterator[Any]:
    from icalendar import Event

    days, words = sittings(congress), _description(congress, url)
    for number, (day, first, last) in enumerate(days, 1):
        event = Event()
        event.add("uid", f"congress-{congress.pk}-{number}@{congress.unit.organisation.key}.conventus")
        event.add("sequence", congress.version)
        event.add("dtstamp", _now())
        event.add("dtstart", _at(day, first, 0))
        event.add("dtend", _at(day, last, 1))
        event.add("summary", _summary(congress, number, len(days)))
        event.add("location", congress.venue)
        event.add("url", url)
        event.add("description", words)
        event.add("status", "CONFIRMED" if congress.state in FIRM else "TENTATIVE")
        yield event


def _todo(step: Milestone, url: str) -> Any:
    from icalendar import Todo

    todo = Todo()
    todo.add("uid", f"milestone-{step.pk}@{step.congress.unit.organisation.key}.conventus")
    todo.add("sequence", step.version)
    todo.add("dtstamp", _now())
    todo.add("due", step.due)
    todo.add("summary", f"{milestone_words(step)} – {step.congress.unit.name}")
    todo.add("url", url)
    todo.add("status", "NEEDS-ACTION")
    return todo


def _now() -> datetime:
    return clock.now().astimezone(ZoneInfo("UTC"))


def _at(day: date, half: str, side: int) -> datetime:
    hours = getattr(settings, "CONGRESS_HOURS", HOURS)
    return datetime.combine(day, hours[half][side], timezone.get_default_timezone())


def _summary(congress: Congress, number: int, days: int) -> str:
    words = f"{congress.unit.name}: {form_words(congress)}"
    if days == 1:
        return words
    return _("%(words)s, day %(number)s of %(days)s") % {"words": words, "number": number, "days": days}


def _description(congress: Congress, url: str) -> str:
    return f"{congress.cycle.name}\n{congress.get_state_display()}\n{url}"
