"""Offerpost side by side with others: `python -m benchmarks`, or `make bench`. Writes docs/performance.md."""
