"""The documents of the sample city: what the whole has issued, the plans of province and city."""

from __future__ import annotations

from datetime import date

from conventus.core import packs
from conventus.core.models import User
from conventus.directives import actions as directives
from conventus.directives.models import Document
from conventus.org.models import Unit
from conventus.portal.sample.clock import living
from conventus.portal.sample.world import CITY, OPENING, PACK, PILOTS, PROVINCE, WHOLE, World

ISSUED = (
    ("35-CT/TW@2024-06-14", "Bộ Chính trị", "Chỉ thị về đại hội đảng bộ các cấp tiến tới Đại hội XIV của Đảng"),
    ("27-HD/BTCTW@2024-08-26", "Ban Tổ chức Trung ương", "Hướng dẫn một số nội dung về đại hội đảng bộ các cấp"),
    ("190-QĐ/TW@2024-10-10", "Ban Chấp hành Trung ương", "Quyết định ban hành Quy chế bầu cử trong Đảng"),
    (
        "126-KL/TW@2025-02-14",
        "Bộ Chính trị",
        "Kết luận về sắp xếp tổ chức bộ máy và điều chỉnh thời gian đại hội cấp cơ sở",
    ),
)
"""What the whole has issued: the key in the rule pack, the body, what it is about in our words."""


def issue(world: World) -> None:
    """Register what the whole, the province and the city have issued, and put it in force."""
    whole, province, city = (world.units[code] for code in (WHOLE, PROVINCE, CITY))
    head, above, own = (world.users[name] for name in ("tw.organiser", "province.organiser", "city.organiser"))
    for key, body, title in ISSUED:
        known = packs.load(PACK).documents[key]
        with living(known.issued):
            row = directives.register_document(
                head, whole, type=known.type, number=known.number, issuer_code=known.issuer, issuing_body=body,
                title=title, issued_on=known.issued,
            )  # fmt: skip
            directives.put_in_force(head, row)
            world.documents[key.partition("@")[0]] = row
    directive = world.documents["35-CT/TW"]
    with living(date(2024, 9, 16)):
        plan = directives.register_document(
            above, province, type="KH", number="901", issuer_code="TU", issuing_body="Ban Thường vụ Tỉnh ủy",
            title="Kế hoạch tổ chức đại hội đảng bộ các cấp trong tỉnh (số hiệu và nội dung mẫu)",
            issued_on=date(2024, 9, 16), valid_to=date(2025, 12, 31), implements=[directive], sample=True,
        )  # fmt: skip
        directives.add_item(
            above, plan, task="hold_pilot_congress", level="base", mode="named",
            units=[world.units[code] for code in (OPENING, *PILOTS)], start=date(2025, 1, 2), due=date(2025, 2, 28),
            provision="mục III.1", text="Đại hội điểm cấp cơ sở",
        )  # fmt: skip
        directives.put_in_force(above, plan)
        world.documents["province plan"] = plan
    with living(date(2024, 10, 21)):
        _city_plan(world, own, city, plan)


def _city_plan(world: World, actor: User, city: Unit, above: Document) -> None:
    plan = directives.register_document(
        actor, city, type="KH", number="268", issuer_code="TU", issuing_body="Ban Thường vụ Thành ủy",
        title="Kế hoạch tổ chức đại hội các chi bộ, đảng bộ trực thuộc, nhiệm kỳ 2025-2030",
        issued_on=date(2024, 10, 21), valid_to=date(2025, 12, 31), implements=[world.documents["35-CT/TW"], above],
        summary="Số hiệu theo [art-th]; ngày ban hành và các mốc chi tiết là dữ liệu mẫu.",
    )  # fmt: skip
    pilots = [world.units[code] for code in (OPENING, *PILOTS)]
    directives.add_item(
        actor, plan, task="hold_pilot_congress", level="base", mode="named", units=pilots, start=date(2025, 2, 10),
        due=date(2025, 2, 27), provision="mục II.2", text="Tổ chức đại hội điểm",
    )  # fmt: skip
    directives.add_item(
        actor, plan, task="hold_congress", level="base", mode="except", units=pilots, start=date(2025, 3, 1),
        due=date(2025, 4, 29), provision="mục II.3", text="Tổ chức đại hội trong tháng 3 và tháng 4",
    )  # fmt: skip
    directives.add_item(
        actor, plan, task="hold_congress", level="cell", start=date(2024, 12, 2), due=date(2025, 3, 31),
        provision="mục II.1", text="Đại hội chi bộ trực thuộc đảng ủy cơ sở",
    )  # fmt: skip
    directives.add_item(
        actor, plan, task="report_lessons", level="base", mode="named", units=pilots, due=date(2025, 2, 28),
        provision="mục III.4", text="Báo cáo rút kinh nghiệm đại hội điểm",
    )  # fmt: skip
    directives.add_item(
        actor, plan, task="consult_drafts", level="base", due=date(2025, 3, 10), provision="mục III.2",
        text="Tổng hợp ý kiến góp ý dự thảo văn kiện đại hội cấp trên",
    )  # fmt: skip
    directives.put_in_force(actor, plan)
    world.documents["268-KH/TU"] = plan
