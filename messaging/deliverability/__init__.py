"""How an organization's texts went: sent, failed, and received, why, and what it cost.

Texts are counted by day in the organization's time zone, so that a page about a year doesn't read a
million of them. Triggers note which quarters of an hour changed (`ChangedQuarter`), and the worker
counts their days again (`recounting`). Until then, pages count the latest of those days themselves.
"""
