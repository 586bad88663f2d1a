"""Bulk sends: prepared and sent by the worker, in steps that can each be repeated.

A step reads, checks, and then writes in one short transaction that begins with the lock of the bulk
send's row. If a worker is killed, nothing of its step is stored, and another worker repeats it. If
two workers do the same step, the second one finds that it's done.
"""
