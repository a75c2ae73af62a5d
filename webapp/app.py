"""Builds the Flask app from an opened instance: a visible list of steps."""

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.accounts import routes as accounts
from webapp.affiliates import routes as affiliates
from webapp.announcing import routes as announcing
from webapp.api import routes as api
from webapp.applications import routes as applications
from webapp.broadcasts import routes as broadcasts
from webapp.dashboard import routes as dashboard
from webapp.desk import Desk
from webapp.digests import routes as digests
from webapp.domains import routes as domains
from webapp.feedback import routes as feedback
from webapp.guards import routes as guards
from webapp.mail_templates import routes as mail_templates
from webapp.mailcheck import routes as mailcheck
from webapp.notices import routes as notices
from webapp.offers import routes as offers
from webapp.portal import routes as portal
from webapp.replies import routes as replies
from webapp.reports import routes as reports
from webapp.retention import routes as retention
from webapp.segments import routes as segments
from webapp.settings import routes as settings
from webapp.timeline import routes as timeline
from webapp.token_guide import routes as token_guide
from webapp.tracking import routes as tracking
from webapp.web import access, assets, faults, headers, navigation, origin, pages, rules, session, words
from webapp.webhooks import routes as webhooks

FEATURES = (
    accounts,
    settings,
    affiliates,
    applications,
    offers,
    segments,
    replies,
    timeline,
    domains,
    feedback,
    notices,
    tracking,
    mail_templates,
    mailcheck,
    announcing,
    broadcasts,
    digests,
    portal,
    guards,
    reports,
    token_guide,
    retention,
    api,
    webhooks,
    dashboard,
)
UPLOAD_LIMIT = 64 * 1024 * 1024


def create_app(desk: Desk, *, secure_cookies: bool | None = None) -> Flask:
    """The web side of one instance. `secure_cookies` follows the public address unless told."""
    app = Flask("webapp", template_folder="templates", static_folder="static")
    app.extensions["desk"] = desk
    _configure(app, desk, secure_cookies)
    CSRFProtect(app)
    for step in (rules, session, access, origin, faults, headers, assets, navigation, pages, words):
        step.install(app)
    for feature in FEATURES:
        feature.install(app)
    if desk.config.proxies:
        hops = desk.config.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, desk: Desk, secure_cookies: bool | None) -> None:
    https = desk.config.public_url.startswith("https://")
    app.config.update(
        SECRET_KEY=desk.vault.derived("flask session"),
        SESSION_COOKIE_NAME="offerpost",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https if secure_cookies is None else secure_cookies,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=False,  # the referrer check: we send no referrers; `web.origin` does its work
        MAX_CONTENT_LENGTH=UPLOAD_LIMIT,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
