"""`python3 -m scale.env`: the secrets of scale/compose.yaml as lines of .env; needs nothing but Python."""

from __future__ import annotations

import base64
import secrets
import sys

NAMES = ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "AIRFLOW_PASSWORD", "API_SECRET", "JWT_SECRET")


def lines() -> list[str]:
    """Return new secrets; the Fernet key is 32 bytes in Base64, as its specification says."""
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return [*(f"SCALE_{name}={secrets.token_hex(24)}" for name in NAMES), f"SCALE_FERNET_KEY={key}"]


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")
