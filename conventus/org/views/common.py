"""What the pages of the room share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from conventus.core.forms import LawForm, attempt
from conventus.core.models import Row, User
from conventus.org import reads
from conventus.org.models import Unit

Crumbs = list[dict[str, str]]


def crumbs(reader: User, unit: Unit | None, *pages: tuple[str, str]) -> Crumbs:
    """The way to a page: units, the superior units that the reader may see, the unit, and `pages` (words, address)."""
    way = [(_("Units"), reverse("org:units"))]
    if unit is not None:
        units = [*reads.ancestors_of(reader, unit), unit]
        way += [(one.name, reverse("org:unit", args=[one.pk])) for one in units]
    return [{"label": label, "url": url} for label, url in [*way, *pages]]


def posted(request: HttpRequest, form: LawForm, act: Callable[[], Any], subject: Row | None = None) -> bool:
    """Whether the form came back and what it asks for is done."""
    return request.method == "POST" and attempt(form, act, subject)


def form_page(request: HttpRequest, title: str, form: LawForm, way: Crumbs, back: str, **more: Any) -> HttpResponse:
    """A page that is one form; it answers 422 when the form has come back with something wrong."""
    context = {"title": title, "form": form, "breadcrumbs": [*way, {"label": title, "url": ""}], "back": back, **more}
    status = 422 if form.is_bound and (form.errors or form.refusals) else 200
    return render(request, "org/form.html", context, status=status)
