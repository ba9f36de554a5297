"""The law of governing documents and plans: symbols, validity, what implements what, who owes which task. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from conventus.core.rules import N_, WARNING, Finding, Refusal, Rule, raise_all, refusal_texts

refusal_texts(
    "directives",
    {
        "number_missing": N_("A document needs a number. Write the digits before the stroke, e.g. 35."),
        "type_unknown": N_("The rule pack has no document type “%(type)s”. Use one of: %(known)s."),
        "number_taken": N_("%(symbol)s of %(issued)s is already registered. Open that one instead of a second copy."),
        "number_seen": N_("%(symbol)s also exists with the date %(others)s. A number alone is not unique: check it."),
        "valid_before_issued": N_("Valid from %(valid_from)s, before its date of issue (%(issued)s). Correct one."),
        "valid_to_before_from": N_("Valid until %(valid_to)s, before its first day (%(valid_from)s). Correct one."),
        "implements_later": N_("%(symbol)s was issued later, on %(issued)s. Only an earlier act can be implemented."),
        "implements_lower": N_("%(symbol)s is by a lower body. Only acts of the same or a higher one are implemented."),
        "implements_itself": N_("A document cannot implement or replace itself."),
        "replaces_other_type": N_("%(symbol)s is of another kind. A document replaces one of its own kind."),
        "replaces_later": N_("%(symbol)s was issued later, on %(issued)s. Only an earlier act can be replaced."),
        "replaces_other_issuer": N_("%(symbol)s was issued by a higher body and can be replaced by that body only."),
        "task_unknown": N_("The rule pack has no task “%(task)s”. Use one of: %(known)s."),
        "mode_unknown": N_("Say whom it covers: all units, the named ones, or all except the named ones."),
        "units_missing": N_("Name at least one unit, or choose “all units”."),
        "units_without_use": N_("“All units” names no unit. Choose “named” or “except”, or empty the list."),
        "dates_missing": N_("A task needs a last day. Fill in when it is due."),
        "dates_reversed": N_("Due on %(due)s, which lies before the start (%(start)s)."),
        "due_before_issued": N_("Due on %(due)s, before the plan was issued (%(issued)s). Choose a later day."),
        "outside_validity": N_("%(day)s lies outside the plan's validity (%(valid_from)s to %(valid_to)s)."),
        "before_superior": N_("Starts on %(start)s; %(document)s lets this task start on %(limit)s at the earliest."),
        "after_superior": N_("Due on %(due)s; %(document)s wants it done by %(limit)s. Choose an earlier day."),
    },
)

MODES = ("all", "named", "except")


@dataclass(frozen=True)
class DocumentType:
    """A type of document: its name and the family within which one act replaces another."""

    name: str
    family: str = ""


@dataclass(frozen=True)
class Task:
    """A kind of task that a plan can set.

    `congress` marks those whose dates are a congress window; `reported` is false for those that are done by what the
    unit does here anyway, such as filing the result.
    """

    name: str
    congress: bool = False
    pilot: bool = False
    reported: bool = True

    @property
    def by_itself(self) -> bool:
        """Whether the program sees by itself that the task is done."""
        return self.congress or not self.reported


@dataclass(frozen=True)
class Law:
    """The pack's table for `directives`. `same_or_higher`: acts implement those of the same or a higher body only."""

    types: Mapping[str, DocumentType]
    tasks: Mapping[str, Task]
    same_or_higher: Rule[bool]


# Documents ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DocumentKey:
    """What makes a document one and the same (rulebook T1): number, type, issuer and date of issue.

    `issuer` is the code in the symbol (`TU`), `body` the unit behind it: every province has a `TU`.
    """

    number: str
    type: str
    issuer: str
    issued: date
    body: str = ""

    @property
    def symbol(self) -> str:
        """As it is printed, e.g. `35-CT/TW`."""
        return symbol(self.number, self.type, self.issuer)


@dataclass(frozen=True)
class Document:
    """A document as the law sees it. `rank` is the order of the issuer's level (0 = top); the period is inclusive."""

    key: DocumentKey
    rank: int
    valid_from: date | None = None
    valid_to: date | None = None


def symbol(number: str, type: str, issuer: str) -> str:
    """The printed symbol of a document, `35-CT/TW` (T9: number-type/issuer)."""
    return f"{number}-{type}/{issuer}"


def citation_key(key: DocumentKey) -> str:
    """The key under which rule packs cite a document: `35-CT/TW@2024-06-14`."""
    return f"{key.symbol}@{key.issued.isoformat()}"


def check_document(
    law: Law,
    document: Document,
    existing: Collection[DocumentKey],
    implements: Iterable[Document] = (),
    replaces: Iterable[Document] = (),
    *,
    amends: Iterable[Document] = (),
    guides: Iterable[Document] = (),
) -> tuple[Finding, ...]:
    """Refuse a document that cannot be registered; return the warnings of one that can.

    Raises a `Refusal` or `Refusals`: number, type, uniqueness (T1-T4), validity, and what it may implement or replace;
    it guides the use of what it could implement, and amends what it could replace, though of another type.
    A warning `directives.number_seen` says that the same symbol exists with another date.
    """
    problems = [*_own_refusals(law, document, existing)]
    for field, others in (("implements", implements), ("guides", guides)):
        for other in others:
            problems += _upward_refusals(law, document, other, field)
    for other in replaces:
        problems += [*_ending_refusals(document, other, "replaces"), *_type_refusals(law, document, other)]
    for other in amends:
        problems += _ending_refusals(document, other, "amends")
    raise_all(problems)
    return _same_symbol(document.key, existing)


def _own_refusals(law: Law, document: Document, existing: Collection[DocumentKey]) -> Iterator[Refusal]:
    key = document.key
    if not key.number.strip():
        yield Refusal("directives.number_missing", field="number")
    if key.type not in law.types:
        yield Refusal("directives.type_unknown", field="type", type=key.type, known=", ".join(law.types))
    if key in existing:
        yield Refusal("directives.number_taken", field="number", symbol=key.symbol, issued=key.issued)
    start, end = document.valid_from or key.issued, document.valid_to
    if start < key.issued:
        yield _dates("valid_before_issued", "valid_from", valid_from=start, issued=key.issued)
    if end is not None and end < start:
        yield _dates("valid_to_before_from", "valid_to", valid_from=start, valid_to=end)


def _dates(code: str, field: str, document: str = "", **days: date | None) -> Refusal:
    params: dict[str, Any] = {name: day or "…" for name, day in days.items()}
    return Refusal(f"directives.{code}", field=field, document=document, **params)


def _upward_refusals(law: Law, document: Document, other: Document, field: str) -> Iterator[Refusal]:
    symbol = other.key.symbol
    if other.key == document.key:
        yield Refusal("directives.implements_itself", field=field)
        return
    if other.key.issued > document.key.issued:
        yield Refusal("directives.implements_later", field=field, symbol=symbol, issued=other.key.issued)
    rule = law.same_or_higher.at(document.key.issued)
    if rule.value and other.rank > document.rank:
        yield Refusal("directives.implements_lower", article=rule.cite, field=field, symbol=symbol)


def _ending_refusals(document: Document, other: Document, field: str) -> Iterator[Refusal]:
    symbol = other.key.symbol
    if other.key == document.key:
        yield Refusal("directives.implements_itself", field=field)
        return
    if other.key.issued > document.key.issued:
        yield Refusal("directives.replaces_later", field=field, symbol=symbol, issued=other.key.issued)
    if other.rank < document.rank:
        yield Refusal("directives.replaces_other_issuer", field=field, symbol=symbol)


def _type_refusals(law: Law, document: Document, other: Document) -> Iterator[Refusal]:
    if _family(law, other.key.type) != _family(law, document.key.type):
        yield Refusal("directives.replaces_other_type", field="replaces", symbol=other.key.symbol)


def _family(law: Law, type: str) -> str:
    found = law.types.get(type)
    return (found.family if found else "") or type


def _same_symbol(key: DocumentKey, existing: Iterable[DocumentKey]) -> tuple[Finding, ...]:
    same = (other for other in existing if (other.symbol, other.body) == (key.symbol, key.body))
    others = sorted(other.issued for other in same if other.issued != key.issued)
    if not others:
        return ()
    params: dict[str, Any] = {"symbol": key.symbol, "others": ", ".join(day.isoformat() for day in others)}
    return (Finding("directives.number_seen", WARNING, params=params),)


def in_force(document: Document, day: date) -> bool:
    """Whether the document is valid on `day` (from its issue, or a later first day, to its last day inclusive)."""
    start = document.valid_from or document.key.issued
    return start <= day and (document.valid_to is None or day <= document.valid_to)


# Plans -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class UnitFacts:
    """A unit as plans and calendars see it: `ancestors` are the codes from the top of the tree to its superior."""

    code: str
    level: str
    kind: str = ""
    ancestors: tuple[str, ...] = ()
    members: int | None = None
    """Number of members with the right to vote; None when it is not known."""

    @property
    def parent(self) -> str:
        """The code of the superior unit, "" at the top."""
        return self.ancestors[-1] if self.ancestors else ""


@dataclass(frozen=True)
class PlanItem:
    """One task of a plan: for whom, from when, until when (both days inclusive), in which words.

    It covers the units below `below` ("" = everywhere) of the given level ("" = any) and kinds (none = any); `mode`
    takes all of them, only those in `units`, or all except those.
    """

    task: str
    due: date | None
    start: date | None = None
    level: str = ""
    kinds: tuple[str, ...] = ()
    mode: str = "all"
    units: tuple[str, ...] = ()
    below: str = ""
    document: str = ""
    """Citation key of the plan, `268-KH/TU@2024-09-20`."""
    provision: str = ""


@dataclass(frozen=True)
class Obligation:
    """A task that one unit owes: the item it comes from, made out to the unit's code."""

    unit: str
    task: str
    start: date | None
    due: date
    document: str
    provision: str
    item: int
    """Position of the item in the sequence that was asked."""


def covers(item: PlanItem, unit: UnitFacts) -> bool:
    """Whether the item's task is owed by the unit."""
    if item.below and item.below not in unit.ancestors:
        return False
    if item.level and item.level != unit.level:
        return False
    if item.kinds and unit.kind not in item.kinds:
        return False
    return item.mode == "all" or (unit.code in item.units) == (item.mode == "named")


def check_item(law: Law, item: PlanItem, plan: Document, superior: Iterable[PlanItem] = ()) -> None:
    """Refuse a plan item that contradicts itself, its plan's validity or the superior's window for the same task.

    Raises a `Refusal` or `Refusals` naming the field.
    """
    problems = [*_selector_refusals(law, item), *_date_refusals(item, plan)]
    raise_all([*problems, *_superior_refusals(item, superior)])


def _selector_refusals(law: Law, item: PlanItem) -> Iterator[Refusal]:
    if item.task not in law.tasks:
        yield Refusal("directives.task_unknown", field="task", task=item.task, known=", ".join(law.tasks))
    if item.mode not in MODES:
        yield Refusal("directives.mode_unknown", field="mode")
    elif item.mode != "all" and not item.units:
        yield Refusal("directives.units_missing", field="units")
    elif item.mode == "all" and item.units:
        yield Refusal("directives.units_without_use", field="units")


def _date_refusals(item: PlanItem, plan: Document) -> Iterator[Refusal]:
    if item.due is None:
        yield Refusal("directives.dates_missing", field="due")
        return
    if item.start is not None and item.due < item.start:
        yield _dates("dates_reversed", "due", due=item.due, start=item.start)
    if item.due < plan.key.issued:
        yield _dates("due_before_issued", "due", due=item.due, issued=plan.key.issued)
    elif not in_force(plan, item.due):
        yield _outside_validity(plan, "due", item.due)
    if item.start is not None and plan.valid_to is not None and item.start > plan.valid_to:
        yield _outside_validity(plan, "start", item.start)


def _outside_validity(plan: Document, field: str, day: date) -> Refusal:
    start = plan.valid_from or plan.key.issued
    return _dates("outside_validity", field, day=day, valid_from=start, valid_to=plan.valid_to)


def check_within_superior(item: PlanItem, superior: Iterable[PlanItem]) -> None:
    """Refuse dates outside the window that a superior's plan sets for the same task and units."""
    raise_all(_superior_refusals(item, superior))


def _superior_refusals(item: PlanItem, superior: Iterable[PlanItem]) -> Iterator[Refusal]:
    for above in superior:
        if _same_matter(item, above):
            yield from _outside(item, above)


def _same_matter(item: PlanItem, above: PlanItem) -> bool:
    """Whether the superior's item binds this one: the same task, and some unit that both of them may cover."""
    if item.task != above.task or (item.level and above.level and item.level != above.level):
        return False
    if item.kinds and above.kinds and not set(item.kinds) & set(above.kinds):
        return False
    if item.mode == "named" and above.mode == "named":
        return bool(set(item.units) & set(above.units))
    if item.mode == "named" and above.mode == "except":
        return not set(item.units) <= set(above.units)
    return True


def _outside(item: PlanItem, above: PlanItem) -> Iterator[Refusal]:
    if above.start and item.start and item.start < above.start:
        yield _dates("before_superior", "start", above.document, start=item.start, limit=above.start)
    if above.due and item.due and item.due > above.due:
        yield _dates("after_superior", "due", above.document, due=item.due, limit=above.due)


def obligations_due(items: Iterable[PlanItem], units: Iterable[UnitFacts]) -> tuple[Obligation, ...]:
    """What each unit owes under the items, in the order of due day, then unit; items without a due day owe nothing."""
    numbered = [(number, item) for number, item in enumerate(items) if item.due is not None]
    owed = [_obligation(number, item, unit) for unit in units for number, item in numbered if covers(item, unit)]
    return tuple(sorted(owed, key=lambda one: (one.due, one.unit, one.item)))


def _obligation(number: int, item: PlanItem, unit: UnitFacts) -> Obligation:
    assert item.due is not None
    return Obligation(unit.code, item.task, item.start, item.due, item.document, item.provision, number)
