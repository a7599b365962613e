"""How facts look on a page."""

from django import template
from django.utils.html import format_html

from skillquest.pages import sentences, words

register = template.Library()

DIFFICULTY_STEPS = list(words.DIFFICULTIES)


@register.simple_tag
def icon(name):
    """A Bootstrap icon or an emoji; for the eye only, so the words beside it must do without."""
    if name.startswith("bi-"):
        return format_html('<i class="bi {}" aria-hidden="true"></i>', name)
    return format_html('<span aria-hidden="true">{}</span>', name)


@register.filter
def signed(number):
    """With a real minus sign, which is as wide as the plus and is read aloud."""
    return f"+{number}" if number > 0 else f"\u2212{-number}"


@register.filter
def reason_words(reason):
    return words.REASONS[reason][0]


@register.filter
def reason_icon(reason):
    return words.REASONS[reason][1]


@register.filter
def title_words(title):
    return words.TITLES.get(title, title)


@register.filter
def kind_words(kind):
    return words.KINDS[kind]


@register.filter
def difficulty_words(difficulty):
    return words.DIFFICULTIES[difficulty]


@register.filter
def difficulty_pips(difficulty):
    """Five pips, of which the first so many are lit."""
    lit = DIFFICULTY_STEPS.index(difficulty) + 1
    return [place < lit for place in range(len(DIFFICULTY_STEPS))]


@register.filter
def rule_words(rule):
    return words.RULES[rule]


@register.filter
def repeat_words(level):
    return words.repeat_words(level.xp_rule, level.repeat_policy)


@register.filter
def state_words(state):
    return words.STATUSES[state][0]


@register.filter
def state_icon(state):
    return words.STATUSES[state][1]


@register.filter
def duration(seconds):
    """75 -> "1 min 15 s"."""
    return sentences.time_words(seconds)


@register.filter
def rarity_words(rarity):
    return words.RARITIES[rarity][0]


@register.filter
def rarity_icon(rarity):
    return words.RARITIES[rarity][1]


@register.filter
def day_words(status):
    return words.DAYS[status][0]


@register.filter
def day_icon(status):
    return words.DAYS[status][1]


@register.filter
def days(number):
    return sentences.days_words(number)


@register.filter
def score_words(score, metric):
    return sentences.score_words(metric, score)


@register.filter
def freeze_words(refusal):
    return words.FREEZE_REFUSALS[refusal]


@register.simple_tag
def rank_words(me):
    return sentences.rank_words(me.rank, me.total)


@register.simple_tag
def ahead_words(me):
    return sentences.ahead_words(me.rank)
