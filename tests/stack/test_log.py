from __future__ import annotations

import json
import logging

from sync.log import Redactor, parse

SECRET = "token-51c7e2"


def test_secrets_are_blotted_out_of_texts_arguments_and_tracebacks_even_where_one_holds_another() -> None:
    trouble = (ValueError, ValueError(f"refused: {SECRET}-long"), None)
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, f"{SECRET} and %s", (f"{SECRET}-long",), trouble)
    record.created = 0
    said = Redactor([SECRET, f"{SECRET}-long"]).format(record)
    assert said == "1970-01-01 00:00:00Z ERROR   *** and ***\nValueError: refused: ***"


def test_exception_of_a_plugin_is_told_after_its_text_with_frames_and_cause() -> None:
    frames = [{"filename": "a.py", "function": "f", "lineno": 3, "line": "    g()\n"}, {"filename": "b.py"}]
    cause = {"type": "OSError", "module": "builtins", "message": "away"}
    error = {"type": "KeyError", "module": "builtins", "message": "'id'", "traceback": frames, "cause": cause}
    line = parse(json.dumps({"event": "A fault of the tap:", "level": "error", "plugin_exception": error}))
    assert line.text == "A fault of the tap:"
    assert line.story.splitlines() == [
        "A fault of the tap:",
        "KeyError: 'id'",
        "  a.py:3 in f: g()",
        "  b.py:None in None: None",
        "OSError: away",
    ]
    assert parse('{"event": "x", "exception": "Traceback ..."}').story == "x"
