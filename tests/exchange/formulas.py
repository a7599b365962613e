"""P21: texts that a spreadsheet computes when they are the beginning of a cell."""

import re

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\ufeff=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "'=1",
    "''-1",
    '=HYPERLINK("https://example.test","x")',
    "=cmd|'/c calc'!A1",
]

# What a spreadsheet leaves out at the beginning of a cell.
_BLANKS = " \u00a0\u200b\ufeff\u3000"
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")


def is_formula(cell):
    """Of the text of a cell. A number with a sign is none, nor is what follows an apostrophe."""
    if cell.startswith(("\t", "\r", "\n")):
        return True
    return cell.lstrip(_BLANKS)[:1] in {*"=+-@＝＋－＠"} and not _NUMBER.fullmatch(cell)
