"""The comparison of two schemas finds each kind of break, and takes no addition for one."""

from copy import deepcopy
from datetime import date

import pytest

from .compatibility.differences import Kind
from .compatibility.documents import compare_documents

TODAY = date(2026, 12, 1)
JSON = "application/json"
LEVEL = {
    "type": "object",
    "required": ["name", "rank", "note"],
    "properties": {
        "name": {"type": "string"},
        "rank": {"type": "integer"},
        "note": {"type": ["string", "null"], "format": "date"},
        "state": {"type": "string", "enum": ["open", "closed"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "more": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
}
RESULT = {
    "type": "object",
    "required": ["score"],
    "properties": {
        "score": {"type": "integer", "minimum": 0, "maximum": 100},
        "kind": {"type": "string", "enum": ["easy", "hard"]},
        "name": {"type": "string", "maxLength": 10},
        "at": {"type": ["string", "null"], "format": "date-time"},
        "pace": {"type": "number"},
        "hints": {"type": "integer", "default": 0},
    },
}
DOCUMENT = {
    "paths": {
        "/levels": {
            "get": {
                "operationId": "listLevels",
                "security": [{"bearer": []}, {"cookie": []}],
                "parameters": [{"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 100}}],
                "responses": {
                    "200": {
                        "headers": {"ETag": {}},
                        "content": {JSON: {"schema": {"$ref": "#/components/schemas/Level"}}},
                    },
                    "404": {"$ref": "#/components/responses/Missing"},
                },
            },
            "post": {
                "operationId": "addResult",
                "security": [],
                "requestBody": {
                    "required": True,
                    "content": {
                        JSON: {
                            "schema": {
                                "oneOf": [
                                    {"$ref": "#/components/schemas/Result"},
                                    {"$ref": "#/components/schemas/Nothing"},
                                ]
                            }
                        }
                    },
                },
                "responses": {
                    "200": {"content": {JSON: {"schema": {"$ref": "#/components/schemas/Level"}}}},
                    "202": {},
                },
            },
        }
    },
    "components": {
        "schemas": {
            "Level": LEVEL,
            "Result": RESULT,
            "Nothing": {"type": "object"},
            "Problem": {"type": "object", "properties": {"code": {"type": "string", "enum": ["not_found"]}}},
        },
        "responses": {
            "Missing": {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
        },
    },
}


class Draft:
    """A copy of the document to change, with short ways to its parts."""

    def __init__(self):
        self.document = deepcopy(DOCUMENT)
        self.path = self.document["paths"]["/levels"]
        self.get, self.post = self.path["get"], self.path["post"]
        schemas = self.document["components"]["schemas"]
        self.level, self.result, self.schemas = schemas["Level"], schemas["Result"], schemas
        self.answer, self.request = self.level["properties"], self.result["properties"]
        self.body = self.post["requestBody"]["content"][JSON]


def differences(change, *, before=None):
    old, new = Draft(), Draft()
    for draft in (old, new):
        if before:
            before(draft)
    change(new)
    return compare_documents(old.document, new.document, today=TODAY)


def replace(part, **values):
    part.clear()
    part.update(values)


BREAKS = {
    "path": (lambda new: new.document["paths"].clear(), "addResult: POST /levels is gone"),
    "method": (lambda new: new.path.pop("get"), "listLevels: GET /levels is gone"),
    "operation id": (lambda new: new.get.update(operationId="levels"), "listLevels: GET /levels is called levels"),
    "sign-in": (lambda new: new.get.update(security=[{"bearer": []}]), "listLevels: sign-in by cookie is gone"),
    "open to all": (lambda new: new.post.update(security=[{"bearer": []}]), "addResult: sign-in by nobody is gone"),
    "parameter": (lambda new: new.get["parameters"].clear(), "listLevels: query parameter limit is gone"),
    "new parameter": (
        lambda new: new.get["parameters"].append({"in": "query", "name": "at", "required": True, "schema": {}}),
        "listLevels: query parameter at is new and required",
    ),
    "required parameter": (
        lambda new: new.get["parameters"][0].update(required=True),
        "listLevels: query parameter limit is required",
    ),
    "bound of a parameter": (
        lambda new: new.get["parameters"][0]["schema"].update(maximum=50),
        "listLevels: request `query parameter limit` has the maximum 50 instead of 100",
    ),
    "status": (lambda new: new.post["responses"].pop("202"), "addResult: status 202 is gone"),
    "header": (
        lambda new: new.get["responses"]["200"]["headers"].clear(),
        "listLevels: status 200: header ETag is gone",
    ),
    "content type": (
        lambda new: new.get["responses"]["200"].update(content={}),
        "listLevels: answer `200` as application/json is gone",
    ),
    "body": (lambda new: new.post.pop("requestBody"), "addResult: a body is no longer taken"),
    "new body": (lambda new: new.get.update(requestBody=new.post["requestBody"]), "listLevels: a body is taken"),
    "field of an answer": (lambda new: new.answer.pop("name"), "Level: answer `name` is gone"),
    "optional field of an answer": (lambda new: new.answer.pop("state"), "Level: answer `state` is gone"),
    "field that may be missing": (
        lambda new: new.level["required"].remove("name"),
        "Level: answer `name` is no longer required",
    ),
    "answer of another type": (
        lambda new: replace(new.answer["rank"], type="string"),
        "Level: answer `rank` is string instead of integer",
    ),
    "wider answer": (
        lambda new: replace(new.answer["rank"], type="number"),
        "Level: answer `rank` is number instead of integer",
    ),
    "answer that may be null": (
        lambda new: new.answer["name"].update(type=["string", "null"]),
        "Level: answer `name` may be null",
    ),
    "answer of any type": (
        lambda new: replace(new.answer["rank"]),
        "Level: answer `rank` is anything instead of integer",
    ),
    "items of an answer": (
        lambda new: replace(new.answer["tags"]["items"], type="integer"),
        "Level: answer `tags.[]` is integer instead of string",
    ),
    "free fields of an answer": (
        lambda new: new.answer["more"].update(additionalProperties={"type": "string"}),
        "Level: answer `more.*` is string instead of integer",
    ),
    "no free fields": (
        lambda new: new.answer["more"].pop("additionalProperties"),
        "Level: answer `more` has other fields of any name",
    ),
    "format of an answer": (
        lambda new: new.answer["note"].update(format="date-time"),
        "Level: answer `note` has the format date-time instead of date",
    ),
    "value of an answer": (
        lambda new: new.answer["state"].update(enum=["open"]),
        "Level: answer `state` no longer has the value `closed`",
    ),
    "code of a problem": (
        lambda new: new.schemas["Problem"]["properties"]["code"].update(enum=["missing"]),
        "Problem: answer `code` no longer has the value `not_found`",
    ),
    "another object": (
        lambda new: new.post["responses"]["200"]["content"][JSON].update(
            schema={"$ref": "#/components/schemas/Result"}
        ),
        "addResult: answer `200.rank` is gone",
    ),
    "field of a request": (lambda new: new.request.pop("kind"), "Result: request `kind` is gone"),
    "new required field": (
        lambda new: (new.request.update(age={"type": "integer"}), new.result["required"].append("age")),
        "Result: request `age` is new and required",
    ),
    "required field": (lambda new: new.result["required"].append("kind"), "Result: request `kind` is required"),
    "value of a request": (
        lambda new: new.request["kind"].update(enum=["easy"]),
        "Result: request `kind` no longer has the value `hard`",
    ),
    "certain values": (
        lambda new: new.request["name"].update(enum=["a"]),
        "Result: request `name` is limited to certain values",
    ),
    "narrower request": (
        lambda new: replace(new.request["pace"], type="integer"),
        "Result: request `pace` is integer instead of number",
    ),
    "request of another type": (
        lambda new: new.request["name"].update(type="array"),
        "Result: request `name` is array instead of string",
    ),
    "request without null": (
        lambda new: new.request["at"].update(type="string"),
        "Result: request `at` is no longer null",
    ),
    "maximum": (
        lambda new: new.request["score"].update(maximum=99),
        "Result: request `score` has the maximum 99 instead of 100",
    ),
    "minimum": (
        lambda new: new.request["score"].update(minimum=1),
        "Result: request `score` has the minimum 1 instead of 0",
    ),
    "new bound": (
        lambda new: new.request["name"].update(minLength=1),
        "Result: request `name` has the minLength 1 instead of none",
    ),
    "pattern": (lambda new: new.request["name"].update(pattern="^a$"), "Result: request `name` has another pattern"),
    "format of a request": (
        lambda new: new.request["name"].update(format="uuid"),
        "Result: request `name` has the format uuid",
    ),
    "default": (
        lambda new: new.request["hints"].update(default=1),
        "Result: request `hints` has the default 1 instead of 0",
    ),
    "alternative": (lambda new: new.body["schema"]["oneOf"].pop(0), "addResult: request is no longer Result"),
}


@pytest.mark.parametrize(("change", "what"), BREAKS.values(), ids=BREAKS)
def test_a_break_is_found(change, what):
    assert what in [str(each) for each in differences(change) if each.kind == Kind.BREAK]


HARMLESS = {
    "path": (
        lambda new: new.document["paths"].update({"/goals": {"get": {"operationId": "listGoals"}}}),
        "additions listGoals: GET /goals is new",
    ),
    "sign-in": (
        lambda new: new.get["security"].append({"serverKey": []}),
        "additions listLevels: sign-in by serverKey is new",
    ),
    "optional parameter": (
        lambda new: new.get["parameters"].append({"in": "query", "name": "at", "schema": {}}),
        "additions listLevels: query parameter at is new",
    ),
    "status": (lambda new: new.get["responses"].update({"403": {}}), "additions listLevels: status 403 is new"),
    "field of an answer": (
        lambda new: (new.answer.update(age={"type": "integer"}), new.level["required"].append("age")),
        "additions Level: answer `age` is new",
    ),
    "field of a request": (
        lambda new: new.request.update(age={"type": "integer"}),
        "additions Result: request `age` is new",
    ),
    "value of an answer": (
        lambda new: new.answer["state"]["enum"].append("gone"),
        "additions Level: answer `state` has the value `gone`",
    ),
    "any value in an answer": (
        lambda new: new.answer["state"].pop("enum"),
        "additions Level: answer `state` may have any value",
    ),
    "any value in a request": (
        lambda new: new.request["kind"].pop("enum"),
        "additions Result: request `kind` may have any value",
    ),
    "value of a request": (
        lambda new: new.request["kind"]["enum"].append("hell"),
        "additions Result: request `kind` has the value `hell`",
    ),
    "wider request": (
        lambda new: replace(new.request["score"], type="number", minimum=0, maximum=100),
        "additions Result: request `score` is number instead of integer",
    ),
    "request that may be null": (
        lambda new: new.request["kind"].update(type=["string", "null"]),
        "additions Result: request `kind` may be null",
    ),
    "optional field": (
        lambda new: new.result["required"].clear(),
        "additions Result: request `score` is no longer required",
    ),
    "maximum": (
        lambda new: new.request["score"].update(maximum=101),
        "additions Result: request `score` has the maximum 101 instead of 100",
    ),
    "no minimum": (
        lambda new: new.request["score"].pop("minimum"),
        "additions Result: request `score` has the minimum none instead of 0",
    ),
    "alternative": (
        lambda new: new.body["schema"]["oneOf"].append({"$ref": "#/components/schemas/Level"}),
        "additions addResult: request may be Level",
    ),
    "answer without null": (
        lambda new: new.answer["note"].update(type="string"),
        "changes Level: answer `note` is no longer null",
    ),
    "deprecation": (
        lambda new: new.get.update({"deprecated": True, "x-sunset": "2027-06-01"}),
        "deprecations listLevels: deprecated until 2027-06-01",
    ),
}


@pytest.mark.parametrize(("change", "what"), HARMLESS.values(), ids=HARMLESS)
def test_what_is_harmless_is_found_and_no_break(change, what):
    assert [f"{each.kind} {each}" for each in differences(change)] == [what]


NOT_COMPARED = {
    "nothing": lambda _: None,
    "description": lambda new: new.answer["name"].update(description="Of the level.", example="One"),
    "order": lambda new: new.request["kind"]["enum"].reverse(),
    "bound of an answer": lambda new: new.answer["name"].update(maxLength=3),
    "name of a schema": lambda new: (
        new.schemas.update(Card=new.level),
        [
            new.path[method]["responses"]["200"]["content"][JSON].update(schema={"$ref": "#/components/schemas/Card"})
            for method in ("get", "post")
        ],
    ),
    "reference with a description": lambda new: new.get["responses"]["200"]["content"][JSON].update(
        schema={"allOf": [{"$ref": "#/components/schemas/Level"}], "description": "One."}
    ),
}


@pytest.mark.parametrize("change", NOT_COMPARED.values(), ids=NOT_COMPARED)
def test_what_clients_do_not_notice_is_not_a_difference(change):
    assert differences(change) == []


def test_a_problem_that_says_more_is_an_addition():
    def change(new):
        new.schemas["Locked"] = deepcopy(new.schemas["Problem"])
        new.schemas["Locked"]["properties"]["missing"] = {"type": "string"}
        both = [{"$ref": f"#/components/schemas/{name}"} for name in ("Locked", "Problem")]
        new.document["components"]["responses"]["Missing"]["content"]["application/problem+json"]["schema"] = {
            "oneOf": both
        }

    assert [f"{each.kind} {each}" for each in differences(change)] == [
        "additions listLevels: answer `404` may be Locked"
    ]


def test_a_difference_in_a_shared_schema_is_said_once():
    assert len(differences(lambda new: new.answer.pop("name"))) == 1


def deprecated_until(sunset):
    return lambda draft: draft.get.update({"deprecated": True, "x-sunset": sunset})


@pytest.mark.parametrize(("sunset", "kind"), [("2026-11-30", Kind.REMOVAL), ("2026-12-01", Kind.BREAK)])
def test_a_deprecated_operation_may_be_removed_after_its_sunset(sunset, kind):
    (difference,) = differences(lambda new: new.path.pop("get"), before=deprecated_until(sunset))
    assert difference.kind == kind


@pytest.mark.parametrize(("sunset", "kind"), [("2027-01-01", Kind.BREAK), ("2028-01-01", Kind.CHANGE)])
def test_a_sunset_may_be_put_off_and_not_be_brought_forward(sunset, kind):
    (difference,) = differences(deprecated_until(sunset), before=deprecated_until("2027-06-01"))
    assert difference.kind == kind


def test_a_deprecation_may_be_taken_back():
    def change(new):
        new.get.pop("deprecated"), new.get.pop("x-sunset")

    (difference,) = differences(change, before=deprecated_until("2027-06-01"))
    assert str(difference) == "listLevels: no longer deprecated"
