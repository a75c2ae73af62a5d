"""What earlier lines of a file said, however long it is: kept in a temporary database, not in memory."""

import sqlite3


class Seen:
    """For each kind of thing the line on which it first stood."""

    def __init__(self) -> None:
        # An empty name is SQLite's own temporary file: it keeps little in memory and is gone when closed.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute("CREATE TABLE seen (thing TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")

    def first(self, kind: str, thing: str, line: int) -> int | None:
        """Note a thing; the earlier line that already had it, or None."""
        key = f"{kind} {thing}"
        if self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, line)).rowcount:
            return None
        return self.line(kind, thing)

    def line(self, kind: str, thing: str) -> int | None:
        """The line that has it, or None. Notes nothing."""
        found = self._database.execute(
            "SELECT line FROM seen WHERE thing = ?", (f"{kind} {thing}",)
        ).fetchone()
        return int(found[0]) if found else None

    def mark(self) -> None:
        """Keep what was noted so far, and remember this moment."""
        if self._database.in_transaction:
            self._database.execute("COMMIT")
        self._database.execute("BEGIN")

    def back_to_mark(self) -> None:
        """Forget what was noted since `mark`."""
        self._database.execute("ROLLBACK")

    def close(self) -> None:
        self._database.close()
