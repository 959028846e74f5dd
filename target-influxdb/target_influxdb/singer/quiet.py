"""A log for people: what the SDK says to developers stays out of it."""

from __future__ import annotations

import logging
import os

from typing_extensions import override

_METRICS = "singer_sdk.metrics"


class _OfThePlugin(logging.Filter):
    """Lets pass what this package logs, and warnings and worse of the SDK."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.INFO or "singer_sdk" not in record.pathname


def quiet(logger: logging.Logger) -> None:
    """Leave out metrics and the SDK's account of its own steps, unless somebody looks for them."""
    if "SINGER_SDK_LOG_CONFIG" in os.environ or logger.isEnabledFor(logging.DEBUG):
        return
    logging.getLogger(_METRICS).setLevel(logging.WARNING)
    if not any(isinstance(one, _OfThePlugin) for one in logger.filters):
        logger.addFilter(_OfThePlugin())
