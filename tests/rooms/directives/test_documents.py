"""Registering documents, correcting them, relating them to each other, and who sees them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from conventus.core.models import Entry
from conventus.core.rules import Refusal, Refusals
from conventus.directives import actions, reads
from conventus.directives.models import Document, DocumentLink

from .makers import World, register


def refusals_of(do: Callable[[], Any]) -> dict[str, str]:
    """The codes of the refusals that `do` raises, each with its field."""
    with pytest.raises(Refusal) as caught:
        do()
    refusal = caught.value
    parts = refusal.refusals if isinstance(refusal, Refusals) else (refusal,)
    return {part.code.partition(".")[2]: part.field for part in parts}


def change(world: World, document: Document, **changes: Any) -> Document:
    names = ("type", "number", "issuer_code", "title", "issued_on", "issuing_body", "valid_from", "valid_to", "summary")
    facts = {name: getattr(document, name) for name in names}
    facts["implements"] = [link.target for link in document.links.filter(kind="implements")]
    return actions.change_document(world.people["organiser"], document, **(facts | changes))


def test_a_plan_is_registered_as_a_draft(world: World, plan: Document, directive: Document) -> None:
    assert (plan.symbol, plan.key) == ("268-KH/TU", "268-KH/TU@2024-09-20")
    assert (plan.state, plan.valid_from, plan.issuing_body) == ("draft", plan.issued_on, "Thành phố Thanh Hóa")
    assert [link.target for link in plan.links.all()] == [directive]
    entry = Entry.objects.get(action="directives.register_document", subject_id=plan.pk)
    assert entry.after["implements"] == [directive.pk]
    assert entry.office == "organiser @ D380"


def test_the_same_document_twice_is_refused(world: World, plan: Document) -> None:
    assert refusals_of(lambda: register(world, "organiser", world.city)) == {"number_taken": "number"}


def test_the_same_symbol_on_another_day_is_noted(world: World, plan: Document) -> None:
    later = register(world, "organiser", world.city, issued_on=date(2025, 1, 10))
    entry = Entry.objects.get(action="directives.register_document", subject_id=later.pk)
    assert entry.after["warnings"][0][0] == "directives.number_seen"
    assert list(reads.same_symbol(later)) == [plan]


def test_another_city_has_its_own_268_kh_tu(world: World, plan: Document) -> None:
    other = register(world, "neighbour", world.neighbour)
    assert other.symbol == plan.symbol
    assert not reads.same_symbol(other).exists()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"number": " "}, {"number_missing": "number"}),
        ({"type": "XX"}, {"type_unknown": "type"}),
        ({"title": " "}, {"required": "title"}),
        ({"issuer_code": ""}, {"required": "issuer_code"}),
        ({"valid_from": date(2024, 9, 1)}, {"valid_before_issued": "valid_from"}),
        ({"valid_to": date(2024, 9, 19)}, {"valid_to_before_from": "valid_to"}),
    ],
)
def test_the_law_refuses(world: World, changes: dict[str, Any], expected: dict[str, str]) -> None:
    assert refusals_of(lambda: register(world, "organiser", world.city, **changes)) == expected
    assert not Document.objects.filter(unit=world.city).exists()


def test_only_earlier_acts_of_the_same_or_a_higher_body_are_implemented(world: World, plan: Document) -> None:
    wrong = {"issued_on": date(2024, 9, 1), "number": "9", "implements": [plan]}
    found = refusals_of(lambda: register(world, "province", world.province, **wrong))
    assert found == {"implements_later": "implements", "implements_lower": "implements"}


def test_a_document_of_a_higher_body_is_not_replaced(world: World, directive: Document) -> None:
    found = refusals_of(lambda: register(world, "organiser", world.city, replaces=[directive]))
    assert found == {"replaces_other_type": "replaces", "replaces_other_issuer": "replaces"}


def test_another_organisations_document_is_refused(world: World, plan: Document) -> None:
    from conventus.core.accounts import system_account
    from conventus.org.actions import found_organisation, found_unit

    system = system_account("installer")
    club = found_organisation(system, None, key="club", name="Club", pack="association")
    root = found_unit(system, None, organisation=club, code="C", level="association", name="Club")
    kind = next(iter(club.rules.laws["directives"].types))
    foreign = actions.register_document(
        system, root, type=kind, number="1", issuer_code="C", title="Rules", issued_on=date(2024, 1, 1)
    )
    assert refusals_of(lambda: register(world, "organiser", world.city, number="9", implements=[foreign])) == {
        "other_organisation": ""
    }


def test_a_role_without_the_right_is_refused(world: World) -> None:
    assert refusals_of(lambda: register(world, "viewer", world.city)) == {"not_permitted": ""}
    assert refusals_of(lambda: register(world, "ward", world.city)) == {"not_permitted": ""}


def test_a_draft_is_changed_with_its_relations(world: World, plan: Document, directive: Document) -> None:
    change(world, plan, number="269", title="Sửa", valid_to=date(2025, 12, 31), implements=[])
    plan.refresh_from_db()
    assert (plan.symbol, plan.title, plan.valid_to) == ("269-KH/TU", "Sửa", date(2025, 12, 31))
    assert not plan.links.exists()
    assert reads.search_documents(world.people["organiser"], "269-kh sua").get() == plan


def test_a_draft_cannot_be_changed_so_that_a_task_no_longer_fits(world: World, plan: Document) -> None:
    from .makers import add_item

    item = add_item(world, plan)
    plan.refresh_from_db()
    assert refusals_of(lambda: change(world, plan, valid_to=date(2025, 3, 1))) == {
        "outside_validity": f"item-{item.pk}"
    }


def test_in_force_only_words_and_file_change(world: World, plan: Document) -> None:
    actions.put_in_force(world.people["organiser"], plan)
    change(world, plan, title="Tên đúng", summary="Tóm tắt")
    plan.refresh_from_db()
    assert plan.title == "Tên đúng"
    found = refusals_of(lambda: change(world, plan, number="270", valid_to=date(2026, 1, 1), implements=[]))
    assert found == {"fixed": "implements"} | {"fixed": found["fixed"]}
    plan.refresh_from_db()
    assert plan.number == "268"


def test_a_withdrawn_document_is_not_changed(world: World, plan: Document) -> None:
    actions.withdraw(world.people["organiser"], plan, reason="Đăng ký nhầm")
    assert refusals_of(lambda: change(world, plan, title="x")) == {"withdrawn_already": ""}
    assert refusals_of(lambda: actions.withdraw(world.people["organiser"], plan, reason="again")) == {
        "withdrawn_already": ""
    }


def test_withdrawing_needs_a_reason(world: World, plan: Document) -> None:
    assert refusals_of(lambda: actions.withdraw(world.people["organiser"], plan, reason=" ")) == {
        "reason_missing": "reason"
    }


def test_relations_are_added_later_and_taken_back(world: World, plan: Document, directive: Document) -> None:
    organiser, centre = world.people["organiser"], world.people["centre"]
    guide = register(
        world, "centre", world.centre, type="HD", number="27", issuer_code="BTCTW", issued_on=date(2024, 8, 26)
    )
    actions.link_document(centre, guide, target=directive, kind="guides")
    links = reads.links_of(centre, directive)
    assert {kind: len(found) for kind, found in links.items()} == {"guides_by": 1, "implements_by": 1}
    actions.unlink_document(centre, guide, target=directive, kind="guides")
    assert "guides_by" not in reads.links_of(centre, directive)
    found = refusals_of(lambda: actions.link_document(organiser, plan, target=plan, kind="implements"))
    assert found == {"implements_itself": "target"}


def test_an_act_of_another_type_may_amend_but_not_from_below(world: World, directive: Document, plan: Document) -> None:
    centre = world.people["centre"]
    conclusion = register(
        world, "centre", world.centre, type="QĐ", number="118", issuer_code="TW", issued_on=date(2025, 1, 18)
    )
    actions.link_document(centre, conclusion, target=directive, kind="amends")
    assert refusals_of(
        lambda: actions.link_document(world.people["organiser"], plan, target=directive, kind="amends")
    ) == {"replaces_other_issuer": "target"}


def test_what_is_replaced_is_fixed_in_force(world: World, plan: Document) -> None:
    organiser = world.people["organiser"]
    new = register(world, "organiser", world.city, number="300", issued_on=date(2025, 1, 2))
    actions.put_in_force(organiser, new)
    assert refusals_of(lambda: actions.link_document(organiser, new, target=plan, kind="replaces")) == {"fixed": "kind"}


def test_drafts_are_seen_by_right_and_what_is_in_force_from_below(world: World, plan: Document) -> None:
    def seen_by(name: str) -> bool:
        return reads.documents_of(world.people[name]).filter(pk=plan.pk).exists()

    assert [seen_by(name) for name in ("organiser", "viewer", "province")] == [True, True, True]
    assert [seen_by(name) for name in ("ward", "neighbour", "counter", "stranger")] == [False] * 4
    actions.put_in_force(world.people["organiser"], plan)
    assert [seen_by(name) for name in ("ward", "neighbour", "counter", "stranger")] == [True, False, False, False]
    plan.refresh_from_db()
    actions.withdraw(world.people["organiser"], plan, reason="Thay đổi")
    assert seen_by("ward")


def test_a_withdrawn_draft_is_never_seen_from_below(world: World, plan: Document) -> None:
    actions.withdraw(world.people["organiser"], plan, reason="Nhầm")
    assert not reads.documents_of(world.people["ward"]).filter(pk=plan.pk).exists()


def test_the_chain_runs_from_the_top_without_short_cuts(world: World, directive: Document, plan: Document) -> None:
    middle = register(
        world, "province", world.province, number="250", issued_on=date(2024, 8, 20), implements=[directive]
    )
    actions.link_document(world.people["organiser"], plan, target=middle, kind="implements")
    below = register(world, "organiser", world.city, number="271", issued_on=date(2025, 1, 5), implements=[plan])
    (top,) = reads.chain_of(world.people["centre"], plan)
    assert top.document == directive
    assert [branch.document for branch in top.below] == [middle]
    assert [branch.document for branch in top.below[0].below] == [plan]
    assert [branch.document for branch in top.below[0].below[0].below] == [below]


def test_the_chain_leaves_out_what_is_not_seen(world: World, directive: Document, plan: Document) -> None:
    (top,) = reads.chain_of(world.people["ward"], directive)
    assert top.below == ()
    (alone,) = reads.chain_of(world.people["neighbour"], directive)
    assert alone.document == directive


def test_two_documents_of_one_day_may_implement_each_other(world: World, plan: Document) -> None:
    twin = register(world, "organiser", world.city, number="269", implements=[plan])
    actions.link_document(world.people["organiser"], plan, target=twin, kind="implements")
    DocumentLink.objects.filter(document=plan, target__type="CT").delete()
    assert reads.chain_of(world.people["organiser"], plan)


@pytest.mark.parametrize(
    ("day", "standing"),
    [(date(2024, 9, 19), "coming"), (date(2024, 9, 20), "in_force"), (date(2025, 3, 1), "expired")],
)
def test_a_document_stands_differently_by_day(world: World, plan: Document, day: date, standing: str) -> None:
    change(world, plan, valid_to=date(2025, 2, 28))
    actions.put_in_force(world.people["organiser"], plan)
    assert plan.standing(day) == standing
    documents = reads.documents_of(world.people["organiser"])
    assert plan in reads.standing_as(documents, standing, day)
    assert (plan in reads.in_force_on(documents, day)) == (standing == "in_force")


def test_a_stale_page_is_refused(world: World, plan: Document) -> None:
    stale = Document.objects.get(pk=plan.pk)
    change(world, plan, title="Mới")
    assert refusals_of(lambda: change(world, stale, title="Cũ")) == {"changed_meanwhile": ""}
