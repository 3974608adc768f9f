"""Signatures of requests by access key (AK/SK), in the two forms that the clouds know. Pure.

Huawei Cloud: "API Request Signing Guide", algorithm SDK-HMAC-SHA256, signed with the secret key itself.
Open Telekom Cloud: the form of its own SDKs, with a scope and a key that is derived from the secret key
and the day; region and service of the scope stay empty, as those SDKs leave them.
Both: the method, the path and query in a canonical form, the signed headers, a hash of the body.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, quote_plus, unquote_to_bytes, urlsplit

from pulumi_dli.schema.clouds import HUAWEI, OTC

FORMS = (OTC, HUAWEI)
DATE_HEADER = "X-Sdk-Date"
DATE_FORMAT = "%Y%m%dT%H%M%SZ"
ALGORITHM = "SDK-HMAC-SHA256"
_SPACE = re.compile(r"[\t\n\f\r ]+")


@dataclass(frozen=True)
class Unsigned:
    """A request as it is to be sent. `headers` are those to sign, `X-Sdk-Date` (UTC) and `Host` among them."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None

    @property
    def moment(self) -> str:
        """When it is signed: the value of X-Sdk-Date."""
        return next(value for name, value in self.headers.items() if name.lower() == DATE_HEADER.lower())

    @property
    def query(self) -> list[tuple[str, str]]:
        """The parameters of the query in their order, also repeated and empty ones."""
        return parse_qsl(urlsplit(self.url).query, keep_blank_values=True)


def authorization(form: str, access_key: str, secret_key: str, request: Unsigned) -> str:
    """Return the value of the header Authorization, in one of FORMS."""
    return (_otc if form == OTC else _huawei)(access_key, secret_key, request)


def _huawei(access_key: str, secret_key: str, request: Unsigned) -> str:
    headers = _sorted_headers(request, str.strip)
    query = "&".join(_pair(name, value) for name, value in sorted(request.query))
    canonical = _canonical(request, query, headers, request.body or b"")
    to_sign = "\n".join([ALGORITHM, request.moment, _digest(canonical.encode())])
    signature = _hmac(secret_key.encode(), to_sign).hex()
    return f"{ALGORITHM} Access={access_key}, SignedHeaders={_names(headers)}, Signature={signature}"


def _otc(access_key: str, secret_key: str, request: Unsigned) -> str:
    headers = _sorted_headers(request, lambda value: _SPACE.sub(" ", value))
    query, body = _otc_query(request.query), request.body or b""
    if request.method == "POST" and request.body is None:
        # Its parameters count as the body.
        query, body = "", _form_encoded(request.query).encode()
    canonical = _canonical(request, query, headers, body)
    scope = f"{request.moment[:8]}///sdk_request"
    to_sign = "\n".join([ALGORITHM, request.moment, scope, _digest(canonical.encode())])
    key = f"SDK{secret_key}".encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    signature = _hmac(key, to_sign).hex()
    return f"{ALGORITHM} Credential={access_key}/{scope}, SignedHeaders={_names(headers)}, Signature={signature}"


def _canonical(request: Unsigned, query: str, headers: Mapping[str, str], body: bytes) -> str:
    lines = [f"{name}:{value}\n" for name, value in headers.items()]
    return "\n".join([request.method, _path(request.url), query, "".join(lines), _names(headers), _digest(body)])


def _path(url: str) -> str:
    """Return the path with each character encoded again, and a slash at its end."""
    path = quote(unquote_to_bytes(urlsplit(url).path), safe="/~")
    return path if path.endswith("/") else f"{path}/"


def _sorted_headers(request: Unsigned, told: Callable[[str], str]) -> dict[str, str]:
    return {name: told(value) for name, value in sorted((key.lower(), item) for key, item in request.headers.items())}


def _names(headers: Iterable[str]) -> str:
    return ";".join(headers)


def _otc_query(query: Iterable[tuple[str, str]]) -> str:
    """Return the parameters sorted without regard to case; of a repeated one only the first value is signed."""
    first: dict[str, str] = {}
    for name, value in query:
        first.setdefault(name, value)
    return "&".join(sorted((_pair(name, value) for name, value in first.items()), key=_by_name))


def _by_name(pair: str) -> str:
    return pair.partition("=")[0].lower()


def _form_encoded(query: Iterable[tuple[str, str]]) -> str:
    """Return the parameters as HTML forms have them, by name; repeated ones keep their order."""
    pairs = sorted(query, key=lambda pair: pair[0].encode())
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)


def _pair(name: str, value: str) -> str:
    return f"{quote(name, safe='~')}={quote(value, safe='~')}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
