"""Thanh Hóa city in February 2025: 49 wards and communes by name, 79 more organisations, cells, people, five pilots.

Facts: the articles [art-th] and [art-hbt] and the list of units, as the project's rulebook sums them up. Invented and
marked as sample: 78 of the other organisations, all cells, all people, the province's plan, and every date inside the
windows that are stated.
"""

from __future__ import annotations

from datetime import date

from conventus.core.jobs import Progress, silent
from conventus.core.memo import remembering
from conventus.portal.sample.clock import living
from conventus.portal.sample.congresses import date_wave, generate, hold_pilots
from conventus.portal.sample.people import ACCOUNTS, enrol, found, open_accounts
from conventus.portal.sample.plans import issue
from conventus.portal.sample.world import CITY, KEY, OPENING, PILOTS, TODAY, World

STEPS = 8


def build(password: str, progress: Progress = silent, *, small: bool = False) -> World:
    """The whole sample, by actions, from the founding to 25 February 2025.

    `small` leaves out most of the city (tests): the five pilots and three more units, with fewer cells and members.
    """
    with remembering():
        return _build(password, progress, small)


def _build(password: str, progress: Progress, small: bool) -> World:
    world = peopled(password, progress, small=small)
    progress(4, STEPS, "documents and plans")
    issue(world)
    progress(5, STEPS, "congresses")
    generate(world)
    progress(6, STEPS, "cells and pilots")
    hold_pilots(world)
    progress(7, STEPS, "the wave")
    date_wave(world)
    progress(STEPS, STEPS, "done")
    return world


def peopled(password: str, progress: Progress = silent, *, small: bool = False) -> World:
    """The organisation with its units, people and accounts on 3 June 2024, before any document."""
    with living(date(2024, 6, 3)):
        progress(1, STEPS, "organisation")
        world = found(small)
        progress(2, STEPS, "people")
        enrol(world, small)
        progress(3, STEPS, "accounts")
        open_accounts(world, password)
    return world


__all__ = ["ACCOUNTS", "CITY", "KEY", "OPENING", "PILOTS", "STEPS", "TODAY", "World", "build", "peopled"]
