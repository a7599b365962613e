"""Template filters and tags that show values as text or icons."""

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from skillquest.pages import icons, labels, sentences

register = template.Library()

DIFFICULTY_STEPS = list(labels.DIFFICULTIES)

# The tables that templates look up by name, as in `{{ reason|label:"reasons" }}`.
TABLES = {
    "kinds": labels.KINDS,
    "difficulties": labels.DIFFICULTIES,
    "rules": labels.RULES,
    "reasons": labels.REASONS,
    "rarities": labels.RARITIES,
    "states": labels.STATES,
    "path_states": labels.PATH_STATES,
    "days": labels.DAYS,
    "freeze_refusals": labels.FREEZE_REFUSALS,
}


@register.simple_tag
def icon(name, css_class="") -> SafeString:
    """A Bootstrap icon or an emoji. Screen readers skip it, so the text beside it must be enough."""
    if icons.NAME.fullmatch(name):
        drawing = '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}"/></svg>'
        return format_html(drawing, f"bi {css_class}".strip(), icons.address_of(name))
    return format_html('<span class="{}" aria-hidden="true">{}</span>', css_class, name)


@register.filter
def badge_icon(badge) -> str:
    return icons.icon_of_badge(badge.icon_url)


@register.filter
def label(key, table) -> str:
    row = TABLES[table][key]
    return row[0] if isinstance(row, tuple) else row


@register.filter
def icon_of(key, table) -> str:
    return TABLES[table][key][1]


@register.filter
def title_label(title) -> str:
    """Staff may add titles of their own, which have no translation."""
    return labels.TITLES.get(title, title)


@register.filter
def signed(number) -> str:
    """With a real minus sign, which is as wide as the plus and is read aloud."""
    return f"+{number}" if number > 0 else f"\u2212{-number}"


@register.filter
def difficulty_pips(difficulty) -> list[bool]:
    """Five marks; True for each that is filled."""
    filled = DIFFICULTY_STEPS.index(difficulty) + 1
    return [place < filled for place in range(len(DIFFICULTY_STEPS))]


@register.filter
def repeat_label(level) -> str:
    return labels.repeat_label(level.xp_rule, level.repeat_policy)


@register.filter
def duration(seconds) -> str:
    """75 -> "1 min 15 s"."""
    return sentences.time_text(seconds)


@register.filter(expects_localtime=True)
def moment(value, day_format="") -> str:
    """The day, if wanted, and the time as the language writes it: “4 Mar, 18:30”, “4 Mar, 18.30”."""
    return date_format(value, day_format + pgettext("format of a time", "H:i"))


@register.filter
def days(number) -> str:
    return sentences.days_text(number)


@register.filter
def score(value, metric) -> str:
    return sentences.score_text(metric, value)


@register.simple_tag
def board_place(page) -> str:
    return sentences.place_text(page.board.me.rank, page.board.me.total, is_shared=page.is_shared)


@register.simple_tag
def learners_ahead(standing) -> str:
    return sentences.ahead_text(standing.rank)
