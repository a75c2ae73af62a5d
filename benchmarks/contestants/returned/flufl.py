"""flufl.bounce, the reader of Mailman. It tells lasting from passing failures, which is not the same as hard and soft."""

from email import message_from_bytes

from flufl.bounce import all_failures

from benchmarks.contestants.returned.answering import Understood, answer


def understand(raw: bytes) -> Understood:
    passing, lasting = all_failures(message_from_bytes(raw))
    found = {one.decode("ascii", "replace") for one in passing | lasting}
    return "bounce" if found else "other", dict.fromkeys(found, "")


if __name__ == "__main__":
    answer(understand)
