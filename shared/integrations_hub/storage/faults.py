"""What PostgreSQL's refusals mean to a caller: the one place where psycopg's errors become the hub's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from integrations_hub.errors import Extras, Invalid, NameTaken, StorageUnavailable

__all__ = ["LockTimeout", "translated", "unavailable"]

_NAME_INDEX = "integrations_name"
_BUSY = (
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.QueryCanceled,
    errors.TooManyConnections,
)
# psycopg itself refuses NUL with the bare DataError, and Python a lone surrogate
_UNSTORABLE = (
    errors.UntranslatableCharacter,
    errors.CharacterNotInRepertoire,
    psycopg.DataError,
    UnicodeEncodeError,
)
_BUSY_SENTENCE = "The database is busy. Repeat the request."


class LockTimeout(StorageUnavailable):
    """Another transaction held what this one needs for too long."""


def unavailable(sentence: str, retry_after_s: int) -> StorageUnavailable:
    """Return the refusal that tells the caller when to come back."""
    return StorageUnavailable(sentence, extras=Extras(headers={"Retry-After": str(retry_after_s)}))


@contextmanager
def translated() -> Iterator[None]:
    """Turn psycopg's foreseeable errors into the hub's; the others are bugs and pass.

    Raises:
        NameTaken: the unique index of names refused.
        StorageUnavailable: the database is away, or too busy for now.
        LockTimeout: another transaction is in the way.
        Invalid: a text holds what PostgreSQL cannot store.
    """
    try:
        yield
    except errors.UniqueViolation as refused:
        if refused.diag.constraint_name != _NAME_INDEX:
            raise
        raise NameTaken("Another integration of this tenant has this name. Choose another.") from None
    except (UnicodeEncodeError, psycopg.DataError) as refused:
        if type(refused) not in _UNSTORABLE:
            raise
        raise Invalid("A text holds a character that cannot be stored, such as NUL. Remove it.") from None
    except errors.LockNotAvailable:
        raise LockTimeout(_BUSY_SENTENCE, extras=Extras(headers={"Retry-After": "1"})) from None
    except _BUSY:
        raise unavailable(_BUSY_SENTENCE, 1) from None
    except (psycopg.OperationalError, psycopg.InterfaceError) as away:
        raise unavailable("The database did not answer. Repeat the request.", 5) from away
