"""Where the console's files are, and under which policy a browser may run them.

Kept beside the files, because the files are written for the policy: whoever serves one sends the other.
"""

from pathlib import Path
from typing import Final

CONSOLE_FOLDER: Final = Path(__file__).parent / "console"

# No inline script or style, no other host. Images may be data: URLs; the layout runs in a worker of our own.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)

SECURITY_HEADERS: Final = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",  # the files have no version in their names
    "access-control-allow-origin": "*",  # a bot builder on another origin embeds the component; no secret is in it
}
