"""The secrets of the whole suite, all made up: each one that a test uses contains one of these texts.

`test_made_up.py` finds a secret in a test that contains none of them; `leaks.py` looks for them in all that the
suite leaves behind. So they are long or odd enough to stand nowhere by chance.
"""

from __future__ import annotations

from pulumi_dli.emulator.options import ACCESS_KEY, PASSWORD, SECRET_KEY, TOKEN

PASSPHRASE = "a test's passphrase"  # noqa: S105 - made up

SECRETS = {
    "the passphrase of the stacks": PASSPHRASE,
    "any password": "hunter2",
    "any changed password": "hunter3",
    "any token": "gAAAAA-",
    # The service's own, and those of tests/support/connecting.py.
    "the emulator's token": TOKEN,
    "the emulator's password": PASSWORD,
    "the emulator's access key": ACCESS_KEY,
    "the emulator's secret key": SECRET_KEY,
    "the token of an engine test": "token-Q7xV",
    "the password of an engine test": "password-Z3kM",
    "the access key of an engine test": "ACCESSKEYB8RT",
    "the secret key of an engine test": "secret-key-W5nD",
    "the temporary access key of an engine test": "TEMPORARYC2HY",
    "the temporary secret key of an engine test": "temporary-secret-F9sL",
    "the security token of an engine test": "security-token-J4gP",
    "the password in the arguments of a job": "argument-password-T6uE",
    "the key in the settings of a job": "config-key-N1vA",
    "the access key before a rotation": "KEYBEFOREX1",
    "the secret key before a rotation": "secret-before-X2",
    "the access key after a rotation": "KEYAFTERX3",
    "the secret key after a rotation": "secret-after-X4",
    "the token for two projects": "token-that-must-stay-secret",
    # Values of jobs' properties.
    "the first password of a job": "first-secret",
    "the second password of a job": "second-secret",
    "the old password of a job": "old-password-a7Q",
    "the new password of a job": "new-password-c9S",
    "the old key of a job": "old-key-b8R",
    "the new key of a job": "new-key-d1T",
    "the old secret under review": "old-secret",
    "the new secret under review": "new-secret",
    "the password in Terraform's state": "made-up-secret",
    # Of tests without an engine.
    "a secret that the service repeats": "s3cr3t-Q7",
    "an access key among arguments": "AKIA1234",
    "a secret key among arguments": "sk-secret",
    "a temporary access key": "TEMPORARYKEY",
    "a temporary secret key": "temporary-secret",
    "a temporary key's security token": "temporary-token",
    "an access key": "ACCESSKEY0123456",
    "an unknown access key": "UNKNOWNACCESSKEY",
    "a secret key": "very-secret-key",
}
