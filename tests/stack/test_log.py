from __future__ import annotations

import logging

from sync.log import Redactor

SECRET = "token-51c7e2"


def test_secrets_are_blotted_out_of_texts_arguments_and_tracebacks_even_where_one_holds_another() -> None:
    trouble = (ValueError, ValueError(f"refused: {SECRET}-long"), None)
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, f"{SECRET} and %s", (f"{SECRET}-long",), trouble)
    record.created = 0
    said = Redactor([SECRET, f"{SECRET}-long"]).format(record)
    assert said == "1970-01-01 00:00:00Z ERROR   *** and ***\nValueError: refused: ***"
