"""How the database is asked: prepared queries, time limits, locks, leases, and a replica."""
