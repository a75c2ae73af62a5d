"""Lists from files: read, mapped, checked without a change, taken in. Each feature says what a row of its list is."""
