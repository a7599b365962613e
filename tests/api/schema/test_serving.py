"""GET schema: built once in each process, and not sent again to whoever has it."""

import pytest

from skillquest.api.schema import serving

JSON, YAML = "/api/v1/schema?format=json", "/api/v1/schema"


@pytest.fixture(autouse=True)
def _nothing_built():
    serving.schema.cache_clear()
    serving.rendered.cache_clear()


@pytest.fixture
def builds(monkeypatch):
    """How often the document was built."""
    calls, build = [], serving.SchemaGenerator.get_schema

    def get_schema(self, *args, **options):
        calls.append(options)
        return build(self, *args, **options)

    monkeypatch.setattr(serving.SchemaGenerator, "get_schema", get_schema)
    return calls


def test_it_is_built_once_whoever_asks_and_however(client, builds, schema):
    answers = [client.get(path) for path in (JSON, JSON, YAML, "/api/schema?lang=id", "/api/v1/schema?version=2")]
    assert {answer.status_code for answer in answers} == {200}
    assert answers[0].json() == schema
    assert answers[0].content == answers[1].content
    assert answers[2].content == answers[3].content == answers[4].content
    assert len(builds) == 1


def test_whoever_has_it_gets_304(client):
    first = client.get(JSON)
    assert first["Cache-Control"] == "private, no-cache"
    assert client.get(JSON, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert client.get(YAML, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_each_format_has_its_type_and_file_name(client):
    answers = [client.get(path) for path in (JSON, YAML)]
    assert [answer["Content-Type"] for answer in answers] == [
        "application/vnd.oai.openapi+json",
        "application/vnd.oai.openapi",
    ]
    assert [answer["Content-Disposition"] for answer in answers] == [
        'inline; filename="SkillQuest.json"',
        'inline; filename="SkillQuest.yaml"',
    ]
