"""Verbs of the register: documents and what they do to each other, plan items, obligations."""

from conventus.directives.actions.documents import change_document, link_document, register_document, unlink_document
from conventus.directives.actions.force import extend, put_in_force, withdraw
from conventus.directives.actions.obligations import fulfil, reopen
from conventus.directives.actions.plans import add_item, change_item, remove_item

__all__ = [
    "add_item",
    "change_document",
    "change_item",
    "extend",
    "fulfil",
    "link_document",
    "put_in_force",
    "register_document",
    "remove_item",
    "reopen",
    "unlink_document",
    "withdraw",
]
