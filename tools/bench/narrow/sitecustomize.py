"""Keeps the provider from widening its host's pool, so that a benchmark can measure what that brings."""

import pulumi_dli.workers

pulumi_dli.workers.widen = lambda: False
