"""What a command will not do."""

__all__ = ["Refused"]


class Refused(Exception):
    """A command was refused; the sentence says what to change."""
