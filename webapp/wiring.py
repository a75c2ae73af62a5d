"""The composition root for app, command line and sender: everything that is made once, made here. No Flask."""

from functools import partial

from sqlalchemy.orm import sessionmaker

from transports.net import Net
from transports.registry import Registry
from webapp import announce, schema
from webapp.accounts import ports as accounts_ports
from webapp.affiliates import ports as affiliates_ports
from webapp.announcing import jobs as announcing
from webapp.announcing.announcer import Announcer
from webapp.api import jobs as api
from webapp.api import kept
from webapp.applications import jobs as applications
from webapp.broadcasts import jobs as broadcasts
from webapp.broadcasts import segment_use
from webapp.config import Config
from webapp.db import make_engine, writing
from webapp.desk import Desk
from webapp.digests import jobs as digests
from webapp.digests import segment_use as digest_use
from webapp.domains import jobs as domains
from webapp.domains.loop import jobs as loop_tests
from webapp.domains.loop import ports as loop_ports
from webapp.feedback import jobs as feedback
from webapp.feedback import ports as feedback_ports
from webapp.feedback.mailbox.inbox import OwnInbox
from webapp.guards import jobs as guards
from webapp.imports import jobs as imports
from webapp.imports import kinds
from webapp.jobs import Jobs
from webapp.mail import poke
from webapp.mail_templates import letters
from webapp.notices import jobs as notices
from webapp.offers.audience import OfferAudience
from webapp.portal.ending import end_estranged
from webapp.replies import forgetting as replies
from webapp.replies import intake as replies_intake
from webapp.reports import jobs as reports
from webapp.retention import jobs as retention
from webapp.segments import jobs as segments
from webapp.segments import ports as segments_ports
from webapp.segments.audience import SegmentAudience
from webapp.setbacks.work import watched
from webapp.settings import bootstrap, store
from webapp.tracking import jobs as tracking
from webapp.vault import Vault
from webapp.webhooks import hooks
from webapp.webhooks import jobs as webhooks

__all__ = ["Desk", "open_desk"]

JOBS = (
    broadcasts,
    imports,
    applications,
    announcing,
    domains,
    loop_tests,
    notices,
    tracking,
    guards,
    reports,
    feedback,
    retention,
    api,
    segments,
    digests,
    webhooks,
)  # features whose `jobs.py` registers work that is done beside the pages

LISTS = {  # what can be imported, in the order in which one refers to the other; loaded when it is first needed
    "affiliates": "webapp.affiliates.kind:KIND",
    "offers": "webapp.offers.kinds:OFFERS",
    "assignments": "webapp.offers.kinds:ASSIGNMENTS",
    kinds.SPLITTER: "webapp.offers.listing",  # JSON that holds all three
}


def open_desk(config: Config) -> Desk:
    """Open an instance and make whatever a fresh one lacks: folders, key file, database, migrations."""
    for folder in (config.home, config.plugins, config.spool, config.mail_folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = make_engine(config.database_url)
    # The key comes first: a database whose key was never written could not be opened again.
    vault = Vault.open(config.key_file, create=schema.is_empty(engine))
    schema.migrate(engine)
    makers = (
        sessionmaker(engine, expire_on_commit=False),
        sessionmaker(writing(engine), expire_on_commit=False),
    )
    for maker in makers:
        poke.attach(maker, config.spool)
        announce.attach(maker, Announcer(config, vault))
    desk = Desk(
        config=config,
        vault=vault,
        engine=engine,
        reading=makers[0],
        writing=makers[1],
        registry=Registry.discover(config.plugins),
        net=Net(config.allow_hosts, mail_root=config.mail_folder),
        jobs=Jobs(config.jobs_url),
    )
    desk.jobs.watch = partial(watched, desk)
    for jobs in JOBS:
        jobs.register(desk)
    accounts_ports.plug(store.get, letters.letter)
    kinds.plug(LISTS)
    loop_ports.plug(OwnInbox())
    affiliates_ports.plug_audience(OfferAudience())
    affiliates_ports.plug_segments(SegmentAudience())
    affiliates_ports.plug_forgetting(kept.forget, hooks.forget, replies.forget)
    feedback_ports.plug_hearing(replies_intake.hear)
    affiliates_ports.plug_signing_out(end_estranged)
    segments_ports.plug_uses(segment_use.uses, digest_use.uses)
    bootstrap.prepare(desk)
    return desk
