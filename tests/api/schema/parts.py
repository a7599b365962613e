"""What tests read from parts of the document."""

from skillquest.api.schema.documents import JSON


def needs_sign_in(operation):
    return bool(operation["security"])


def examples_of(content):
    return [content["example"]] if "example" in content else [each["value"] for each in content["examples"].values()]


def parts_of(node):
    """Every object inside a part of the document, the part first."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from parts_of(child)


def answers(responses):
    """(where, content) of every body of a success."""
    return [
        (where, response["content"][JSON])
        for where, status, response in responses
        if status < "300" and JSON in response.get("content", {})
    ]
