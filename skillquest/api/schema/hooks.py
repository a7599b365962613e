"""The two steps that drf-spectacular calls: before it describes the paths, and when it has described them."""

from tracking.recording.fields import METADATA_SCHEMA

from .answers import HEADERS, declare_headers, declare_success, require_sent_fields
from .problems import declare_problems, problem_components, share_problems
from .requests import declare_request

API_PREFIX = "/api/v1/"
# Second addresses of a path that is described; /api/ is one of /api/v1/ as a whole.
ALIASES = {f"{API_PREFIX}gamification/xp/history"}


def only_described_paths(endpoints: list[tuple]) -> list[tuple]:
    """One operation for each path and method, under its main address."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith(API_PREFIX) and endpoint[0] not in ALIASES]


def complete(result: dict, generator, request, public: bool) -> dict:  # noqa: ARG001 (drf-spectacular's signature)
    """Declare what operations have in common: requests, answers, errors and headers."""
    components, paths = result.setdefault("components", {}).setdefault("schemas", {}), result["paths"]
    components["CompletionMetadata"] = METADATA_SCHEMA
    codes = set()
    for path, method, operation in operations_of(paths):
        declare_request(path, method, operation, components)
    require_sent_fields(paths, components)
    declare_success(paths, components)
    for path, method, operation in operations_of(paths):
        codes |= declare_problems(path, method, operation, components)
        declare_headers(path, method, operation)
    components |= problem_components(codes)
    result["components"] |= {"headers": HEADERS, "responses": share_problems(paths)}
    return result


def operations_of(paths: dict) -> list[tuple[str, str, dict]]:
    return [(path, method, operation) for path, methods in paths.items() for method, operation in methods.items()]
