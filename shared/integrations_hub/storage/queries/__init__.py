"""The statements, built with SQLAlchemy Core where columns matter and written out where SQL says it better.

Each module's upper-case names become constants of `storage/statements.py` (`make sql`), which is what runs.
"""
