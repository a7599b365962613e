"""Calls of learners/ with a server key."""

from tests.machines.keys import client_with, make_key

FULL = {"display_name": "Ana", "email": "ana@example.test", "time_zone": "Asia/Jakarta", "language": "id"}


class Server:
    """A server of others, with a key of its own."""

    def __init__(self, **fields):
        self.key, token = make_key(**fields)
        self.api = client_with(token)

    def put(self, external_id="pupil-1", **fields):
        return self.api.put(f"/api/v1/learners/{external_id}", fields, format="json")

    def get(self, external_id="pupil-1"):
        return self.api.get(f"/api/v1/learners/{external_id}")

    def delete(self, external_id="pupil-1"):
        return self.api.delete(f"/api/v1/learners/{external_id}")

    def token(self, external_id="pupil-1", **fields):
        return self.api.post(f"/api/v1/learners/{external_id}/token", fields, format="json")

    def claim_link(self, external_id="pupil-1", **fields):
        return self.api.post(f"/api/v1/learners/{external_id}/claim-link", fields, format="json")


def problem(answer):
    body = answer.json()
    return answer.status_code, body["code"], body.get("errors", {})
