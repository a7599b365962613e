"""The tables as rows: who may do what. One row for each endpoint, one column for each role.

`matrix.txt` is about people, `matrix_of_keys.txt` about server keys, which only the API accepts.
"""

from dataclasses import dataclass
from pathlib import Path

TABLE, TABLE_OF_KEYS = (Path(__file__).with_name(name) for name in ("matrix.txt", "matrix_of_keys.txt"))
PROPOSED = "?"
ROLES = [
    "anonymous",
    "learner",
    "other",
    "staff",
    "editor",
    "steward",
    "reviewer",
    "analyst",
    "integrator",
    "superuser",
    "inactive",
    "expired",
    "revoked",
    "no-csrf",
]
KEY_ROLES = ["key_track", "key_read", "key_award", "key_learners", "key_test"]
ADMIN_PATHS_WITHOUT_APP = {"r", "password_change"}


@dataclass(frozen=True)
class Row:
    method: str
    path: str
    cells: dict[str, str]
    is_confirmed: bool = True

    @property
    def endpoint(self):
        return f"{self.method} {self.path}"

    @property
    def area(self):
        """The group of the row in the file: a part of the API, an app in the admin, or the pages."""
        site, *parts = self.path.strip("/").split("/")
        if site == "api":
            return f"api/{parts[1]}" if len(parts) > 1 else "api"
        if site == "admin":
            return f"admin/{parts[0]}" if len(parts) > 1 and parts[0] not in ADMIN_PATHS_WITHOUT_APP else "admin"
        return "pages"


def read_rows(table=TABLE, roles=ROLES):
    lines = [line.split() for line in table.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return [read_row(line, roles) for line in lines if line[0] != "method"]


def read_row(parts, roles):
    is_confirmed = parts[0] != PROPOSED
    method, path, *cells = parts if is_confirmed else parts[1:]
    return Row(method, path, dict(zip(roles, cells, strict=True)), is_confirmed)


def write_rows(rows, table=TABLE, roles=ROLES):
    """Write the rows in groups, each below a header line; keep the comment at the top of the file."""
    width = max(len(row.path) for row in rows)
    header = as_line("method", "path", {role: role for role in roles}, width)
    lines = [line for line in table.read_text().splitlines() if line.startswith("#")]
    areas, area = list(dict.fromkeys(row.area for row in rows)), None
    for row in sorted(rows, key=lambda row: (areas.index(row.area), row.path.partition("#")[0])):
        if row.area != area:
            lines += ["", header]
        area = row.area
        lines.append(("" if row.is_confirmed else f"{PROPOSED} ") + as_line(row.method, row.path, row.cells, width))
    table.write_text("\n".join(lines) + "\n")


def as_line(method, path, cells, width):
    columns = [f"{method:7}", f"{path:{width}}", *(f"{cells[role]:{max(len(role), 8)}}" for role in cells)]
    return "  ".join(columns).rstrip()
