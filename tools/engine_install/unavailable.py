"""Why there is no engine."""


class UnavailableError(Exception):
    """One source has no engine: a reason without a full stop, to be put into a sentence."""


class AbsentError(UnavailableError):
    """There is none, as on any machine without Pulumi: worth a word only if no source has one."""


class NoEngineError(Exception):
    """No source has an engine: a sentence that says what was tried and what to do."""
