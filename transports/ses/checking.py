"""Rules across the fields of an SES account: offline, each with its remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from transports.contract import Settings
from transports.fields import FieldProblem

REGION = re.compile(r"[a-z]{2}(-[a-z]{2,12}){1,3}-[0-9]{1,2}")
_SET = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:([a-z0-9-]+):[0-9]{12}:[A-Za-z0-9_.-]{1,256}")


@dataclass(frozen=True, slots=True)
class Topic:
    """The one SNS topic whose notices are believed."""

    arn: str
    region: str

    @property
    def domain(self) -> str:
        return "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"

    @property
    def host(self) -> str:
        """Where Amazon SNS answers in this region."""
        return f"sns.{self.region}.{self.domain}"


def topic_of(settings: Settings) -> Topic | None:
    """The topic in the settings, None if they name none."""
    found = _TOPIC.fullmatch(str(settings.get("topic_arn") or "").strip())
    return Topic(found[0], found[1]) if found else None


def problems(settings: Settings) -> list[FieldProblem]:
    """Everything that cannot work; never raises."""
    names = ("region", "access_key_id", "secret_access_key", "endpoint", "configuration_set", "topic_arn")
    text = {name: str(settings.get(name) or "") for name in names}
    return [*_key(text), *_place(text), *_names(text)]


def _key(text: dict[str, str]) -> Iterator[FieldProblem]:
    if not text["access_key_id"]:
        yield FieldProblem("access_key_id", "The access key ID is missing. IAM shows it beside the user.")
    if not text["secret_access_key"]:
        reason = "The secret access key is missing. IAM shows it once, when the key is made."
        yield FieldProblem("secret_access_key", reason)
    for name, label in (("access_key_id", "access key ID"), ("secret_access_key", "secret access key")):
        if re.search(r"\s", text[name]):
            yield FieldProblem(name, f"The {label} has no blank or line break. Paste it again.")


def _place(text: dict[str, str]) -> Iterator[FieldProblem]:
    if not text["region"]:
        yield FieldProblem("region", "The region is missing. It looks like eu-central-1.")
    elif not REGION.fullmatch(text["region"]):
        yield FieldProblem("region", "This is not a region. It looks like eu-central-1.")
    if text["endpoint"] and (reason := _what_is_wrong_with_url(text["endpoint"])):
        yield FieldProblem("endpoint", reason)


def _what_is_wrong_with_url(address: str) -> str:
    shape = "It looks like https://email.eu-central-1.amazonaws.com."
    try:
        url = urlsplit(address)
        usable = bool(url.hostname) and url.port != 0
    except ValueError:
        return f"This is not an address. {shape}"
    if url.scheme not in ("http", "https") or not usable or re.search(r"\s", address):
        return f"This is not an https address. {shape}"
    if url.username or url.password:
        return "An endpoint has no password in it. The key has its own fields."
    if url.query or url.fragment:
        return f"An endpoint ends before “?” and “#”. {shape}"
    return ""


def _names(text: dict[str, str]) -> Iterator[FieldProblem]:
    if text["configuration_set"] and not _SET.fullmatch(text["configuration_set"]):
        reason = "A configuration set has letters, digits, - and _ only. Copy its name from the console."
        yield FieldProblem("configuration_set", reason)
    if not text["topic_arn"]:
        return
    topic = _TOPIC.fullmatch(text["topic_arn"])
    if not topic:
        reason = "This is not a topic. It looks like arn:aws:sns:eu-central-1:123456789012:name."
        yield FieldProblem("topic_arn", reason)
    elif REGION.fullmatch(text["region"]) and topic[1] != text["region"]:
        reason = f"The topic is in {topic[1]}, the account in {text['region']}. They must be the same."
        yield FieldProblem("topic_arn", reason)
