"""Background work that failed: kept apart from the rest, shown, told, and tried again after a growing pause."""
