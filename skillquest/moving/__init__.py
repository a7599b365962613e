"""Moving in from other systems, and out again: `manage.py import_history` and `manage.py export_history`.

A file is read (`files`, `tables`), its rows become records (`mapping`, `records`), records are judged (`judging`)
against what is known (`known`, `scratch`), and what is new is written (`writing`), portion by portion (`importing`).
See docs/moving-in.md and docs/decisions.
"""
