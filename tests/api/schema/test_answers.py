"""What answers have in common: `success`, required fields, headers."""

from .parts import answers, parts_of


def test_every_object_that_succeeds_says_so(responses, look_up):
    for where, content in answers(responses):
        answer = look_up(content["schema"])
        assert answer["properties"]["success"] == {"type": "boolean", "const": True}, where
        assert "success" in answer["required"], where


OF_PLAYS = {"right", "asked", "skills_to_practise"}  # of the events of a batch, only those have them
OF_EDITORS = {"language", "translations"}
NOT_ALWAYS = (set(), OF_PLAYS, OF_EDITORS)


def test_every_field_of_an_answer_is_required(responses, look_up):
    """Metadata and errors by field apart, which are objects with free names."""
    for where, content in answers(responses):
        waiting, seen = [content["schema"]], []
        while waiting:
            part = look_up(waiting.pop())
            if part in seen:
                continue
            seen.append(part)
            waiting += [each for each in parts_of(part) if "$ref" in each]
            if "properties" in part and part is not look_up({"$ref": "#/components/schemas/Problem"}):
                assert set(part["properties"]) - set(part["required"]) in NOT_ALWAYS, (where, part)


def test_every_answer_declares_its_headers(responses):
    common = {"X-Request-ID", "RateLimit", "RateLimit-Policy"}
    for where, status, response in responses:
        headers = set(response["headers"])
        assert common <= headers, where
        assert ("Retry-After" in headers) == (status in {"429", "503"}), where
        assert ("WWW-Authenticate" in headers) == (status == "401"), where


def test_answers_to_keys_say_whether_they_are_repeated(operations):
    for name, operation in operations:
        with_key = "Idempotency-Key" in {parameter["name"] for parameter in operation.get("parameters", [])}
        for status, response in operation["responses"].items():
            if status < "300":
                assert ("Idempotent-Replayed" in response["headers"]) == with_key, name


def test_answers_with_a_version_declare_etag_and_304(operations):
    with_304 = {name for name, operation in operations if "304" in operation["responses"]}

    assert with_304 == {
        "GET /api/v1/badges/{id}",
        "GET /api/v1/challenges/{id}",
        "GET /api/v1/gamification/leaderboard/{metric}",
        "GET /api/v1/gamification/leaderboard/{metric}/rank",
        "GET /api/v1/leaderboard",
        "GET /api/v1/levels",
        "GET /api/v1/levels/{id}",
    }
    for name, operation in operations:
        if name in with_304:
            assert "ETag" in operation["responses"]["200"]["headers"], name
            assert "If-None-Match" in {parameter["name"] for parameter in operation["parameters"]}, name
