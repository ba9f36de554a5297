from datetime import date
from conventus.directives import actions, reads
from conventus.directives.models import Obligation
from tests.rooms.directives.conftest import World, add_item

def test_it(world: World, plan, django_assert_max_num_queries):
    a = add_item(world, plan)
    add_item(world, plan, task="hold_pilot_congress", mode="named", units=[world.school], due=date(2025,2,27))
    with django_assert_max_num_queries(30) as q:
        c = actions.put_in_force(world.people["organiser"], plan)
    print(len(q))
    assert c.obligations == 6
    assert Obligation.objects.count() == 6
    assert len(reads.plan_windows([*world.wards, world.school])) == 1
    assert reads.documents_of(world.people["ward"]).count() == 2
    assert reads.documents_of(world.people["neighbour"]).count() == 1
    from conventus.org.actions import found_unit
    from conventus.core.accounts import system_account
    found_unit(system_account("x"), world.city, code="W9", level="base", name="W9", kind="phường")
    assert Obligation.objects.count() == 7
    print(reads.chain_of(world.people["ward"], plan))
