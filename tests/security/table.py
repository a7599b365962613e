"""`matrix.txt` as rows: who may do what. One row for each endpoint, one column for each role."""

from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("matrix.txt")
PROPOSED = "?"
ROLES = [
    "anonymous",
    "learner",
    "other",
    "staff",
    "editor",
    "steward",
    "superuser",
    "inactive",
    "expired",
    "revoked",
    "no-csrf",
]
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


def read_rows():
    lines = [line.split() for line in TABLE.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return [read_row(line) for line in lines if line[0] != "method"]


def read_row(parts):
    is_confirmed = parts[0] != PROPOSED
    method, path, *cells = parts if is_confirmed else parts[1:]
    return Row(method, path, dict(zip(ROLES, cells, strict=True)), is_confirmed)


def write_rows(rows):
    """Write the rows in groups, each below a header line; keep the comment at the top of the file."""
    width = max(len(row.path) for row in rows)
    header = as_line("method", "path", {role: role for role in ROLES}, width)
    lines = [line for line in TABLE.read_text().splitlines() if line.startswith("#")]
    areas, area = list(dict.fromkeys(row.area for row in rows)), None
    for row in sorted(rows, key=lambda row: (areas.index(row.area), row.path.partition("#")[0])):
        if row.area != area:
            lines += ["", header]
        area = row.area
        lines.append(("" if row.is_confirmed else f"{PROPOSED} ") + as_line(row.method, row.path, row.cells, width))
    TABLE.write_text("\n".join(lines) + "\n")


def as_line(method, path, cells, width):
    columns = [f"{method:7}", f"{path:{width}}", *(f"{cells[role]:{max(len(role), 8)}}" for role in ROLES)]
    return "  ".join(columns).rstrip()
