"""Every error is a problem with a known code."""

from rest_framework.exceptions import APIException

from skillquest.api.schema.problems import PROBLEM_TYPE, TYPED

from .parts import examples_of, needs_sign_in

# Errors that only pages and the admin meet.
NOT_IN_THE_API = {
    "amnesty_changed",
    "amnesty_stands",
    "delta_out_of_range",
    "draft_changed",
    "key_not_rotatable",
    "not_a_draft",
    "not_published",
    "not_reversible",
    "other_rules_in_force",
    "recalculation_refused",
    "earned_from_it",
    "own_request",
    "own_standing",
    "own_days",
    "not_repairable",
    "request_outdated",
}


def test_every_error_is_a_problem(responses):
    assert [
        where for where, status, each in responses if status >= "400" and list(each["content"]) != [PROBLEM_TYPE]
    ] == []


def test_every_operation_names_the_errors_that_all_share(operations):
    for name, operation in operations:
        declared = set(operation["responses"])
        assert {"429", "503", "default"} <= declared, name
        if "requestBody" in operation:
            assert {"400", "413", "415"} <= declared, name
        if needs_sign_in(operation):
            assert "401" in declared, name
        if "{" in name:
            assert "404" in declared, name


def project_errors(error=APIException):
    for each in error.__subclasses__():
        if each.__module__.split(".")[0] in {
            "skillquest",
            "tracking",
            "gamification",
            "levels",
            "catalogues",
            "approvals",
        }:
            yield each
        yield from project_errors(each)


def test_code_is_an_enumeration_of_every_error(schema):
    codes = set(schema["components"]["schemas"]["ProblemCode"]["enum"]) | set(TYPED)

    assert {error.default_code for error in project_errors()} - codes == NOT_IN_THE_API
    assert {"invalid", "parse_error", "throttled", "not_authenticated", "permission_denied", "not_found"} <= codes


def test_problems_with_more_members_are_typed(schema):
    locked = schema["components"]["schemas"]["LevelLockedProblem"]

    assert locked["properties"]["code"] == {"type": "string", "const": "level_locked"}
    assert {"missing", "reason"} <= set(locked["required"])
    assert locked["properties"]["missing"]["items"] == {"$ref": "#/components/schemas/MissingLevel"}


def test_examples_of_problems_have_declared_members_only(responses, schema, look_up):
    plain = set(schema["components"]["schemas"]["Problem"]["properties"])
    for where, status, response in responses:
        if status >= "400":
            for example in examples_of(response["content"][PROBLEM_TYPE]):
                name, _ = TYPED.get(example["code"], ("Problem", {}))
                declared = set(look_up({"$ref": f"#/components/schemas/{name}"})["properties"])
                assert set(example) <= declared, where
                assert plain - {"errors"} <= declared
