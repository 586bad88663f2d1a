"""Middleware that knows nothing about members: sizes, compression, the log, and error pages."""
