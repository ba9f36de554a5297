"""The one door for writes: `@action` locks the subject, checks the right, runs the verb and writes the minute book."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
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
    actor: User, act: Action, verdict: Verdict, locked: Row | None, before: dict[str, Any], result: Any, notes: dict[str, Any]
) -> Entry:
    made = result if isinstance(result, Row) and (locked is None or result != locked) else None
    after = made.minutes() if made else (locked.minutes() if locked is not None else {})
    if made is None and locked is not None and after != before:
        _raise_version(locked)
    old, new = ({}, after) if made else _changed(before, after)
    subject = made or locked
    unit = subject.place if subject is not None else None
    line = book.Line(
        actor_id=actor.pk,
        office=verdict.held.office if verdict.held else "",
        action=act.name,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        unit_id=unit.pk if unit else None,
        before=_json(old),
        after=_json(new | notes),
        pack=unit.organisation.pack if unit else "",
    )
    (entry,) = book.write([line])
    for reaction in REACTIONS.get(act.name, ()):
        reaction(entry)
    return entry


def _raise_version(row: Row) -> None:
    row.version += 1
    type(row)._default_manager.filter(pk=row.pk).update(version=row.version)


def _changed(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    keys = [key for key in after if before.get(key) != after[key]]
    return {key: before.get(key) for key in keys}, {key: after[key] for key in keys}


def _json(values: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(values, default=str, ensure_ascii=False))
    return plain


def _refresh(subject: Row, locked: Row) -> None:
    subject.__dict__.update({key: value for key, value in locked.__dict__.items() if key != "_state"})
    subject._state.fields_cache = dict(locked._state.fields_cache)


def rows_of(entries: models.QuerySet[Entry], row: Row) -> models.QuerySet[Entry]:
    """The lines about `row`."""
    return entries.filter(subject_type=row._meta.label_lower, subject_id=row.pk)
