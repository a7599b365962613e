"""A long catalogue of levels, and twenty kinds of faults in rows of it."""

from exchange.reading.rows import LONGEST_CELL

KINDS = ["simulation", "challenge", "training", "scenario"]


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


# (the cells that are wrong, the column that is told, the beginning of the reason)
FAULTS = [
    ({"level_id": "not a slug"}, "level_id", "Enter a valid “slug”"),
    ({"level_id": "12345"}, "level_id", "Must not consist of digits only."),
    ({"level_id": "progress"}, "level_id", "“progress” is a path of the API."),
    ({"level_id": "level-1"}, "level_id", "“level-1” is given in row 3, too."),
    ({"name": ""}, "name", "This field cannot be blank."),
    ({"name": "Level number 1"}, "name", "“Level number 1” is given in row 3, too."),
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


def with_faults(rows, count):
    """The rows with `count` faults spread over them, and what has to be told: row, column, beginning of the reason."""
    rows, expected = [dict(row) for row in rows], []
    step = len(rows) // (count + 1)
    for place in range(count):
        cells, column, reason = FAULTS[place % len(FAULTS)]
        number = (place + 1) * step
        rows[number] |= cells
        expected.append((number + 2, column, reason))
    return rows, expected
