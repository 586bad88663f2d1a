"""Read lists, searches, exports, and counts from a streaming replica, if there is one.

Everything else uses the primary: writes, transactions, sending, the worker, the admin, and all
pages that don't say otherwise. docs/operations.md says how to set one up.
"""
