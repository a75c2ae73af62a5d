from collections.abc import Callable

import pytest
from sqlalchemy import event

from webapp.desk import Desk


@pytest.fixture
def count_queries(desk: Desk) -> Callable[[Callable[[], object]], int]:
    """How many statements a call sends to the database."""

    def count(deed: Callable[[], object]) -> int:
        seen: list[str] = []
        listener = lambda _c, _cur, statement, *_: seen.append(statement)  # noqa: E731
        event.listen(desk.engine, "before_cursor_execute", listener)
        deed()
        event.remove(desk.engine, "before_cursor_execute", listener)
        return len(seen)

    return count
