"""The clouds that offer DLI."""

from __future__ import annotations

OTC = "otc"
HUAWEI = "huawei"
CLOUDS = (OTC, HUAWEI)
