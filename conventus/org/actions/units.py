"""Verbs of organisations and units: begin, found, change."""

from __future__ import annotations

from datetime import date, timedelta

from conventus.core import packs
from conventus.core.door import action
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.org import reads
from conventus.org.models import Organisation, Unit
from conventus.org.names import fold, step
from conventus.org.rules import UnitFacts, UnitRow, check_unit_row

refusal_texts(
    "org",
    {
        "organisation_taken": N_("There is already an organisation “%(key)s”. Choose another key."),
        "unit_in_use": N_(
            "%(units)s units and %(members)s members would be left behind after %(end)s. End or move them first."
        ),
        "level_blocks_children": N_(
            "Units of the level “%(child)s” stand below this one. Choose a level above theirs."
        ),
    },
)


@action("org.manage")
def found_organisation(
    actor: User, subject: None, *, key: str, name: str, pack: str, language: str = "en"
) -> Organisation:
    """Begin an organisation under a rule pack; only system accounts can, because it stands above all units."""
    packs.load(pack)
    if Organisation.objects.filter(key=key).exists():
        raise Refusal("org.organisation_taken", key=key, field="key")
    return Organisation.objects.create(key=key, name=name, pack=pack, language=language)


@action("org.manage")
def found_unit(
    actor: User,
    parent: Unit | None,
    *,
    code: str,
    level: str,
    name: str,
    kind: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
    organisation: Organisation | None = None,
    sample: bool = False,
) -> Unit:
    """Found a unit below `parent`; without one, at the top of `organisation`, which only system accounts can."""
    house = parent.organisation if parent else organisation
    if house is None:
        raise Refusal("core.required", name="organisation", field="organisation")
    words = {"code": code, "parent_code": parent.code if parent else "", "level": level, "kind": kind, "name": name}
    row = check_unit_row(words | date_cells(valid_from=valid_from, valid_to=valid_to), _facts(house, parent, code))
    _check_within(parent, row)
    return create_unit(house, parent, row, sample=sample)


def create_unit(organisation: Organisation, parent: Unit | None, row: UnitRow, *, sample: bool = False) -> Unit:
    """Store a checked row; the path needs the key, so it follows in a second step."""
    unit = Unit.objects.create(
        organisation=organisation,
        parent=parent,
        code=row.code,
        level=row.level,
        kind=row.kind,
        name=row.name,
        folded=fold(f"{row.name} {row.code}"),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        sample=sample,
    )
    unit.path = (parent.path if parent else "") + step(unit.pk)
    unit.save(update_fields=["path"])
    return unit


def _check_within(parent: Unit | None, row: UnitRow) -> None:
    end = parent.valid_to if parent else None
    if parent and end is not None and (row.valid_to is None or row.valid_to > end):
        raise Refusal("org.outlives_parent", field="valid_to", parent=parent.name, end=end)


def _facts(organisation: Organisation, parent: Unit | None, code: str) -> UnitFacts:
    taken = set(organisation.units.filter(code=code).values_list("code", flat=True))
    known = {parent.code: parent.level} if parent else {}
    return UnitFacts(levels=organisation.rules.core.levels, known=known, taken=taken)


def date_cells(**days: date | None) -> dict[str, str]:
    """Days as an import file writes them, so that forms and files are judged by one law."""
    return {name: day.isoformat() if day else "" for name, day in days.items()}


@action("org.manage")
def change_unit(
    actor: User,
    unit: Unit,
    *,
    code: str,
    level: str,
    name: str,
    kind: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Unit:
    """Correct a unit's code, level, kind, name or period; its place in the tree is a matter of reorganisation."""
    others = set(unit.organisation.units.filter(code=code).exclude(pk=unit.pk).values_list("code", flat=True))
    parent = unit.parent
    facts = UnitFacts(levels=unit.rules.core.levels, known={parent.code: parent.level} if parent else {}, taken=others)
    words = {"code": code, "parent_code": parent.code if parent else "", "level": level, "kind": kind, "name": name}
    row = check_unit_row(words | date_cells(valid_from=valid_from, valid_to=valid_to), facts)
    _check_within(parent, row)
    _check_children(unit, row)
    unit.code, unit.level, unit.kind, unit.name = row.code, row.level, row.kind, row.name
    unit.valid_from, unit.valid_to = row.valid_from, row.valid_to
    unit.folded = fold(f"{row.name} {row.code}")
    unit.save()
    return unit


def _check_children(unit: Unit, row: UnitRow) -> None:
    levels = unit.rules.core.levels
    for level in unit.children.order_by().values_list("level", flat=True).distinct():
        if levels[level].order <= levels[row.level].order:
            raise Refusal("org.level_blocks_children", field="level", child=level)
    if row.valid_to is not None:
        _check_unused_after(unit, row.valid_to)


def _check_unused_after(unit: Unit, end: date) -> None:
    after = end + timedelta(days=1)
    units = reads.subtree(unit, after).exclude(pk=unit.pk).count()
    members = reads.memberships_in(unit, after).count()
    if units or members:
        raise Refusal("org.unit_in_use", field="valid_to", units=units, members=members, end=end)
