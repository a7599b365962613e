"""A long catalogue of levels, twenty kinds of faults in rows of it, and all that an import has to tell of them."""

from datetime import date

from exchange.reading.rows import LONGEST_CELL

KINDS = ["simulation", "challenge", "training", "scenario"]
FIRST_ROW = {"csv": 2, "xlsx": 2, "json": 1}  # as the formats number rows


def good_rows(count):
    """Each level of a trail needs the one before."""
    return [
        {
            "level_id": f"level-{number}",
            "name": f"Level number {number}",
            "description": f"What level {number} is about.",
            "category": f"section-{number % 20}",
            "kind": KINDS[number % 4],
            "position": number // 20,
            "xp_reward": 10 + number % 90,
            "max_score": 1000,
            "pass_score": 600,
            "skills": "reading\nwriting",
            "prerequisites": f"level-{number - 20}" if number >= 20 and number % 3 else "",
            "metadata": '{"min_seconds": 5}',
            "published": "yes",
        }
        for number in range(count)
    ]


# (the cells that are wrong, the column that is told, the beginning of the reason); {} is the row of level-1
FAULTS = [
    ({"level_id": "not a slug"}, "level_id", "Enter a valid “slug”"),
    ({"level_id": "12345"}, "level_id", "Must not consist of digits only."),
    ({"level_id": "progress"}, "level_id", "“progress” is a path of the API."),
    ({"level_id": "level-1"}, "level_id", "“level-1” is given in row {}, too."),
    ({"name": ""}, "name", "This field cannot be blank."),
    ({"name": "Level number 1"}, "name", "“Level number 1” is given in row {}, too."),
    ({"name": "x" * 201}, "name", "Ensure this value has at most 200 characters"),
    ({"name": "a\0b"}, "name", "Text must not contain NUL characters"),
    ({"description": "y" * (LONGEST_CELL + 1)}, "description", "The cell has more than 100,000 characters."),
    ({"category": ""}, "category", "This field cannot be blank."),
    ({"kind": "quiz"}, "kind", "Value 'quiz' is not a valid choice."),
    ({"position": "first"}, "position", "A whole number is needed."),
    ({"position": "-1"}, "position", "Ensure this value is greater than or equal to 0."),
    ({"xp_reward": "1000001"}, "xp_reward", "Ensure this value is less than or equal to 1000000."),
    ({"pass_score": "1001"}, "pass_score", "Must not exceed the maximum score."),
    ({"skills": "a\na"}, "skills", "An entry is given twice."),
    ({"metadata": "{"}, "metadata", "This is no JSON"),
    ({"metadata": '{"min_correct": 3, "total_questions": 2}'}, "metadata", "“min_correct” must not exceed"),
    ({"prerequisites": "nowhere"}, "prerequisites", "There is no level “nowhere”."),
    ({"published": "maybe"}, "published", "yes or no is needed."),
]
# Cells of sheets hold neither NUL characters nor so long texts; these kinds instead.
OF_SHEETS = {
    "name": ({"name": "=1+1"}, "name", "It is a formula."),
    "description": ({"description": date(2026, 1, 1)}, "description", "It is a date or time."),
}


def faults_in(ending):
    """The kinds of faults of a format."""
    if ending != "xlsx":
        return FAULTS
    of_files = ("Text must not contain NUL", "The cell has more than")
    return [OF_SHEETS[fault[1]] if fault[2].startswith(of_files) else fault for fault in FAULTS]


def with_faults(rows, count, ending="csv"):
    """The rows with `count` faults spread over them, and what has to be told: row, column, beginning of the reason."""
    rows, expected, kinds = [dict(row) for row in rows], [], faults_in(ending)
    step, first = len(rows) // (count + 1), FIRST_ROW[ending]
    for place in range(count):
        cells, column, reason = kinds[place % len(kinds)]
        number = (place + 1) * step
        rows[number] |= cells
        expected.append((number + first, column, reason.format(first + 1)))
    return rows, expected


def cells_told(rows, expected, ending="csv", stored=()):
    """All cells that have to be told, as (row, column): the faults, and what follows from them for other rows.

    `stored` are the rows that are imported already.
    """
    first, told = FIRST_ROW[ending], {(row, column) for row, column, _ in expected}
    holders = {row["name"]: row["level_id"] for row in stored}
    known = {row["level_id"] for row in [*rows, *stored]}
    in_file = {row["level_id"] for row in rows}
    for number, row in enumerate(rows, start=first):
        if row["prerequisites"] and row["prerequisites"] not in known:
            told.add((number, "prerequisites"))
        # A row that says another id has the name of a stored level, which no row of the file gives up.
        if (holder := holders.get(row["name"], row["level_id"])) != row["level_id"] and holder not in in_file:
            told.add((number, "name"))
    return told | _without_prerequisites(rows, {number - first for number, _ in told}, first, stored)


def _without_prerequisites(rows, refused, first, stored):
    """Rows that need a level whose row is refused, so that it is neither stored nor imported."""
    refused, before = set(refused), set(refused)
    while True:
        there = {row["level_id"] for place, row in enumerate(rows) if place not in refused}
        there |= {"", *(row["level_id"] for row in stored)}
        more = {place for place, row in enumerate(rows) if place not in refused and row["prerequisites"] not in there}
        if not more:
            return {(place + first, "prerequisites") for place in refused - before}
        refused |= more
