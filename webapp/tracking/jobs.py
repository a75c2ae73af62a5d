"""The job that takes clicks in, once a minute."""

from webapp.desk import Desk

TAKE_IN = "tracking.take_in"


def register(desk: Desk) -> None:
    from webapp.tracking.intake import Intake

    intake = Intake(desk)

    def take_in() -> None:
        intake.run()

    desk.jobs.task(TAKE_IN)(take_in)
    desk.jobs.periodic(TAKE_IN, 1)
