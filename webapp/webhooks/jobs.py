"""Each minute what is new is told. What could not be told waits in the database, so a lost job loses nothing."""

from functools import partial

from webapp.desk import Desk

TELL, TIDY = "webhooks.tell", "webhooks.tidy"


def register(desk: Desk) -> None:
    desk.jobs.task(TELL)(partial(tell, desk))
    desk.jobs.task(TIDY)(partial(tidy, desk))
    desk.jobs.periodic(TELL, 1)
    desk.jobs.periodic(TIDY, 57)


def tell(desk: Desk) -> None:
    from webapp.webhooks import sending

    sending.run(desk)


def tidy(desk: Desk) -> None:
    from webapp.webhooks import sending

    sending.tidy(desk)
