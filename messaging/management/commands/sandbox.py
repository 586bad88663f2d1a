from messaging.carriers.sandbox.command import Command

__all__ = ["Command"]
