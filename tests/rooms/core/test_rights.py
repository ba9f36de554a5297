"""Who sees what: scopes, filters, and what one request remembers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from conventus.core import reads
from conventus.core.actions import end_grant, give_grant
from conventus.core.door import can
from conventus.core.memo import remembering
from conventus.core.models import Grant
from conventus.core.rights import held_by, scopes, visible, within
from conventus.core.rules import Refusal
from conventus.org.models import Unit
from tests.rooms.core.conftest import TODAY, Place


def seen(place: Place, *paths: str) -> set[str]:
    """The codes of the units below the paths."""
    return set(Unit.objects.filter(within(list(paths))).values_list("code", flat=True))


def test_no_path_means_no_row(place: Place) -> None:
    assert seen(place) == set()


def test_a_path_means_the_unit_and_all_below(place: Place) -> None:
    assert seen(place, place.left.path) == {"A", "A1"}
    assert seen(place, place.leaf.path, place.right.path) == {"A1", "B"}
    assert seen(place, "") == {"R", "A", "A1", "B"}


def test_a_scope_inside_another_is_left_out(place: Place) -> None:
    both = place.person("both", place.leaf)
    Grant.objects.create(user=both, role="administrator", unit=place.left, valid_from=TODAY)
    Grant.objects.create(user=both, role="administrator", unit=place.right, valid_from=TODAY)
    assert scopes(both, "core.manage_grants") == sorted([place.left.path, place.right.path])


def test_a_right_of_one_phase_still_lets_its_holder_see(place: Place) -> None:
    assert scopes(place.person("keeper", place.left, role="session_keeper"), "core.manage_grants") == [place.left.path]


def test_strangers_see_nothing(place: Place) -> None:
    for reader in (
        AnonymousUser(),
        place.person("nobody"),
        place.person("later", place.root, valid_from=TODAY + timedelta(1)),
    ):
        assert not Unit.objects.filter(visible(reader, "org.view")).exists()


def test_a_viewer_sees_by_the_right_that_the_role_carries(place: Place) -> None:
    viewer = place.person("viewer", place.left, role="viewer")
    assert set(Unit.objects.filter(visible(viewer, "org.view")).values_list("code", flat=True)) == {"A", "A1"}
    assert not Unit.objects.filter(visible(viewer, "org.manage")).exists()


def test_the_book_shows_each_reader_his_part(place: Place) -> None:
    left, right = place.person("left", place.left), place.person("right", place.right)
    give_grant(left, place.leaf, user=right, role="viewer")
    give_grant(right, place.right, user=left, role="viewer")
    assert [line.unit for line in reads.entries_of(left)] == [place.leaf]
    assert [line.unit for line in reads.entries_of(right)] == [place.right]
    assert reads.entries_of(place.person("top", place.root)).count() == 2
    assert not reads.entries_of(place.person("viewer", place.root, role="viewer")).exists()


def test_grants_are_managed_within_ones_own_part(place: Place) -> None:
    left, right = place.person("left", place.left), place.person("right", place.right)
    assert {grant.user for grant in reads.grants_on(left, place.root.path)} == {left}
    assert {grant.user for grant in reads.grants_on(right, place.root.path)} == {right}
    assert set(reads.accounts_known_to(place.person("top", place.root))) >= {left, right}


def test_within_a_request_the_grants_are_looked_up_once(
    place: Place, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    keeper = place.person("keeper", place.left)
    with remembering(), django_assert_num_queries(1):  # type: ignore[operator]
        assert held_by(keeper) == held_by(keeper)


def test_an_action_forgets_what_the_request_knew(place: Place) -> None:
    boss, guest = place.person("boss", place.left), place.person("guest")
    with remembering():
        assert not can(guest, give_grant, place.leaf)
        give_grant(boss, place.leaf, user=guest, role="administrator")
        assert can(guest, give_grant, place.leaf)


def test_an_ended_grant_holds_no_longer(place: Place) -> None:
    boss = place.person("boss", place.left)
    given = give_grant(boss, place.leaf, user=place.person("guest"), role="administrator")
    assert can(given.user, give_grant, place.leaf)
    end_grant(boss, given)
    assert not can(given.user, give_grant, place.leaf)
    with pytest.raises(Refusal, check=lambda fault: fault.code == "accounts.already_ended"):
        end_grant(boss, given)


def test_the_last_who_gives_roles_cannot_end_that(place: Place) -> None:
    boss = place.person("boss", place.left)
    own = boss.grants.get()
    with pytest.raises(Refusal, check=lambda fault: fault.code == "accounts.last_manager"):
        end_grant(boss, own)
    give_grant(boss, place.left, user=place.person("guest"), role="viewer")
    place.person("below", place.leaf)
    place.person("former", place.left, valid_to=date(2025, 2, 19))
    with pytest.raises(Refusal, check=lambda fault: fault.code == "accounts.last_manager"):
        end_grant(boss, own)
    place.person("above", place.root)
    assert end_grant(boss, own).valid_to == date(2025, 2, 19)


def test_a_role_that_gives_no_roles_ends_freely(place: Place) -> None:
    boss = place.person("boss", place.left)
    given = give_grant(boss, place.left, user=place.person("guest"), role="viewer")
    boss.grants.update(valid_to=date(2025, 2, 20))
    assert end_grant(boss, given).valid_to == date(2025, 2, 19)


def test_an_unknown_role_and_a_reversed_period_are_refused_on_their_fields(place: Place) -> None:
    boss, guest = place.person("boss", place.left), place.person("guest")
    with pytest.raises(Refusal, check=lambda fault: (fault.code, fault.field) == ("core.role_unknown", "role")):
        give_grant(boss, place.leaf, user=guest, role="king")
    with pytest.raises(Refusal, check=lambda fault: (fault.code, fault.field) == ("core.period_reversed", "valid_to")):
        give_grant(boss, place.leaf, user=guest, role="viewer", valid_from=TODAY, valid_to=TODAY - timedelta(1))


def test_a_system_account_gets_no_personal_role(place: Place) -> None:
    with pytest.raises(Refusal, check=lambda fault: fault.code == "core.system_account"):
        give_grant(place.person("boss", place.left), place.leaf, user=place.system, role="viewer")
