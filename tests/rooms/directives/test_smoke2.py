from datetime import date
from conventus.directives import actions
from tests.rooms.directives.conftest import World, add_item
def test_pages(world: World, plan):
    c = world.client("organiser")
    item = add_item(world, plan)
    for u in ["/documents/", "/documents/?q=ke hoach&standing=draft&on=2025-01-01&type=KH", "/documents/issuers", f"/documents/units/{world.city.pk}/new", f"/documents/{plan.pk}", f"/documents/{plan.pk}/change",
      f"/documents/{plan.pk}/link", f"/documents/{plan.pk}/withdraw", f"/documents/{plan.pk}/tasks/new", f"/documents/{plan.pk}/tasks/{item.pk}", f"/documents/{plan.pk}/cascade", f"/documents/{plan.pk}/force"]:
        r = c.get(u); print(u, r.status_code); assert r.status_code == 200
    plan.refresh_from_db()
    r = c.post(f"/documents/{plan.pk}/force", {"row_version": plan.version}); print(r.status_code, r.headers.get("Location")); assert r.status_code==302
    o = item.obligations.first()
    for u in ["/documents/obligations", "/documents/obligations/weeks", f"/documents/obligations/{o.pk}", f"/documents/obligations?item={item.pk}&standing=due&_export=xlsx", "/documents/?_export=csv", f"/documents/{plan.pk}/cascade?_export=csv", f"/documents/{plan.pk}"]:
        r = c.get(u); print(u, r.status_code); assert r.status_code == 200
    print(c.get("/documents/obligations?_export=csv").content.decode())
