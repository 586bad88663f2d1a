"""Measure a million leads and ten million texts on PostgreSQL: `make bench-large`.

`fill` creates the rows once, and they stay. `queries` has the searches, `by_hand` what a person
would write for some of them, and each other module is one section of the report.
"""
