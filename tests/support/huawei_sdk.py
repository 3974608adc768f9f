"""Huawei Cloud's own Python SDK as a signer of requests."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer


def signature(  # noqa: PLR0917 - what a request consists of
    access_key: str, secret_key: str, method: str, url: str, headers: Mapping[str, str], body: bytes | None
) -> str:
    """Return the Authorization. `headers` hold X-Sdk-Date; Host is added where it is missing."""
    parts = urlsplit(url)
    asked = SdkRequest(
        method=method,
        schema=parts.scheme,
        host=parts.netloc,
        resource_path=parts.path,
        query_params=parse_qsl(parts.query, keep_blank_values=True),
        header_params=dict(headers),
        body=body or b"",
    )
    return str(Signer(BasicCredentials(access_key, secret_key, "p")).sign(asked).header_params["Authorization"])
