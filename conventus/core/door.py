"""The one door for writes: `@action` locks the subject, checks the right, runs the verb and writes the minute book."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.db import models, transaction

from conventus.core import book, rights
from conventus.core.models import Entry, Row, User
from conventus.core.rules import Refusal

P = ParamSpec("P")
S = TypeVar("S", bound=Row | None)
R = TypeVar("R")


@dataclass(frozen=True)
class Action:
    """An entry of the action catalogue: `<room>.<verb>`, the right it takes, where and when that is judged."""

    name: str
    permission: str
    at: str
    phases: tuple[str, ...]
    doc: str
    subject: str


@dataclass(frozen=True)
class Verdict:
    """Whether an action is allowed, by which grant, or why not."""

    held: rights.Held | None
    refusal: Refusal | None

    def __bool__(self) -> bool:
        return self.refusal is None


ACTIONS: dict[str, Action] = {}
REACTIONS: dict[str, list[Callable[[Entry], None]]] = {}
_notes: ContextVar[dict[str, Any] | None] = ContextVar("notes", default=None)


def action(
    permission: str, *, at: str = "place", phases: tuple[str, ...] = ()
) -> Callable[[Callable[Concatenate[User, S, P], R]], Callable[Concatenate[User, S, P], R]]:
    """Make `verb(actor, subject, …)` an action.

    `at` names the subject's property that gives the unit on which `permission` is judged (`place`, or `superior`
    where the level above decides); `phases` are the subject's phases in which the action is possible at all.
    The subject is read again under a lock; one that was loaded before somebody else's change is refused.
    """

    def decorate(verb: Callable[Concatenate[User, S, P], R]) -> Callable[Concatenate[User, S, P], R]:
        room = verb.__module__.split(".")[1]
        doc = (verb.__doc__ or "").strip()
        subject_type = str(verb.__annotations__.get(list(verb.__annotations__)[1], "")) if verb.__annotations__ else ""
        act = Action(f"{room}.{verb.__name__}", permission, at, phases, doc, subject_type)
        ACTIONS[act.name] = act

        @wraps(verb)
        def run(actor: User, subject: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
            with transaction.atomic(), _noting() as notes:
                locked = _locked(subject)
                verdict = judge(actor, act, locked)
                if verdict.refusal:
                    raise verdict.refusal
                before = locked.minutes() if locked is not None else {}
                result = verb(actor, cast(S, locked), *args, **kwargs)
                _record(actor, act, verdict, locked, before, result, notes)
            if subject is not None and locked is not None:
                _refresh(subject, locked)
            return result

        run.action = act  # type: ignore[attr-defined]
        return run

    return decorate


def judge(actor: rights.Reader, act: Action, subject: Row | None) -> Verdict:
    """Whether `actor` may do `act` to `subject` now, and why (not)."""
    unit = getattr(subject, act.at) if subject is not None else None
    phase = subject.phase if subject is not None else ""
    held = rights.allowing(actor, act.permission, unit, phase)
    if held is None:
        return Verdict(None, Refusal("core.not_permitted", permission=act.permission))
    if act.phases and phase not in act.phases:
        return Verdict(held, Refusal("core.not_in_phase", phases=", ".join(act.phases), phase=phase))
    return Verdict(held, None)


def can(actor: rights.Reader, verb: Callable[..., Any], subject: Row | None) -> Verdict:
    """As `judge`, for the action function itself: `can(user, actions.declare_result, ballot)`."""
    return judge(actor, cast(Action, verb.action), subject)  # type: ignore[attr-defined]


def note(**details: Any) -> None:
    """Add details to the line that the running action will write."""
    notes = _notes.get()
    assert notes is not None, "note() belongs inside an action"
    notes.update(details)


def on(name: str) -> Callable[[Callable[[Entry], None]], Callable[[Entry], None]]:
    """Run a reaction whenever the action `name` has written its line, in the same transaction."""

    def decorate(reaction: Callable[[Entry], None]) -> Callable[[Entry], None]:
        REACTIONS.setdefault(name, []).append(reaction)
        return reaction

    return decorate


@contextmanager
def _noting() -> Iterator[dict[str, Any]]:
    token = _notes.set({})
    try:
        yield cast(dict[str, Any], _notes.get())
    finally:
        _notes.reset(token)


def _locked(subject: Row | None) -> Row | None:
    if subject is None or subject.pk is None:
        return None
    fresh = type(subject)._default_manager.select_for_update().get(pk=subject.pk)
    if fresh.version != subject.version:
        raise Refusal("core.changed_meanwhile")
    return fresh


def _record(
    actor: User,
    act: Action,
    verdict: Verdict,
    locked: Row | None,
    before: dict[str, Any],
    result: Any,
    notes: dict[str, Any],
) -> None:
    made = result if isinstance(result, Row) and (locked is None or result != locked) else None
    if made is None and locked is not None and locked.minutes() != before:
        _raise_version(locked)
    line = _line(actor, act, verdict.held, made or locked, {} if made else before, notes)
    _write([line])


def write_each(
    actor: User, verb: Callable[..., Any], changes: Iterable[tuple[Row, dict[str, Any], dict[str, Any]]]
) -> None:
    """A line for each row that one action changed in bulk, as if `verb` had been done to it alone.

    `changes`: row, its minutes before, notes. The caller has judged `verb` on every row.
    """
    act = cast(Action, verb.action)  # type: ignore[attr-defined]
    lines = []
    for row, before, notes in changes:
        held = rights.allowing(actor, act.permission, getattr(row, act.at), row.phase)
        lines.append(_line(actor, act, held, row, before, notes))
    _write(lines)


def _line(
    actor: User, act: Action, held: rights.Held | None, row: Row | None, before: dict[str, Any], notes: dict[str, Any]
) -> book.Line:
    old, new = _changed(before, row.minutes() if row is not None else {})
    unit = row.place if row is not None else None
    return book.Line(
        actor_id=actor.pk,
        office=held.office if held else "",
        action=act.name,
        subject_type=row._meta.label_lower if row is not None else "",
        subject_id=row.pk if row is not None else None,
        unit_id=unit.pk if unit else None,
        before=_json(old),
        after=_json(new | notes),
        pack=unit.organisation.pack if unit else "",
    )


def _write(lines: list[book.Line]) -> None:
    for entry in book.write(lines):
        for reaction in REACTIONS.get(entry.action, ()):
            reaction(entry)


def _raise_version(row: Row) -> None:
    row.version += 1
    type(row)._default_manager.filter(pk=row.pk).update(version=row.version)


def _changed(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    keys = [key for key in after if key not in before or before[key] != after[key]]
    return {key: before[key] for key in keys if key in before}, {key: after[key] for key in keys}


def _json(values: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(values, default=str, ensure_ascii=False))
    return plain


def _refresh(subject: Row, locked: Row) -> None:
    subject.__dict__.update({key: value for key, value in locked.__dict__.items() if key != "_state"})
    subject._state.fields_cache = dict(locked._state.fields_cache)


def rows_of(entries: models.QuerySet[Entry], row: Row) -> models.QuerySet[Entry]:
    """The lines about `row`."""
    return entries.filter(subject_type=row._meta.label_lower, subject_id=row.pk)
