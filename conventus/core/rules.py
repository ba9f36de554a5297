"""The shape of law: cited values, refusals and their words. Pure: no Django, no clock, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Generic, TypeVar

T = TypeVar("T")


def N_(text: str) -> str:
    """Mark `text` for translation without translating it here."""
    return text


class Confidence(StrEnum):
    """How well a value is founded (architecture, section 4)."""

    STATED = "stated"
    INFERRED = "inferred"
    DEFAULT = "default"


@dataclass(frozen=True)
class Citation:
    """Where a value comes from: the document's key (`190-QĐ/TW@2024-10-10`) and the article in it."""

    document: str
    article: str = ""

    def __str__(self) -> str:
        symbol, _, issued = self.document.partition("@")
        words = f"{symbol} ({issued})" if issued else symbol
        return f"{words}, {self.article}" if self.article else words


@dataclass(frozen=True)
class Value(Generic[T]):
    """One dated reading of a rule: what holds, by which clause, how sure we are, from when to when (inclusive)."""

    value: T
    cite: Citation
    confidence: Confidence
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""

    def in_force(self, day: date) -> bool:
        """Whether this reading holds on `day`."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Rule(Generic[T]):
    """A rule of a pack: its dated readings, in the order of the file."""

    values: tuple[Value[T], ...]

    def at(self, day: date) -> Value[T]:
        """The reading in force on `day`; raises `Refusal("core.no_rule_in_force")` when there is none."""
        for value in self.values:
            if value.in_force(day):
                return value
        raise Refusal("core.no_rule_in_force", day=day.isoformat(), article=self.values[0].cite)


class Refusal(Exception):
    """The law says no. `code` is `<room>.<name>`, `article` the clause, `params` the figures that the words need."""

    def __init__(self, code: str, *, article: Citation | None = None, field: str = "", **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.article = article
        self.field = field
        self.params = params

    def __str__(self) -> str:
        text = REFUSALS.get(self.code, self.code)
        words = text % self.params
        return f"{words} [{self.article}]" if self.article else words


class Refusals(Refusal):
    """Several refusals at once, in order: a form or a plan is told everything that is wrong in one go."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("core.several", count=len(refusals))
        self.refusals = tuple(refusals)

    def __str__(self) -> str:
        return "\n".join(str(refusal) for refusal in self.refusals)


ERROR = "error"
WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """Something that a check noticed, as a value: errors block, warnings may be accepted with a reason.

    `code` is `<room>.<name>` and has its words in the register of refusals; `params` are the figures they need.
    """

    code: str
    severity: str
    article: Citation | None = None
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(self.refusal())

    def refusal(self) -> Refusal:
        """The same point as a refusal, for an action that does not let it pass."""
        return Refusal(self.code, article=self.article, **self.params)


def raise_all(refusals: Iterable[Refusal]) -> None:
    """Raise nothing, the one refusal, or all of them together as `Refusals`."""
    found = tuple(refusals)
    if len(found) == 1:
        raise found[0]
    if found:
        raise Refusals(found)


def each_of(refusal: Refusal) -> tuple[Refusal, ...]:
    """The single points of a refusal, whether it is one or several."""
    return refusal.refusals if isinstance(refusal, Refusals) else (refusal,)


REFUSALS: dict[str, str] = {}


def refusal_texts(room: str, texts: Mapping[str, str]) -> None:
    """Register the English words of a room's refusals under `<room>.<name>`; they are translated when shown."""
    REFUSALS.update({f"{room}.{name}": text for name, text in texts.items()})


refusal_texts(
    "core",
    {
        "several": N_("%(count)s points need attention."),
        "no_rule_in_force": N_("No rule of the pack is in force on %(day)s."),
        "not_permitted": N_(
            "You may not do this here: no role of yours on this unit carries the right “%(permission)s”."
        ),
        "not_in_phase": N_("This can be done only in the phase “%(phases)s”; it is now “%(phase)s”."),
        "changed_meanwhile": N_("Somebody changed this meanwhile. Look at the new state and try again."),
        "role_unknown": N_("The rule pack has no role “%(role)s”."),
        "period_reversed": N_("The end (%(end)s) lies before the start (%(start)s)."),
        "required": N_("“%(name)s” is needed."),
        "system_account": N_("A system account cannot be given a person's role."),
        "grant_to_oneself": N_("Nobody gives a role to themselves. Ask another person who manages access here."),
    },
)


@dataclass(frozen=True)
class Role:
    """A role of the pack: the rights it carries and in which phases (`*` = always)."""

    name: str
    permissions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Level:
    """A level of the organisation. `order` counts from the top (0); `aliases` are names that imports may use."""

    name: str
    order: int
    aliases: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Law:
    """The pack's table for `core`: the organisation's levels and roles, its country and languages."""

    levels: Mapping[str, Level]
    roles: Mapping[str, Role]
    country: str
    """ISO 3166-1 code, for public holidays."""
    languages: tuple[str, ...]


def may_in_phase(role: Role, permission: str, phase: str) -> bool:
    """Whether `role` carries `permission` in `phase` ('' = a subject without phases)."""
    phases = role.permissions.get(permission, ())
    return "*" in phases or (bool(phase) and phase in phases)
