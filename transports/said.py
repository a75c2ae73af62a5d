"""What a stranger's server said, made fit for a log line and a page."""

SHOWN = 500


def is_printable(*texts: str) -> bool:
    """Whether `printable` would leave all of these as they are."""
    every = "".join(texts)
    return len(every) <= SHOWN and every.isprintable()


def printable(text: str | bytes, limit: int = SHOWN) -> str:
    """One line of printable text, at most `limit` characters; what cannot be shown becomes a space or `?`."""
    if isinstance(text, bytes):
        text = text[: limit * 4].decode("utf-8", "replace")
    if len(text) <= limit and text.isprintable():
        return text
    shown = "".join(_shown(char) for char in text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _shown(char: str) -> str:
    if char.isprintable():
        return char
    return " " if char.isspace() else "?"
