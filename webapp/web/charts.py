"""Numbers for charts that are drawn on the server."""


def scale_end(most: int) -> int:
    """Where the scale of a chart ends: a round number at or above the largest value, and never below 4."""
    most = max(most, 4)
    step: int = 10 ** (len(str(most)) - 1)
    return next(step * factor for factor in (1, 2, 4, 5, 6, 8, 10) if step * factor >= most)
