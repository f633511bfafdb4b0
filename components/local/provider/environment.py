"""The environment of the processes that the provider starts."""

import os

_NAMES = (
    "HOME", "LANG", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "TZ",
    "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE",
)  # fmt: skip
_FAMILIES = ("LC_", "OMP_", "GOMP_", "OPENBLAS_", "MKL_")


def environment() -> dict[str, str]:
    """The variables that Python and its libraries need. The rest, such as passphrases and credentials, stays here."""
    return {name: value for name, value in os.environ.items() if name in _NAMES or name.startswith(_FAMILIES)}
