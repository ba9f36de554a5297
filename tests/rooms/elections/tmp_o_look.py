import os
from pathlib import Path
import pytest
from django.urls import reverse
from playwright.sync_api import sync_playwright
from conventus.elections import reads
from conventus.elections.record import counting_record, load_record_form
from conventus.core.papers import sealed, to_pngs, to_docx
from .scans import scanned
from .conftest import World
from .test_evidence import declared, sealed_by_job, key
from conventus.elections import actions
OUT=Path('/tmp/o-look'); OUT.mkdir(exist_ok=True)
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]="true"

@pytest.mark.django_db(transaction=True)
def test_look(live_server, scanned, settings):
    world=scanned.world
    actions.set_printed(world.people["organiser"], scanned.ballot, printed=10)
    actions.record_stock(world.people["head"], scanned.ballot, spoilt=1, unused=3)
    ballot=declared(scanned)
    other = world.declared(world.issued(world.listed(9, 12, body="delegates", title="Đại biểu dự Đại hội Đảng bộ thành phố")), [70 - 3 * at for at in range(12)])
    (OUT/'slides.pptx').write_bytes(world.client("viewer").get(reverse("elections:slide_file",args=[other.pk])).content)
    shots=[("slide",other,1280,720),("evidence",ballot,1280,900),("seal_evidence",ballot,1280,900),("record_details",ballot,1280,900),("entry_log",ballot,1280,1100),("ballot",ballot,1280,1600)]
    from django.conf import settings as s
    client=world.client("head")
    cookie=client.cookies[s.SESSION_COOKIE_NAME].value
    with sync_playwright() as p:
        b=p.chromium.launch(executable_path="/usr/bin/chromium",args=["--no-sandbox"])
        def shot(route,row,w,h,name="",dark=False):
            c=b.new_context(viewport={"width":w,"height":h},color_scheme="dark" if dark else "light")
            c.add_cookies([{"name":s.SESSION_COOKIE_NAME,"value":cookie,"url":live_server.url}])
            page=c.new_page(); errs=[]
            page.on("console",lambda m: errs.append(m.text) if m.type=="error" else None)
            page.goto(live_server.url+reverse(f"elections:{route}",args=[row.pk]))
            page.wait_for_timeout(300)
            page.screenshot(path=str(OUT/f"{route}{name}.png"),full_page=route!="slide")
            if route=="slide" and not name:
                page.keyboard.press("ArrowRight"); page.wait_for_timeout(100); page.screenshot(path=str(OUT/"slide2.png"))
                print("url",page.url)
            print(route,errs); c.close()
        for r in shots: shot(*r)
        shot("slide",other,390,780,"-phone")
        sealed_by_job(world, ballot, recipients=[key()])
        shot("evidence",ballot,1280,900,"-sealed"); shot("evidence",ballot,390,900,"-phone",True); shot("open_evidence",ballot,1280,700); shot("entry_log",ballot,390,900,"-phone")
        b.close()
    for lang in ("vi","en"):
        language,path=reads.record_language(ballot,lang)
        paper=sealed(counting_record(load_record_form(path),reads.record_facts(ballot,language)))
        for n,png in enumerate(to_pngs(paper)): (OUT/f"record-{lang}-{n}.png").write_bytes(png)
    (OUT/"record.docx").write_bytes(to_docx(paper))
