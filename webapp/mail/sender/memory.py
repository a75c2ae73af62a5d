"""Python's collector in processes that make many small things and throw them away at once."""

import gc

YOUNG = 10_000  # new things until the collector looks; a claim of 500 mails makes about as many


def settle() -> None:
    """What is loaded by now stays to the end: the collector need not walk through all of it with every claim."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
