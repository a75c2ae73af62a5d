"""Addresses for programs. Each asks for a key with a scope; sessions and cookies count for nothing here."""

from collections.abc import Callable
from contextlib import nullcontext
from importlib import import_module

from flask import Blueprint, Flask, Response
from flask_wtf import CSRFProtect

from webapp.announce import silently
from webapp.api import body, keyring, mails, telling
from webapp.api.answers import ANNOUNCE, answer, asked, page, queued, told, wants
from webapp.api.document import document
from webapp.api.fields import texts
from webapp.api.keyring import caller
from webapp.api.once import once
from webapp.api.reading import Asked
from webapp.api.resources import RESOURCES, Resource
from webapp.api.taking import take
from webapp.errors import Invalid
from webapp.web.access import by_key, public
from webapp.web.session import db

blueprint = Blueprint("api", __name__, url_prefix="/api")


def install(app: Flask) -> None:
    import_module("webapp.api.key_routes").install(app)
    keyring.install(app)
    app.register_blueprint(blueprint)
    protection: CSRFProtect = app.extensions["csrf"]
    protection.exempt(blueprint)  # no cookie is looked at, so nobody's browser can be made to ask


def _serve(resource: Resource) -> None:
    """The addresses of one kind of things: the list and one of it, to read and to write."""
    reads, writes = by_key(f"{resource.slug}:read"), by_key(f"{resource.slug}:write")

    def index() -> Response:
        return page(resource.read(db(), caller().user, asked(resource.filters)))

    def show(**keys: str) -> Response:
        asked(())
        return answer(resource.read(db(), caller().user, Asked(keys, limit=1)).only)

    def put() -> Response:
        importer = resource.importer(caller().user)
        items, several = body.objects()
        results = take(db(), resource.kind, importer, resource.fields, items)
        return told(resource.slug, results, resource.keys, several=several)

    def change(**keys: str) -> Response:
        values, problems = texts(body.item(), resource.changeable)
        if problems:
            raise Invalid(problems)
        with nullcontext() if wants(ANNOUNCE) else silently(db()):
            resource.change(db(), caller().user, keys, values)
        return answer({"outcome": "changed", **keys, "queued": queued(db())})

    _add(f"/{resource.slug}", f"{resource.slug}_list", reads(index), "GET")
    _add(f"/{resource.slug}", f"{resource.slug}_put", writes(once(put)), "POST")
    _add(f"/{resource.slug}{resource.place}", f"{resource.slug}_show", reads(show), "GET")
    _add(f"/{resource.slug}{resource.place}", f"{resource.slug}_change", writes(once(change)), "PATCH")


def _add(address: str, endpoint: str, view: Callable[..., Response], method: str) -> None:
    blueprint.add_url_rule(address, endpoint, view, methods=[method])


for each in RESOURCES:
    _serve(each)


@blueprint.get("/openapi.json")
@public
def openapi() -> Response:
    """It tells nothing about this instance, and tools that read it have no key."""
    return answer(document())


@blueprint.post("/events/<name>")
@by_key("events:write")
@once
def tell(name: str) -> Response:
    return answer(telling.tell(db(), caller().user, name, body.item()))


@blueprint.get("/mails/<int:number>")
@by_key("mails:read")
def mail(number: int) -> Response:
    return answer(mails.mail(db(), caller().user, number))


@blueprint.get("/suppressions")
@by_key("suppressions:read")
def suppressions() -> Response:
    return page(mails.listed(db(), caller().user, asked(("address",))))


@blueprint.post("/suppressions")
@by_key("suppressions:write")
@once
def suppress() -> Response:
    items, several = body.objects()
    results = mails.bar(db(), caller().user, items)
    return told("suppressions", results, ("address",), several=several)
