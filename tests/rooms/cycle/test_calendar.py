"""The calendar and the subscriptions to it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import icalendar
import pytest
from django.test import Client
from django.urls import reverse

from conventus.core.models import Entry, Grant
from conventus.core.rules import Refusal
from conventus.cycle import actions
from conventus.cycle.models import CalendarFeed

from .conftest import World


def feed_of(world: World, who: str, code: str) -> str:
    """The secret address that this person gets for a unit."""
    response = world.client(who).post(reverse("cycle:feeds"), {"unit": world.units[code].pk})
    (address,) = re.findall(r'value="http://testserver(/[^"]+\.ics)"', response.content.decode())
    return str(address)


def read(address: str) -> Any:
    """The calendar behind an address, asked for without signing in."""
    response = Client().get(address)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/calendar")
    return icalendar.Calendar.from_ical(response.content)


def test_month_and_agenda(world: World) -> None:
    world.date("W1", date(2025, 3, 20), half_days=3, start_half="pm")
    client = world.client("viewer")
    page = client.get(reverse("cycle:calendar") + "?month=2025-03").content.decode()
    assert page.count("month-entry state-dated") == 2  # the afternoon and the day after
    assert "March 2025" in page
    assert "month=2025-04" in page
    page = client.get(reverse("cycle:calendar") + "?view=agenda").content.decode()
    assert "Phường Đông 1" in page
    other = world.client("sister").get(reverse("cycle:calendar") + "?month=2025-03").content.decode()
    assert "Phường Đông 1" not in other
    unit = world.units["W1"].pk
    assert world.client("sister").get(reverse("cycle:calendar") + f"?unit={unit}").status_code == 404


def test_feed_shows_sittings_and_steps(world: World) -> None:
    world.date("W1", date(2025, 3, 20), half_days=3, start_half="pm")
    found = read(feed_of(world, "ward", "W1"))
    first, second = found.events
    assert first["dtstart"].dt.isoformat() == "2025-03-20T13:30:00+07:00"
    assert first["dtend"].dt.isoformat() == "2025-03-20T17:00:00+07:00"
    assert second["dtstart"].dt.isoformat() == "2025-03-21T07:30:00+07:00"
    assert second["dtend"].dt.isoformat() == "2025-03-21T17:00:00+07:00"
    assert first["sequence"] == world.congress("W1").version
    assert str(first["uid"]) == f"congress-{world.congress('W1').pk}-1@vn.conventus"
    assert first["status"] == "TENTATIVE"
    assert found.timezones
    assert len(found.todos) == 5


def test_uids_stay_and_sequence_rises(world: World) -> None:
    world.date("W1", date(2025, 3, 20), half_days=1)
    address = feed_of(world, "ward", "W1")
    before = read(address).events[0]
    world.date("W1", date(2025, 3, 25), half_days=1)
    after = read(address).events[0]
    assert before["uid"] == after["uid"]
    assert after["sequence"] > before["sequence"]


def test_feed_follows_the_rights(world: World) -> None:
    world.date("W1", date(2025, 3, 20))
    address = feed_of(world, "viewer", "D380")
    assert len(read(address).events) == 2
    Grant.objects.filter(user=world.people["viewer"]).update(valid_to=date(2025, 1, 1))
    assert Client().get(address).status_code == 404
    Grant.objects.filter(user=world.people["viewer"]).update(valid_to=None)
    world.people["viewer"].is_active = False
    world.people["viewer"].save()
    assert Client().get(address).status_code == 404


def test_feed_is_ended_by_its_owner_only(world: World) -> None:
    address = feed_of(world, "ward", "W1")
    row = CalendarFeed.objects.get()
    assert row.digest not in address
    assert world.client("organiser").post(reverse("cycle:revoke_feed", args=[row.pk])).status_code == 404
    with pytest.raises(Refusal, match="Only the person"):
        actions.revoke_feed(world.people["organiser"], row)
    world.client("ward").post(reverse("cycle:revoke_feed", args=[row.pk]))
    assert Client().get(address).status_code == 404
    assert Entry.objects.filter(action="cycle.revoke_feed").exists()


def test_unknown_address_and_foreign_unit(world: World) -> None:
    assert Client().get(reverse("cycle:feed", args=["nothing"])).status_code == 404
    response = world.client("ward").post(reverse("cycle:feeds"), {"unit": world.units["W2"].pk})
    assert response.status_code == 404
    assert world.client("stranger").get(reverse("cycle:feeds")).status_code == 404


def test_asking_again_costs_little(world: World) -> None:
    world.date("W1", date(2025, 3, 20))
    address = feed_of(world, "ward", "W1")
    mark = Client().get(address)["ETag"]
    assert Client().get(address, headers={"If-None-Match": mark}).status_code == 304
    world.date("W1", date(2025, 3, 25))
    assert Client().get(address, headers={"If-None-Match": mark}).status_code == 200


def test_feed_shows_two_levels_below(world: World) -> None:
    world.date("W1-1", date(2025, 3, 10))
    assert len(read(feed_of(world, "organiser", "D380")).events) == 1
    assert len(read(feed_of(world, "province", "38")).events) == 0
