"""Every body has an example, and every example fits its schema."""

from skillquest.api.schema.documents import JSON
from skillquest.api.schema.problems import PROBLEM_TYPE

from .parts import examples_of, parts_of


def bodies(operations, responses):
    """(where, content) of every body, of requests and of responses."""
    requests = [(name, operation["requestBody"]) for name, operation in operations if "requestBody" in operation]
    for where, body in [*requests, *((where, response) for where, _, response in responses)]:
        for content in body.get("content", {}).values():
            yield where, content


def test_every_body_has_an_example(operations, responses):
    assert [where for where, content in bodies(operations, responses) if not examples_of(content)] == []


def test_every_example_fits_its_own_schema(operations, responses, errors_of):
    wrong = {
        where: errors
        for where, content in bodies(operations, responses)
        for example in examples_of(content)
        if (errors := errors_of(example, content["schema"]))
    }
    assert wrong == {}


def test_examples_of_errors_have_the_status_under_which_they_stand(responses):
    for where, status, response in responses:
        if "400" <= status < "600":
            assert {str(each["status"]) for each in examples_of(response["content"][PROBLEM_TYPE])} == {status}, where


def test_examples_of_fields_and_parameters_fit_too(schema, operations, errors_of):
    parts = [*parts_of(schema["components"]["schemas"])]
    parts += [parameter for _, operation in operations for parameter in operation.get("parameters", [])]
    wrong = {
        str(part): errors
        for part in parts
        if "example" in part and (errors := errors_of(part["example"], part.get("schema", part)))
    }
    assert wrong == {}


def test_the_batch_has_an_example_of_each_type_of_event_that_fits_its_own_schema(schema, operations, errors_of):
    [operation] = [operation for _, operation in operations if operation["operationId"] == "syncEvents"]
    examples = examples_of(operation["requestBody"]["content"][JSON])
    events = [event for example in examples for event in example["events"]]
    kinds = schema["components"]["schemas"]["EventRequest"]["discriminator"]["mapping"]
    assert {event["type"] for event in events} == set(kinds)
    assert [errors for event in events if (errors := errors_of(event, {"$ref": kinds[event["type"]]}))] == []
