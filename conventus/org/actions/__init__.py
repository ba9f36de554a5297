"""Verbs of the organisation."""

from conventus.org.actions.imports import import_people, import_units
from conventus.org.actions.people import (
    appoint,
    change_kind,
    change_person,
    end_holding,
    end_membership,
    enrol,
    enrol_again,
    transfer,
)
from conventus.org.actions.reorganise import (
    PlanRefused,
    add_to_plan,
    apply_plan,
    bring_plan,
    change_plan,
    draft_plan,
    drop_plan,
    let_plan_wait,
    place_members,
    remove_from_plan,
    rule_part,
    undo_plan,
)
from conventus.org.actions.units import change_unit, found_organisation, found_unit

__all__ = [
    "PlanRefused",
    "add_to_plan",
    "apply_plan",
    "appoint",
    "bring_plan",
    "change_kind",
    "change_person",
    "change_plan",
    "change_unit",
    "draft_plan",
    "drop_plan",
    "end_holding",
    "end_membership",
    "enrol",
    "enrol_again",
    "found_organisation",
    "found_unit",
    "import_people",
    "import_units",
    "let_plan_wait",
    "place_members",
    "remove_from_plan",
    "rule_part",
    "transfer",
    "undo_plan",
]
