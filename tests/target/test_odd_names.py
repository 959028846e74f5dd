"""Every odd character, in every position of a line, is written and read back as one point of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests import servers
from tests.target.loading import NUMBER, TEXT, load, record, schema, state
from tests.target.test_victoria_metrics import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.target.conftest import Place

_ASCII = [chr(code) for code in range(161) if not chr(code).isascii() or not chr(code).isalnum()]
CHARACTERS = [*_ASCII, *"\u2028\u2029\ufeff\u200b\ufffd\u0301\uffffß日😀", "\ud800"]
PLACES = ["{0}", "a{0}", "{0}a", "a{0}b", "{0}{0}", "a{0}{0}b", "a {0}"]
ODD = list(dict.fromkeys(["", "time", "__name__", *(place.format(one) for one in CHARACTERS for place in PLACES)]))
START = 1_700_000_000
INTEGER = {"type": "integer"}


def stored(text: str) -> str:
    """What servers keep of a name or tag value."""
    for real, written in (("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"), ("\0", ""), ("\ud800", "?")):
        text = text.replace(real, written)
    kept = ""
    for character in reversed(text):  # no backslash before a separator, nor at the end
        if character != "\\" or not (kept == "" or kept[0] in ',= "'):
            kept = character + kept
    return kept


def own_names(odd: list[str], *, quotes: bool = True, reserved: str = "time") -> dict[str, str]:
    """A name for each, as README.md says: what can stay as it is goes first, others that are taken get a `_`."""
    wanted = {name: stored(name) or "unnamed" for name in odd}
    wanted |= {name: f"{name}_" for name in reserved.split()}
    if not quotes:
        wanted = {name: one.replace('"', "'") for name, one in wanted.items()}
    given: dict[str, str] = {}
    for name in sorted(odd, key=lambda name: name != wanted[name]):
        own = wanted[name]
        while own in given.values():
            own += "_"
        given[name] = own
    return given


MEASUREMENTS = [name for name in ODD if stored(name) and not stored(name).startswith("#")]
MAPPING = {"tags": {"time": "at", "tags": ODD}, "ptags": {"time": "at", "tags": ODD}, "*": {"time": "at"}}


def messages(prefix: str = "") -> Iterator[dict[str, Any]]:
    """The odd names as measurements, as names and values of tags, and as names and values of fields."""
    for number, name in enumerate(MEASUREMENTS):
        yield schema(name, {"k": TEXT, "at": INTEGER, "x": NUMBER}, ["k"])
        yield record(name, k="m", at=START + number, x=number)
    yield schema(f"{prefix}tags", {"at": INTEGER, "x": NUMBER, **dict.fromkeys(ODD, TEXT)}, [])
    for number, name in enumerate(ODD):
        yield record(f"{prefix}tags", **{name: "v", "at": START + number, "x": number})
    yield schema(f"{prefix}values", {"k": TEXT, "at": INTEGER, "x": NUMBER}, ["k"])
    for number, name in enumerate(ODD):
        yield record(f"{prefix}values", k=name, at=START + number, x=number)
    fields: dict[str, Any] = dict.fromkeys(ODD, NUMBER)
    yield schema(f"{prefix}fields", {"at": INTEGER, **fields}, [])
    yield record(f"{prefix}fields", at=START, **{name: number for number, name in enumerate(ODD)})
    yield schema(f"{prefix}texts", {"at": INTEGER, **dict.fromkeys(ODD, TEXT)}, [])
    yield record(f"{prefix}texts", at=START, **{name: name for name in ODD})
    yield state("all")


def point(number: int, tags: dict[str, str], fields: dict[str, Any]) -> tuple[int, frozenset[Any], frozenset[Any]]:
    return (START + number) * 10**9, frozenset(tags.items()), frozenset(fields.items())


def test_every_odd_character_in_every_position_comes_back_from_influxdb(place: Place) -> None:
    assert load({**place.config, "measurements": MAPPING}, *messages()) == ["all"]
    names, tags = own_names(ODD), own_names(ODD)
    assert place.points("tags") == {point(number, {tags[name]: "v"}, {"x": number}) for number, name in enumerate(ODD)}
    assert place.points("values") == {
        point(number, {"k": stored(name)} if stored(name) else {}, {"x": number}) for number, name in enumerate(ODD)
    }
    assert place.points("fields") == {point(0, {}, {names[name]: number for number, name in enumerate(ODD)})}
    assert place.points("texts") == {
        point(0, {}, {names[name]: name.replace("\ud800", "?") for name in ODD}),
    }
    expected = sorted((stored(name), (START + number) * 10**9, number) for number, name in enumerate(MEASUREMENTS))
    series = place.query('SELECT "x" FROM /.*/ WHERE "k"::tag = \'m\'')
    assert sorted((one["name"], at, x) for one in series for at, x in one["values"]) == expected


def test_every_odd_character_in_every_position_comes_back_from_victoria_metrics() -> None:
    with servers.victoria_metrics() as server:
        config = {"url": server.url, "bucket": "any", "measurements": MAPPING}
        assert load(config, *messages("p")) == ["all"]
        found = numbers(server.url, "")
    names, tags = own_names(ODD, quotes=False), own_names(ODD, reserved="time __name__")
    none: frozenset[Any] = frozenset()
    expected: dict[tuple[Any, ...], float] = {}
    for number, name in enumerate(ODD):
        at = (START + number) * 1000
        expected["ptags_x", frozenset({(tags[name], "v")}), at] = number
        expected["pvalues_x", frozenset({("k", stored(name))} if stored(name) else ()), at] = number
        expected[f"pfields_{names[name]}", none, START * 1000] = number
    for number, name in enumerate(MEASUREMENTS):
        expected[f"{stored(name)}_x", frozenset({("k", "m")}), (START + number) * 1000] = number
    assert found == expected
