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
from conventus.org.actions.units import change_unit, found_organisation, found_unit

__all__ = [
    "appoint",
    "change_kind",
    "change_person",
    "change_unit",
    "end_holding",
    "end_membership",
    "enrol",
    "enrol_again",
    "found_organisation",
    "found_unit",
    "import_people",
    "import_units",
    "transfer",
]
