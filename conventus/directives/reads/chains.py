"""The trees of what carries out what, from the top directive down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from conventus.core.rights import Reader
from conventus.directives.models import Document, DocumentLink
from conventus.directives.reads.documents import documents_of


@dataclass(frozen=True)
class Branch:
    """A document in the tree of what implements what; `left_off` counts branches that are not shown."""

    document: Document
    below: tuple[Branch, ...] = ()
    left_off: int = 0


WIDTH = 25
"""Branches shown under one document; a top directive has thousands."""


def chain_of(reader: Reader, document: Document) -> tuple[Branch, ...]:
    """The trees that hold `document`: from each top directive that it carries out, down to what carries it out.

    Beside the way down to it, siblings are left out; below it, each document shows at most `WIDTH` branches.
    """
    seen = {one.pk: one for one in (document,)}
    up, down = _links_up(reader, document, seen), _links_down(reader, document, seen)
    up, down = _reduced(up), _reduced(down)
    tops = [pk for pk in up if not up[pk]] or [document.pk]
    on_way = {pk: [one for one, above in up.items() if pk in above] for pk in up}
    return tuple(_branch(top, seen, on_way, down, frozenset()) for top in tops)


def _links_up(reader: Reader, document: Document, seen: dict[int, Document]) -> dict[int, list[int]]:
    above: dict[int, list[int]] = {document.pk: []}
    edge = {document.pk}
    while edge:
        rows = _implementing().filter(document__in=edge, target__in=documents_of(reader).order_by().values("pk"))
        edge = set()
        for link in rows.select_related("target__unit__organisation"):
            above[link.document_id].append(link.target_id)
            if link.target_id not in above:
                above[link.target_id] = []
                seen[link.target_id] = link.target
                edge.add(link.target_id)
    return above


def _links_down(reader: Reader, document: Document, seen: dict[int, Document]) -> dict[int, list[int]]:
    below: dict[int, list[int]] = {}
    edge = {document.pk}
    while edge:
        rows = _implementing().filter(target__in=edge, document__in=documents_of(reader).order_by().values("pk"))
        below |= {pk: [] for pk in edge}
        edge = set()
        for link in rows.select_related("document__unit__organisation").order_by("document__issued_on", "pk"):
            below[link.target_id].append(link.document_id)
            if link.document_id not in below and len(below[link.target_id]) <= WIDTH:
                seen[link.document_id] = link.document
                edge.add(link.document_id)
    return below


def _reduced(ways: dict[int, list[int]]) -> dict[int, list[int]]:
    """Without the short cuts: who implements a plan and the directive above it is shown below the plan."""
    beyond = {pk: _reach(pk, ways) for pk in ways}
    return {pk: [one for one in to if not any(one in beyond.get(by, ()) for by in to)] for pk, to in ways.items()}


def _reach(pk: int, ways: dict[int, list[int]]) -> set[int]:
    found: set[int] = set()
    edge = {pk}
    while edge:
        edge = {one for at in edge for one in ways.get(at, ())} - found - {pk}
        found |= edge
    return found


def _implementing() -> QuerySet[DocumentLink]:
    return DocumentLink.objects.filter(kind=DocumentLink.Kind.IMPLEMENTS)


def _branch(
    pk: int,
    seen: Mapping[int, Document],
    on_way: Mapping[int, list[int]],
    down: Mapping[int, list[int]],
    passed: frozenset[int],
) -> Branch:
    # Two documents of one day can be said to implement each other; the way is walked only once.
    children = [one for one in down.get(pk) or on_way.get(pk, []) if one not in passed | {pk}]
    shown = [one for one in children if one in seen]
    below = tuple(_branch(one, seen, on_way, down, passed | {pk}) for one in shown)
    return Branch(seen[pk], below, len(children) - len(shown))
