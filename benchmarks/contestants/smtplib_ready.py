"""The standard library's SMTP client at its fastest: ten threads, ten kept connections, one finished message."""

import smtplib
from concurrent.futures import ThreadPoolExecutor

from benchmarks import message
from benchmarks.contestants.stopwatch import timed

THREADS = 10


def send(port: int, mails: int, threads: int = THREADS) -> int:
    content = message.ready()
    shares = [range(first, mails, threads) for first in range(threads)]

    def some(numbers: range) -> int:
        if not numbers:
            return 0
        with smtplib.SMTP("127.0.0.1", port) as client:
            for number in numbers:
                client.sendmail(message.SENDER, [message.address(number)], content)
        return len(numbers)

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(some, shares))


if __name__ == "__main__":
    timed(send)
