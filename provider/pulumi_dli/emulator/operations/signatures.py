"""Signed requests (AK/SK): parsed and verified as a gateway does, by a reading of its own.

Sources: Huawei's "API Request Signing Guide" for `Access=...`; for `Credential=...` the scheme that Open
Telekom Cloud's SDKs use, which is that of AWS under other names. What a gateway says: the guides' pages
on "Common Errors Related to IAM Authentication Information"; that a signature lives 15 minutes stands
there, too, the sentence about it is inferred.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime, timedelta, timezone
from urllib.parse import quote_from_bytes, unquote_to_bytes

from ..errors import WRONG_SIGNATURE, WRONG_SIGNATURE_HUAWEI, RefusedError
from ..messages import Request
from ..options import AccessKey, Options

LIFE = timedelta(minutes=15)
ALGORITHM = "SDK-HMAC-SHA256"
HEADER = re.compile(
    rf"{ALGORITHM} (?P<form>Access|Credential)=(?P<who>[^,]+), SignedHeaders=(?P<names>[^,]+), "
    r"Signature=(?P<signature>[0-9a-f]{64})"
)
SCOPE = re.compile(r"(?P<key>[^/]+)/(?P<date>\d{8})/(?P<region>[^/]*)/(?P<service>[^/]*)/sdk_request")
FORMS = {"Access": "huawei", "Credential": "otc"}


def require_signature(options: Options, request: Request, body: bytes) -> AccessKey:
    """Return the key that a request was signed with; refuse it where anything is wrong."""
    parsed = HEADER.fullmatch(request.headers.get("authorization", ""))
    if parsed is None or options.signature not in ("any", FORMS[parsed["form"]]):
        raise _refused(options, "verify aksk signature fail, the Authorization header is malformed")
    scope = SCOPE.fullmatch(parsed["who"]) if parsed["form"] == "Credential" else None
    named = scope["key"] if scope else parsed["who"]
    key = next((each for each in options.access_keys if each.key == named), None)
    if key is None:
        raise _refused(options, "Get secretKey failed,ak:******,err:ak not exist")
    moment = _moment(options, request)
    names = parsed["names"].split(";")
    if not {"host", "x-sdk-date"} <= set(names) or any(name not in request.headers for name in names):
        raise _refused(options, "verify aksk signature fail, a signed header is missing")
    canonical = _canonical(request, names, body, huawei=scope is None)
    lines = [ALGORITHM, moment, *([parsed["who"].partition("/")[2]] if scope else []), _hex(canonical)]
    secret = _derived(key, scope) if scope else key.secret.encode()
    wanted = hmac.digest(secret, "\n".join(lines).encode(), "sha256").hex()
    if not hmac.compare_digest(wanted, parsed["signature"]) or (scope and scope["date"] != moment[:8]):
        raise _refused(options, f"verify aksk signature fail, canonicalRequest:{_told(canonical)}")
    if not hmac.compare_digest(request.headers.get("x-security-token", ""), key.security_token or ""):
        raise _refused(options, "decrypt token fail")
    return key


def _moment(options: Options, request: Request) -> str:
    text = request.headers.get("x-sdk-date", "")
    now = datetime.now(timezone.utc) + timedelta(seconds=options.clock_ahead)
    try:
        signed = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        raise _refused(options, "verify aksk signature fail, x-sdk-date is malformed") from None
    if abs(now - signed) > LIFE:
        raise _refused(options, "verify aksk signature fail, x-sdk-date is more than 15 minutes off")
    return text


def _canonical(request: Request, names: list[str], body: bytes, *, huawei: bool) -> bytes:
    path, _, query = request.target.partition(b"?")
    encoded = _encoded(path, safe="/")
    parts = [
        request.method.encode(),
        encoded if encoded.endswith(b"/") else encoded + b"/",
        _query(query, huawei=huawei),
        b"".join(f"{name}:{_header(request.headers[name], huawei=huawei)}\n".encode() for name in names),
        ";".join(names).encode(),
        _hex(body).encode(),
    ]
    return b"\n".join(parts)


def _header(value: str, *, huawei: bool) -> str:
    return value.strip() if huawei else re.sub(r"\s+", " ", value)


def _query(raw: bytes, *, huawei: bool) -> bytes:
    pairs = []
    for item in filter(None, raw.split(b"&")):
        name, _, value = (_encoded(part.replace(b"+", b" ")) for part in item.partition(b"="))
        pairs.append((name, value))
    if huawei:
        pairs.sort()
    else:
        # Only the first of repeated parameters counts, and upper case counts as lower.
        pairs = sorted(dict(reversed(pairs)).items(), key=lambda pair: pair[0].lower())
    return b"&".join(name + b"=" + value for name, value in pairs)


def _encoded(raw: bytes, safe: str = "") -> bytes:
    return quote_from_bytes(unquote_to_bytes(raw), safe=f"{safe}~").encode()


def _derived(key: AccessKey, scope: re.Match[str]) -> bytes:
    secret = b"SDK" + key.secret.encode()
    for part in (scope["date"], scope["region"], scope["service"], "sdk_request"):
        secret = hmac.digest(secret, part.encode(), "sha256")
    return secret


def _hex(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _told(canonical: bytes) -> str:
    """Return the request as gateways repeat it; but for a temporary key's token, which stays out of every log."""
    lines = canonical.decode(errors="replace").split("\n")
    return "|".join("x-security-token:***" if line.startswith("x-security-token:") else line for line in lines)


def _refused(options: Options, reason: str) -> RefusedError:
    code = WRONG_SIGNATURE if options.cloud == "otc" else WRONG_SIGNATURE_HUAWEI
    return RefusedError(code, f"Incorrect IAM authentication information: {reason}")
