"""Values of rules and of the minute book in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def plain_value(value: Any) -> str:
    """A value that a person can read: dates in the reader's style, yes and no, lists with commas."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    if dataclasses.is_dataclass(value):
        value = {part.name: getattr(value, part.name) for part in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return ", ".join(f"{key.replace('_', ' ')}: {plain_value(part)}" for key, part in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(plain_value(part) for part in value)
    return str(value)
