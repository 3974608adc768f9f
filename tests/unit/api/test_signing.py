"""Signatures equal, byte for byte, to those of the clouds' own SDKs, over requests of every kind.

Huawei's form is compared with Huawei's Python SDK, Open Telekom Cloud's with its Go SDK, which
runs as a program of its own (the fixture otc_sdk).
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pulumi_dli.api.auth.signing import DATE_FORMAT, FORMS, Unsigned, authorization
from support import huawei_sdk
from support.otc_sdk import OtcSdk

MOMENT = "20260102T030405Z"
AK, SK = "hunter2-AK", "hunter2-SK"
HOST = "dli.eu-de.otc.t-systems.com"

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
visible = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=12)
spaced = st.lists(visible, min_size=1, max_size=3).map("  ".join)
bodies = st.one_of(
    st.none(),
    st.binary(max_size=40),
    names.map(lambda text: json.dumps({"desc": text}, ensure_ascii=False).encode()),
    st.sampled_from([b"a" * 300_000, "ü".encode() * 50_000]),
)
paths = st.lists(names.map(lambda text: quote(text, safe="~")), max_size=4).map(lambda parts: "/" + "/".join(parts))
hosts = st.sampled_from([HOST, "127.0.0.1:8480", "dli.cn-north-4.myhuaweicloud.com:443"])
headers = st.fixed_dictionaries(
    {"Content-Type": st.just("application/json")},
    optional={"X-Project-Id": visible, "X-Security-Token": visible, "X-Domain-Id": spaced, "Accept": spaced},
)


def _once_ignoring_case(query: list[tuple[str, str]]) -> bool:
    """Names that differ in their case alone have no order that Open Telekom Cloud's SDK would keep to."""
    found = {quote(name, safe="~") for name, _ in query}
    return len({name.lower() for name in found}) == len(found)


queries = st.lists(st.tuples(st.sampled_from(["", "limit", "name", "Näme", "a b"]) | names, names), max_size=5)


@st.composite
def requests(draw: st.DrawFn) -> Unsigned:
    """Requests with unicode, empty and repeated query values, encoded slashes, large and absent bodies."""
    host, query = draw(hosts), draw(queries.filter(_once_ignoring_case))
    text = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in query)
    url = f"https://{host}{draw(paths)}" + (f"?{text}" if text else "")
    method = draw(st.sampled_from(["GET", "PUT", "POST", "DELETE"]))
    return Unsigned(method, url, {**draw(headers), "Host": host, "X-Sdk-Date": MOMENT}, draw(bodies))


def by_otcs_sdk(sdk: OtcSdk, access_key: str, secret_key: str, request: Unsigned, seconds_ago: int) -> tuple[str, str]:
    # It adds these two itself.
    headers = {name: value for name, value in request.headers.items() if name not in ("Host", "X-Sdk-Date")}
    return sdk.signed(access_key, secret_key, request.method, request.url, headers, request.body, seconds_ago)


def sample(**more: Any) -> Unsigned:
    url = more.get("url", f"https://{HOST}/v1.0/p/streaming/jobs?limit=100&name=a%20b")
    headers = {"Host": urlsplit(url).netloc, "X-Sdk-Date": MOMENT, "X-Project-Id": "p"}
    return Unsigned(**{"method": "GET", "url": url, "headers": headers, **more})


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(AK, SK, sample(url="https://h/v1/a%2Fb/%7E~/%C3%BC?x=&x=2&x=&Y=%2F"))
@given(visible, visible, requests())
def test_huaweis_form_equals_that_of_its_own_sdk(access_key: str, secret_key: str, request: Unsigned) -> None:
    """Byte for byte."""
    asked = request.method, request.url, request.headers, request.body

    assert authorization("huawei", access_key, secret_key, request) == huawei_sdk.signature(
        access_key, secret_key, *asked
    )


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@example(AK, SK, sample(url="https://h/v1/a%2Fb/%7E~/%C3%BC?x=&x=2&x=&Y=%2F&y2=%2B"), 0)
@example(AK, SK, sample(method="POST", url="https://h/v1?b=%2F+%7E&a=2&b=1"), 3600 * 24 * 40)
@given(visible, visible, requests(), st.integers(0, 3600 * 24 * 4000))
def test_open_telekom_clouds_form_equals_that_of_its_own_sdk(
    otc_sdk: OtcSdk, access_key: str, secret_key: str, request: Unsigned, seconds_ago: int
) -> None:
    """Byte for byte, at any time."""
    moment, wanted = by_otcs_sdk(otc_sdk, access_key, secret_key, request, seconds_ago)
    signed_then = Unsigned(request.method, request.url, {**request.headers, "X-Sdk-Date": moment}, request.body)

    assert authorization("otc", access_key, secret_key, signed_then) == wanted


def test_the_moment_is_written_as_the_sdk_writes_it(otc_sdk: OtcSdk) -> None:
    """In UTC, to the second."""
    moment, _ = by_otcs_sdk(otc_sdk, AK, SK, sample(), 3600)
    told = datetime.strptime(moment, DATE_FORMAT).replace(tzinfo=timezone.utc)

    assert abs(datetime.now(timezone.utc) - timedelta(hours=1) - told) < timedelta(minutes=1)


CHANGES: list[dict[str, Any]] = [
    {"method": "DELETE"},
    {"url": f"https://{HOST}/v1.0/other/streaming/jobs?limit=100&name=a%20b"},
    {"url": f"https://{HOST}/v1.0/p/streaming/jobs?limit=101&name=a%20b"},
    {"headers": {"Host": "elsewhere", "X-Sdk-Date": MOMENT, "X-Project-Id": "p"}},
    {"headers": {"Host": HOST, "X-Sdk-Date": "20260102T030406Z", "X-Project-Id": "p"}},
    {"headers": {"Host": HOST, "X-Sdk-Date": MOMENT, "X-Project-Id": "q"}},
    {"body": b"{}"},
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("change", CHANGES, ids="-".join)
def test_every_part_of_a_request_is_signed(form: str, change: dict[str, Any]) -> None:
    """Whoever changes one on the way makes the signature wrong."""
    assert authorization(form, AK, SK, sample()) != authorization(form, AK, SK, sample(**change))


@pytest.mark.parametrize("form", FORMS)
def test_the_secret_key_is_not_in_what_is_sent(form: str) -> None:
    """Only what it signed."""
    assert "very-secret-key" not in authorization(form, "hunter2-AK", "very-secret-key", sample())
