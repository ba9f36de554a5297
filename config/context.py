"""What every page needs: the navigation that its reader may use, the day, the theme."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from conventus import __version__
from conventus.core import clock
from conventus.core.models import User
from conventus.core.rights import scopes
from conventus.core.rules import N_

NAV = (
    ("home", N_("My desk"), "desk", ""),
    ("org:units", N_("Units"), "units", "org.view"),
    ("directives:documents", N_("Documents"), "document", "directives.view"),
    ("cycle:cycles", N_("Congresses"), "cycle", "cycle.view"),
    ("cycle:calendar", N_("Calendar"), "calendar", "cycle.view"),
    ("core:rules", N_("Rules"), "rules", ""),
    ("core:book", N_("Minute book"), "book", "core.view_book"),
)

BELONGS = {"/elections/": "cycle:cycles"}
"""Pages that belong to an entry of the navigation though their address begins otherwise."""


def page(request: HttpRequest) -> dict[str, Any]:
    """Context for base.html; the theme is the device's affair and lives in a cookie."""
    # A request that is refused before anybody is known (a wrong host) still gets its page.
    user = getattr(request, "user", None)
    return {
        "nav": _nav(request) if isinstance(user, User) else [],
        "clock_today": clock.today(),
        "clock_is_fixed": clock.is_fixed(),
        "search_url": reverse("search") if isinstance(user, User) else "",
        "product_version": __version__,
    }


def _nav(request: HttpRequest) -> list[dict[str, Any]]:
    shown = [
        (reverse(name), label, icon) for name, label, icon, right in NAV if not right or scopes(request.user, right)
    ]
    path = next((reverse(entry) for start, entry in BELONGS.items() if request.path.startswith(start)), request.path)
    inside = [url for url, _label, _icon in shown if path.startswith(url) and (url != "/" or path == "/")]
    here = max(inside, key=len, default="")
    return [{"label": _(label), "url": url, "icon": icon, "current": url == here} for url, label, icon in shown]
