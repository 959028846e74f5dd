"""A log for people: what the SDK says to developers stays out of it."""

from __future__ import annotations

import logging

from typing_extensions import override

METRICS = "singer_sdk.metrics"


class _OfThePlugin(logging.Filter):
    """Lets pass what this package logs, and warnings and worse of the SDK."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.INFO or "singer_sdk" not in record.pathname


def quiet(logger: logging.Logger) -> None:
    """Leave out metrics and the SDK's account of its own steps, unless the log level is DEBUG.

    Meltano names a logging configuration to each plugin (SINGER_SDK_LOG_CONFIG): that is no wish to read them.
    """
    if logger.isEnabledFor(logging.DEBUG):
        return
    logging.getLogger(METRICS).setLevel(logging.WARNING)
    if not any(isinstance(one, _OfThePlugin) for one in logger.filters):
        logger.addFilter(_OfThePlugin())
