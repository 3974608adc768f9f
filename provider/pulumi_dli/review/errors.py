"""What ends a review without a verdict."""

from __future__ import annotations


class ReviewError(Exception):
    """The input cannot be read or used; the text is one line that names it, the reason and the remedy."""
