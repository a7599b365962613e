"""Which display names are allowed: readable ones that nobody can take for a member of staff or for a sign-in name."""

import re
import unicodedata
from collections.abc import Iterable
from functools import reduce

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import CharField, F, Func
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django_ratelimit.core import get_usage

MAX_MARKS = 3  # in a row, after composition; no living language needs more
CHANGES_A_DAY = 2
UNREADABLE = _("A name is one line of visible characters, with at least one letter, digit or symbol.")
TOO_MANY_MARKS = format_lazy(
    _("A letter of a name has at most {number} different marks above or below it."), number=MAX_MARKS
)
LOOKS_LIKE_SOMEBODY = _("This name looks like that of a member of staff or like a sign-in name. Choose another one.")
LOOKS_LIKE_A_NAME = _("This username looks like another person's name. Choose another one.")
TOO_MANY_CHANGES = _("You have changed your name twice within a day. Try again tomorrow.")

# Control and format characters, surrogates, private use, unassigned, line and paragraph separators.
INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# Characters of other categories that show nothing: fillers, selectors of a form, the empty Braille pattern.
INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# Persian, Indic and other scripts need these joiners inside a word; emoji need them, and the selector of their colours.
JOINERS = re.compile("(?<=[^\\s\u200c\u200d\ufe0f])(?:\u200c|\ufe0f?\u200d(?=\\S)|\ufe0f)")

# An excerpt of Unicode's confusables (UTS 39): letters that look like ASCII ones.
# ruff: noqa: RUF001 - it is made of them
LOOK_ALIKES = {
    "a": "АаΑαɑ@",
    "b": "ВвЬьΒβ",
    "c": "Ссϲ",
    "d": "ԁđ",
    "e": "ЕеΕε",
    "g": "ɡ",
    "h": "НнҺһΗհ",
    "i": "ІіΙιıɩ",
    "j": "Јјϳ",
    "k": "КкΚκ",
    "l": "Ӏӏłǀ|",
    "m": "МмΜ",
    "n": "Νηո",
    "o": "ОоΟοօø",
    "p": "РрΡρ",
    "q": "Ԛԛ",
    "s": "Ѕѕ$",
    "t": "ТтΤτ",
    "u": "υս",
    "v": "ν",
    "w": "Ԝԝω",
    "x": "ХхΧχ",
    "y": "УуΥγ",
    "z": "Ζ",
}
TO_ASCII = str.maketrans({letter: plain for plain, letters in LOOK_ALIKES.items() for letter in letters})
# What looks alike within ASCII or is easily overlooked there. The database does the same with usernames.
ASCII_LOOK_ALIKES = [(".", ""), ("+", ""), ("-", ""), ("_", ""), ("0", "o"), ("1", "l"), ("i", "l"), ("rn", "m")]


def tidy(name: str) -> str:
    """The stored form: NFKC, one space between words, none around. A line break stays, and is refused."""
    return re.sub(" +", " ", unicodedata.normalize("NFKC", name)).strip(" ")


def refuse_unreadable(name: str) -> None:
    """A validator for tidied names. Raises ValidationError."""
    visible = JOINERS.sub("", name)
    categories = [unicodedata.category(character) for character in visible]
    if INVISIBLE_CATEGORIES & set(categories) or INVISIBLE.search(visible):
        raise ValidationError(UNREADABLE)
    if not any(category[0] in "LNS" for category in categories):
        raise ValidationError(UNREADABLE)
    if has_too_many_marks(visible):
        raise ValidationError(TOO_MANY_MARKS)


def has_too_many_marks(name: str) -> bool:
    row = ""
    for character in name:
        row = row + character if unicodedata.category(character) in {"Mn", "Me"} else ""
        if len(row) > MAX_MARKS or len(set(row)) < len(row):
            return True
    return False


def skeleton(name: str) -> str:
    """The same text for names that look alike; "" where nothing of the name can be compared."""
    decomposed = unicodedata.normalize("NFKD", name.translate(TO_ASCII)).casefold().translate(TO_ASCII)
    letters = "".join(character for character in decomposed if character.isalnum())
    return reduce(lambda text, pair: text.replace(*pair), ASCII_LOOK_ALIKES, letters)


def username_skeleton() -> Func:
    """`skeleton` of usernames, which are ASCII, as the database computes it; there is an index on it.

    One text without parameters: databases recognise the expression of an index only by its literal values.
    """
    sql = "LOWER(%(expressions)s)"
    for text, replacement in ASCII_LOOK_ALIKES:
        sql = f"REPLACE({sql}, '{text}', '{replacement}')"
    return Func(F("username"), template=sql, output_field=CharField())


def refuse_impersonation(name: str, user) -> None:
    """Raises ValidationError for `display_name` where it looks like another user's username or another staff's name.

    The API, the pages and the admin all decide by this function.
    """
    key, others = skeleton(name), get_user_model().objects.exclude(pk=user.pk)
    if not key:
        return
    if others.alias(skeleton=username_skeleton()).filter(skeleton=key).exists():
        raise ValidationError({"display_name": LOOKS_LIKE_SOMEBODY})
    if others.shown_like(key).filter(is_staff=True).exists():
        raise ValidationError({"display_name": LOOKS_LIKE_SOMEBODY})


def refused_names(names: Iterable[str]) -> set[str]:
    """Those of these display names that `refuse_impersonation` refuses a new account, in two statements for all."""
    keys = {name: key for name in names if (key := skeleton(name))}
    people, wanted = get_user_model().objects, set(keys.values())
    if not wanted:
        return set()
    usernames = people.alias(skeleton=username_skeleton()).filter(skeleton__in=wanted)
    staff = people.filter(display_name_skeleton__in=wanted, display_name_skeleton__gt="", is_staff=True)
    taken = {skeleton(username) for username in usernames.values_list("username", flat=True)}
    taken |= set(staff.values_list("display_name_skeleton", flat=True))
    return {name for name, key in keys.items() if key in taken}


def refuse_name_of_somebody(username: str, user) -> None:
    """Raises ValidationError for `username` where another user's display name looks like it."""
    key = skeleton(username)
    if key and get_user_model().objects.exclude(pk=user.pk).shown_like(key).exists():
        raise ValidationError({"username": LOOKS_LIKE_A_NAME})


def count_change(user) -> None:
    """Raises ValidationError for `display_name` after the second change of a day."""
    usage = get_usage(
        None, group="display-name", key=lambda *_: str(user.pk), rate=(CHANGES_A_DAY, 86_400), increment=True
    )
    if usage and usage["should_limit"]:
        raise ValidationError({"display_name": TOO_MANY_CHANGES})
