"""A change that was rolled back, remembered by its fingerprint, so that it is not tried again by itself. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_dli.errors import JobLeft, RejectedError
from pulumi_dli.planning.diff import Difference
from pulumi_dli.schema.unknown import has_unknown
from pulumi_dli.schema.value_types import wire

REJECTED = "rejected"
_NONCES = ("restart_nonce", "retry_nonce")


@dataclass(frozen=True)
class Rejection:
    """A change that was rolled back: a fingerprint with its salt, the day (ISO 8601) and the reason, masked."""

    salt: str
    fingerprint: str
    date: str
    reason: str

    def __str__(self) -> str:
        """Return what happened, and what it takes to try again."""
        return (
            f"rolled back on {self.date} because {self.reason}; not tried again until the change differs or "
            "retry_nonce changes"
        )


def rejection(found: Difference, news: Mapping[str, Any], salt: str, date: str, reason: str) -> dict[str, str]:
    """Return what is stored of a change that was rolled back; `salt` is random."""
    stored = Rejection(salt, _fingerprint(found, news, salt), date, reason)
    return {"salt": stored.salt, "fingerprint": stored.fingerprint, "date": stored.date, "reason": stored.reason}


def rejected_before(olds: Mapping[str, Any], news: Mapping[str, Any], found: Difference) -> Rejection | None:
    """Return the rejection of this very change; None where it is another one, or is not known yet."""
    stored = olds.get(REJECTED)
    if not isinstance(stored, Mapping) or not found.moves or has_unknown(list(news.values())):
        return None
    known = Rejection(**{name: str(stored.get(name)) for name in ("salt", "fingerprint", "date", "reason")})
    return known if _fingerprint(found, news, known.salt) == known.fingerprint else None


def refuse_rejected(olds: Mapping[str, Any], news: Mapping[str, Any], found: Difference) -> None:
    """Raise RejectedError for a change that was rolled back before, before anything is sent."""
    known = rejected_before(olds, news, found)
    if known is not None:
        raise RejectedError(str(known), job_left=JobLeft.UNTOUCHED)


def _fingerprint(found: Difference, news: Mapping[str, Any], salt: str) -> str:
    # Slow, since the state keeps it in plain text, and a changed value may be a short secret that can be guessed.
    # Stored numbers are doubles: 4.0 and 4 are one change.
    changes = [[change.name, wire(change.new)] for change in found.changes]
    facts = [changes, [wire(news.get(name)) for name in _NONCES]]
    text = json.dumps(facts, sort_keys=True, default=str)
    return hashlib.scrypt(text.encode(), salt=salt.encode(), n=1 << 14, r=8, p=1, dklen=16).hex()
