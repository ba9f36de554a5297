"""A district officer merges three communes: plan, preview, two doubtful people decided, in effect, taken back."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import Page, expect

from conventus.core.accounts import system_account
from conventus.org import actions, reads
from conventus.org.models import Membership, Unit
from tests.journeys.stage import Site, follow, press, told

WARDS = {"X01": "Xã Đông Lĩnh Mẫu", "X02": "Xã Thiệu Khánh Mẫu", "X03": "Xã Hoằng Quang Mẫu"}
DOUBTFUL = ("Lê Thị Đầm", "Trịnh Văn Bãi")


def three_communes() -> Unit:
    """Three communes of the city, each with two members of its own; of the third, two live on the border."""
    system = system_account("journey")
    city = Unit.objects.select_related("organisation").get(code="D380")
    for code, name in WARDS.items():
        commune = actions.found_unit(
            system, city, code=code, level="base", kind="xã", name=name, valid_from=date(2020, 1, 1)
        )
        for number, person in enumerate(DOUBTFUL if code == "X03" else ("Hoàng Thị Sim", "Đỗ Văn Mua")):
            actions.enrol(system, commune, code=f"{code}-{number}", name=person, valid_from=date(2020, 1, 1))
    return city


def people_in(code: str) -> set[str]:
    rows = reads.in_force(Membership.objects.filter(unit__code=code))
    return set(rows.values_list("person__name", flat=True))


def open_menu(page: Page, name: str) -> None:
    page.get_by_role("main").locator("summary, button").filter(has_text=name).first.click()


def test_three_communes_become_one(site: Site) -> None:
    city = three_communes()
    page = site.person("city.organiser")

    page.goto(f"/units/{city.pk}/plans/new")
    page.get_by_label("Name", exact=False).first.fill("Sắp xếp ba xã ven sông")
    page.get_by_label("Takes effect on").fill("2025-02-25")
    page.get_by_label("Decision").fill("15-NQ/ThU")
    press(page, "Begin")
    told(page, "Nothing yet")

    open_menu(page, "Add")
    follow(page, "Merge units")
    page.get_by_label(WARDS["X01"]).check()
    page.get_by_label(WARDS["X02"]).check()
    page.get_by_label("Code of the merged unit").fill("X10")
    page.get_by_label("Name of the merged unit").fill("Phường Ven Sông Mẫu")
    page.get_by_label("Kind").last.fill("phường")
    press(page, "Add to the plan")
    told(page, "1 unit is made of several")

    open_menu(page, "Add")
    follow(page, "Divide a unit")
    page.get_by_label("Unit that is divided").select_option("X03")
    page.get_by_role("checkbox", name="Phường Ven Sông Mẫu").check()
    page.get_by_role("checkbox", name=WARDS["X03"]).check()
    press(page, "Add to the plan")

    told(page, "It can take effect once nothing is wrong and everybody has a place.")
    told(page, "Members who get another unit")
    told(page, "35-CT/TW")
    expect(page.get_by_role("button", name="Let it take effect")).to_have_count(0)

    follow(page, "Decide", exact=False)
    page.get_by_label(DOUBTFUL[0]).select_option(label="Phường Ven Sông Mẫu")
    page.get_by_label(DOUBTFUL[1]).select_option(label=WARDS["X03"])
    press(page, "Save")
    press(page, "Let it take effect", sure=True)
    told(page, "Who follows whom")
    assert people_in("X10") == {"Hoàng Thị Sim", "Đỗ Văn Mua", DOUBTFUL[0]}
    assert people_in("X03") == {DOUBTFUL[1]}

    follow(page, WARDS["X01"])
    told(page, "no longer exists")
    follow(page, "Phường Ven Sông Mẫu")
    told(page, "Made of")
    follow(page, "As of another day")
    page.get_by_label("As of").fill("2025-02-24")
    press(page, "Apply")
    page.goto(f"/units/past?on=2025-02-24&under={city.pk}")
    told(page, WARDS["X01"])
    expect(page.get_by_text("Phường Ven Sông Mẫu")).to_have_count(0)

    page.goto("/units/plans")
    follow(page, "Sắp xếp ba xã ven sông")
    press(page, "Take it back as a whole", sure=True)
    expect(page.get_by_text("undone").first).to_be_visible()
    assert people_in("X01") == {"Hoàng Thị Sim", "Đỗ Văn Mua"}
    assert people_in("X03") == set(DOUBTFUL)
    assert not Unit.objects.filter(code="X10").exists()
