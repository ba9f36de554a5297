"""Pages about posts: fill one, end a holding."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from conventus.core.door import can
from conventus.core.views import me
from conventus.org import actions, reads
from conventus.org.forms.people import AppointForm, EndForm
from conventus.org.terms import post_words
from conventus.org.views.common import crumbs, form_page, posted


def appoint(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a post of the unit to a member."""
    reader = me(request)
    unit = reads.unit_for(reader, pk, "org.manage")
    form = AppointForm(request.POST or None, unit=unit, people=reads.people_of(reader, unit))
    if posted(request, form, lambda: actions.appoint(reader, unit, **form.values())):
        messages.success(request, _("The post is filled."))
        return redirect("org:unit", pk)
    title = _("Fill a post of %(unit)s") % {"unit": unit.name}
    return form_page(request, title, form, crumbs(reader, unit), reverse("org:unit", args=[pk]), columns=2)


def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End the holding of a post."""
    reader = me(request)
    holding = reads.holding_for(reader, pk)
    if not can(reader, actions.end_holding, holding):
        raise Http404
    unit = holding.post.unit
    form = EndForm(request.POST or None, subject=holding)
    if posted(request, form, lambda: actions.end_holding(reader, holding, **form.values()), holding):
        messages.success(request, _("The post is ended."))
        return redirect("org:unit", unit.pk)
    title = _("%(name)s: end as %(post)s") % {"name": holding.person.name, "post": post_words(holding.post)}
    return form_page(request, title, form, crumbs(reader, unit), reverse("org:unit", args=[unit.pk]), submit=_("End"))
