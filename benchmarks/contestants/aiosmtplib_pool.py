"""aiosmtplib: ten connections in one event loop, an `EmailMessage` a recipient."""

import asyncio

import aiosmtplib

from benchmarks import message
from benchmarks.contestants.smtplib_email_message import composed
from benchmarks.contestants.stopwatch import timed

CONNECTIONS = 10


async def _some(port: int, numbers: range) -> int:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
        for number in numbers:
            await client.send_message(
                composed(number), sender=message.SENDER, recipients=[message.address(number)]
            )
    return len(numbers)


async def _all(port: int, mails: int) -> int:
    shares = [range(first, mails, CONNECTIONS) for first in range(min(CONNECTIONS, mails))]
    return sum(await asyncio.gather(*(_some(port, share) for share in shares)))


def send(port: int, mails: int) -> int:
    return asyncio.run(_all(port, mails))


if __name__ == "__main__":
    timed(send)
