"""Texts in several languages. See `seeded_bugs`."""

from .seeding import bug

LANGUAGES = [
    bug(
        "ids of choices follow from the shown texts",
        "levels/questions/presenting.py",
        '{"id": id_of(question, own), "text"',
        '{"id": id_of(question, shown), "text"',
        tests=["tests/levels/questions/test_translating.py"],
    ),
    bug(
        "a short text is right in the own language only",
        "levels/questions/judging.py",
        "    for texts in question.translations.values():\n",
        "    for texts in ():\n",
        tests=["tests/levels/questions/test_translating.py"],
    ),
    bug(
        "lists of another length are shown",
        "catalogues/translations.py",
        "and (not isinstance(own, list) or len(text) == len(own))",
        "and True",
        tests=["tests/levels/test_translations.py"],
    ),
    bug(
        "learners get the translations of all languages",
        "catalogues/serializers.py",
        "if name not in IN_LANGUAGES}",
        "if name}",
        tests=["tests/translations/test_api.py"],
    ),
    bug(
        "rows do not get the language of their file",
        "catalogues/files.py",
        'return {"language": document["language"], **row} if',
        "return {**row} if",
        tests=["tests/levels/loading/test_languages.py"],
    ),
    bug(
        "the API follows the choice that a cookie keeps",
        "skillquest/api/languages.py",
        "            request.COOKIES.pop(settings.LANGUAGE_COOKIE_NAME, None)\n",
        "            pass\n",
        tests=["tests/pages/test_language.py"],
    ),
    bug(
        "the profile decides the language of the API too",
        "skillquest/api/languages.py",
        "if not is_api(request) and request.user.is_authenticated:",
        "if request.user.is_authenticated:",
        tests=["tests/pages/test_language.py"],
    ),
    bug(
        "new accounts are English whatever the page",
        "skillquest/pages/sign_in.py",
        "language=translation.get_language(), ",
        "",
        tests=["tests/pages/test_language.py"],
    ),
    bug(
        "why a result is held is told in the language of whoever sent it first",
        "tracking/models/completions.py",
        "held_reason = _(words) if words else None",
        "held_reason = words",
        tests=["tests/languages/test_api.py"],
    ),
]
