"""Imports: from an uploaded file to leads, in steps that can each be repeated.

The file is read once, into rows that every later step continues reading where the last one stopped.
A step reads and parses some rows, and stores what they do in one short transaction that begins with
the lock of the import's row. A worker that's killed leaves nothing of its step, and another worker
repeats it. If two workers do the same step, the second one finds that it's done.
"""
