"""The admin has the colours of the learners' pages."""

import re
from pathlib import Path

from levels.models import Section

STYLES = Path(__file__).resolve().parents[2] / "static" / "skillquest"
COLOUR = re.compile(r"^ +--([\w-]+): (#\w+);", re.MULTILINE)
BOTH = re.compile(r"^ +--([\w-]+): light-dark\((#\w+), (#\w+)\);", re.MULTILINE)


def test_the_tokens_of_the_admin_are_those_of_the_pages():
    light, _, dark = (STYLES / "app.css").read_text().partition("@media (prefers-color-scheme: dark)")
    light, dark = dict(COLOUR.findall(light)), dict(COLOUR.findall(dark.partition("/* --- Ground")[0]))
    admin = {name: colours for name, *colours in BOTH.findall((STYLES / "admin.css").read_text())}
    assert len(admin) > 10
    assert admin == {name: [light[name], dark[name]] for name in admin}


def test_rules_of_the_admin_name_no_colour():
    rules = (STYLES / "admin.css").read_text().partition("/* --- Ground")[2]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;, )])|rgba?\(", rules) == []


def test_a_list_and_a_page_lead_home_without_the_package(superuser):
    section = Section.objects.create(section_id="puk", title="Knowledge")
    listed = superuser.get("/admin/levels/section/").content.decode()
    assert "<h1>Sections</h1>" in listed
    page = superuser.get(f"/admin/levels/section/{section.pk}/change/").content.decode()
    crumbs = re.search(r'<div class="breadcrumbs">(.*?)</div>', page, re.DOTALL)[1]
    assert re.findall(r'href="(.*?)"', crumbs) == ["/admin/", "/admin/levels/section/"]


def test_the_top_of_a_page_says_which_fields_are_wrong(superuser):
    page = superuser.post("/admin/gamification/metric/add/", {"metric_id": "Pages Read", "name": "Pages"})
    summary = re.search(r'<ul class="faulty-fields">(.*?)</ul>', page.content.decode(), re.DOTALL)[1]
    assert '<a href="#id_metric_id">Metric id</a>: Use lower-case letters' in summary
    assert "id_name" not in summary
