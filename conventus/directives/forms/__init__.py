"""Forms of the register: they check shape only, the law judges the rest."""

from conventus.directives.forms.documents import DocumentFilter, DocumentForm, LinkForm, ReasonForm
from conventus.directives.forms.obligations import FulfilForm, ObligationFilter, ReopenForm
from conventus.directives.forms.picking import Picker, PickingForm
from conventus.directives.forms.plans import ItemForm

__all__ = [
    "DocumentFilter",
    "DocumentForm",
    "FulfilForm",
    "ItemForm",
    "LinkForm",
    "ObligationFilter",
    "Picker",
    "PickingForm",
    "ReasonForm",
    "ReopenForm",
]
