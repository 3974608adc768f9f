"""What makes a review impossible: a preview, a policy or a command that cannot be used."""

from __future__ import annotations

from pulumi_dli.errors import DliError


class ReviewError(DliError):
    """Input that cannot be used; the text is one line, for a policy one for each thing that is wrong."""
