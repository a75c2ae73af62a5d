"""The whole product: `offerpost worker` on a real instance, from the committed mailing to its last recorded result."""

import time

from benchmarks.contestants import Run
from benchmarks.instance import Instance
from benchmarks.processes import cpu_seconds, peak_mb
from webapp.db import utcnow


class Offerpost:
    """`instance` has a running worker and enough affiliates; its mail server is the sink of this run."""

    composes = True
    mails = 10_000

    def __init__(self, instance: Instance, name: str) -> None:
        self._instance, self.name = instance, name

    def run(self, _port: int, mails: int) -> Run:
        instance = self._instance
        instance.people(mails)
        time.sleep(0.6)  # what the last mailing left in the journals is cleared away
        before = cpu_seconds(instance.pids)
        mailing_id = instance.mail(mails)
        started = utcnow()
        mailing = instance.wait(mailing_id)
        if mailing.sent != mails or mailing.finished_at is None:
            raise RuntimeError(f"{mailing.sent} of {mails} mails are sent")
        seconds = (mailing.finished_at - started).total_seconds()
        cpu = cpu_seconds(instance.pids) - before
        return Run(mails, seconds, cpu, max(peak_mb(pid) for pid in instance.pids))
