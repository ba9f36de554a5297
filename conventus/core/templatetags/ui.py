"""The tags that pages are built with: components with slots, icons, states, buttons, fields, maps and due words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.core.paginator import Page
from django.forms import BoundField, CheckboxInput, ClearableFileInput, FileInput, PasswordInput, Select, Textarea
from django.forms.widgets import ChoiceWidget
from django.middleware.csrf import get_token
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from conventus.core import clock
from conventus.core.templatetags.looks import CONGRESS, DETOURS, PATH, Words, state_of

register = template.Library()


@register.inclusion_tag("core/components/badge.html")
def state(name: str, label: Words = "", small: bool = False) -> dict[str, Any]:
    """A state as a badge: `{% state congress.state %}`. `label` overrides the words."""
    look = state_of(str(name))
    own = f"state-{look.name}" if look.name in CONGRESS else ""
    return {"label": label or look.label, "icon": look.icon, "tone": look.tone, "state": own, "small": small}


def state_badge(name: str, label: Words = "", small: bool = True) -> SafeString:
    """The same badge for Python code: the cells of a table."""
    return render_to_string("core/components/badge.html", state(name, label, small))


@register.filter
def state_label(name: str) -> Words:
    """A state's words alone: `{{ congress.state|state_label }}`."""
    return state_of(str(name)).label


class Fill(Node):
    """What stands between `{% fill name %}` and `{% endfill %}`: one slot of a component."""

    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        """Nothing: the component around it shows the slot where it belongs."""
        return SafeString("")


class Component(Node):
    """A component template with parameters, a body and slots; it sees its parameters, not the page's variables."""

    kept = ("request", "csrf_token", "user", "perms", "clock_today", "clock_is_fixed")

    def __init__(self, name: FilterExpression, params: Mapping[str, FilterExpression], nodelist: NodeList) -> None:
        self.name = name
        self.params = params
        self.slots = [node for node in nodelist if isinstance(node, Fill)]
        self.nodelist = NodeList(node for node in nodelist if not isinstance(node, Fill))

    def render(self, context: Context) -> SafeString:
        """The component's markup."""
        values = {key: context[key] for key in self.kept if key in context}
        values |= {key: value.resolve(context) for key, value in self.params.items()}
        values |= {slot.name: mark_safe(slot.nodelist.render(context).strip()) for slot in self.slots}  # noqa: S308
        values["body"] = mark_safe(self.nodelist.render(context).strip()) or values.get("body", "")  # noqa: S308
        found = context.template.engine.get_template(f"core/components/{self.name.resolve(context)}.html")  # type: ignore[union-attr]
        return found.render(context.new(values))


@register.tag
def ui(parser: Parser, token: Token) -> Component:
    """`{% ui "card" title=_("Units") %} body {% fill "actions" %}…{% endfill %} {% endui %}`."""
    _tag, name, *bits = token.split_contents()
    params = token_kwargs(bits, parser)
    nodelist = parser.parse(("endui",))
    parser.delete_first_token()
    return Component(parser.compile_filter(name), params, nodelist)


@register.tag
def fill(parser: Parser, token: Token) -> Fill:
    """A slot of the component around it; it must stand directly inside `{% ui %}`."""
    name = token.split_contents()[1].strip("\"'")
    nodelist = parser.parse(("endfill",))
    parser.delete_first_token()
    return Fill(name, nodelist)


@register.simple_tag
def icon(name: str, label: Words = "", css: str = "") -> SafeString:
    """An icon of the sprite: decoration unless `label` gives it a name."""
    role = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="icon {}" {}><use href="#i-{}"/></svg>', css, role, name)


@register.inclusion_tag("core/components/button.html", takes_context=True)
def button(context: Context, label: Words, **options: Any) -> dict[str, Any]:
    """A button, a link (`url=`) or a one-button form (`post=`); all options are in `button.html`."""
    return {"label": label, "csrf_token": context.get("csrf_token"), **options}


@register.simple_tag(takes_context=True)
def csrf_field(context: Context) -> SafeString:
    """The hidden field against forged requests; unlike `csrf_token` it also works inside `include … only`."""
    request = getattr(context, "request", None)
    token = context.get("csrf_token") or (get_token(request) if request else "")
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', token)


@register.filter
def days_until(day: date | datetime) -> int:
    """Whole days from the installation's today until `day`; negative when it has passed."""
    return (_as_date(day) - clock.today()).days


def _as_date(day: date | datetime) -> date:
    if not isinstance(day, datetime):
        return day
    return timezone.localtime(day).date() if timezone.is_aware(day) else day.date()


@register.filter
def due_words(day: date | datetime | None) -> str:
    """How far off a due day is, in words: “today”, “in 5 days”, “3 days overdue”."""
    if not day:
        return _("no date")
    days = days_until(day)
    if days < 0:
        return ngettext("%(count)s day overdue", "%(count)s days overdue", -days) % {"count": -days}
    return _coming_words(days)


def _coming_words(days: int) -> str:
    near = {0: _("today"), 1: _("tomorrow")}
    if days > 60:
        return ngettext("in %(count)s month", "in %(count)s months", days // 30) % {"count": days // 30}
    return near.get(days) or ngettext("in %(count)s day", "in %(count)s days", days) % {"count": days}


@register.filter
def due_tone(day: date | datetime | None) -> str:
    """The tone of a due day: danger when past, warn within three days, else neutral."""
    if not day:
        return "neutral"
    days = days_until(day)
    return "danger" if days < 0 else "warn" if days <= 3 else "neutral"


@register.filter
def day(value: date | datetime | None) -> str:
    """A date in figures and few letters, the same everywhere."""
    # Translators: a Django date format; Vietnamese uses "d/m/Y".
    return formats.date_format(_as_date(value), pgettext("date format", "j M Y")) if value else "–"


@register.filter
def moment(value: datetime | None) -> str:
    """A date with its time of day."""
    if not value:
        return "–"
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    # Translators: a Django date format; Vietnamese uses "d/m/Y H:i".
    return formats.date_format(local, pgettext("date format", "j M Y, H:i"))


@register.filter
def key_list(keys: str) -> list[str]:
    """The keys of a hint: "Ctrl+Enter" or "J K"."""
    return keys.replace("+", " ").split()


TONES = {messages.DEBUG: "neutral", messages.INFO: "info", messages.SUCCESS: "ok", messages.WARNING: "warn"}
TONE_ICONS = {"ok": "success", "warn": "warning", "danger": "error"}


@register.filter
def message_tone(message: Message) -> str:
    """The tone of one of Django's messages."""
    return TONES.get(message.level, "danger" if message.level >= messages.ERROR else "info")


@register.filter
def message_icon(message: Message) -> str:
    """The icon of one of Django's messages."""
    return TONE_ICONS.get(message_tone(message), "info")


@register.filter
def any_current(items: Iterable[Mapping[str, Any]]) -> bool:
    """Whether one of these navigation items is the present page."""
    return any(item.get("current") for item in items)


@register.filter
def initials(person: object) -> str:
    """Two letters for an avatar: of the last two words, because a Vietnamese given name stands last."""
    words = [word for word in str(person).replace("@", " ").replace(".", " ").split() if word[0].isalpha()]
    return "".join(word[0] for word in words[-2:]).upper() or "?"


@register.filter
def page_numbers(page: Page[Any]) -> list[int]:
    """The numbers to show around a page; 0 stands for a gap."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else 0 for number in numbers]


@register.simple_tag(takes_context=True)
def page_query(context: Context, key: str, value: Any) -> str:
    """The present address's parameters with one of them changed."""
    query = context["request"].GET.copy()
    query[key] = str(value)
    return f"?{query.urlencode()}"


KINDS: tuple[tuple[type, str], ...] = (
    (CheckboxInput, "checkbox"),
    (ClearableFileInput, "file"),
    (FileInput, "file"),
    (PasswordInput, "password"),
    (Textarea, "textarea"),
)


@register.filter
def field_kind(bound: BoundField) -> str:
    """Which shape of `field.html` a bound field needs."""
    widget = bound.field.widget
    if isinstance(widget, ChoiceWidget) and not isinstance(widget, Select):
        return "choices"
    return next((kind for kind_of, kind in KINDS if isinstance(widget, kind_of)), "control")


@register.inclusion_tag("core/components/field.html")
def field(bound: BoundField, **options: Any) -> dict[str, Any]:
    """A bound field with label, help and errors; options are in `field.html`."""
    return {"field": bound, "kind": field_kind(bound), **options}


@register.inclusion_tag("core/components/form_fields.html")
def form_fields(form: Any, only: str = "", columns: int = 1) -> dict[str, Any]:
    """All fields of a form, or those named in `only` ("name,date"), with the errors of the whole form above them."""
    visible = [form[name.strip()] for name in only.split(",")] if only else form.visible_fields()
    return {"form": form, "fields": visible, "hidden": [] if only else form.hidden_fields(), "columns": columns}


@register.inclusion_tag("core/components/tile_map.html")
def tile_map(
    tiles: Iterable[Mapping[str, Any]], label: Words = "", size: str = "normal", legend: str = ""
) -> dict[str, Any]:
    """Units as tiles coloured by state: mappings of label, state, url, note. `legend` is a link's start: "?state="."""
    shown = [{**tile, "look": state_of(tile["state"])} for tile in tiles]
    counts = Counter(tile["state"] for tile in shown)
    key = [{"state": look, "count": counts[name]} for name, look in CONGRESS.items() if counts[name]]
    return {"tiles": shown, "key": key, "label": label, "size": size, "legend": legend}


@register.inclusion_tag("core/components/stepper.html")
def congress_stepper(
    current: str, dates: Mapping[str, Any] | None = None, notes: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The way of a congress as steps; `dates` and `notes` are by state. A return shows at the step that it hit."""
    at = PATH.index(DETOURS.get(current, current))
    steps = [_step(name, index, at, current, dates or {}, notes or {}) for index, name in enumerate(PATH)]
    return {"steps": steps, "label": _("The congress step by step")}


def _step(
    name: str, index: int, at: int, current: str, dates: Mapping[str, Any], notes: Mapping[str, Any]
) -> dict[str, Any]:
    shown = current if index == at else name
    status = "done" if index < at or current == PATH[-1] else "current" if index == at else "todo"
    look = state_of(shown)
    return {
        "label": look.label,
        "icon": look.icon,
        "state": shown,
        "status": "trouble" if shown in DETOURS else status,
        "date": dates.get(shown),
        "note": notes.get(shown, ""),
        "is_current": index == at,
    }


@register.filter
def differing(rows: Sequence[Mapping[str, Any]]) -> int:
    """How many rows of a comparison differ."""
    return sum(1 for row in rows if row.get("first") != row.get("second"))
