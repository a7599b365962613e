"""The admin has the colours of the learners' pages."""

import re
from pathlib import Path

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
