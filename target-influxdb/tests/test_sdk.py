"""What the target takes of the SDK beyond its public interface is there, in the version that is installed."""

from __future__ import annotations

import ast
import inspect
import re
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from singer_sdk import Target
from singer_sdk.sinks import BatchSink

import target_influxdb
from target_influxdb.singer.private import ATTRIBUTES, METHODS, MODULES, READ_IN
from target_influxdb.target import TargetInfluxDB

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(target_influxdb.__file__).parent
NAMES = [(owner, name, parameters) for owner, names in METHODS.items() for name, parameters in names.items()]
NOW = f"singer-sdk {version('singer-sdk')}"
ADVICE = "Read what became of it and change target_influxdb/singer/private.py, which says what for."


@pytest.fixture(scope="module")
def target() -> TargetInfluxDB:
    return TargetInfluxDB(config={"url": "file:///unused"})


@pytest.mark.parametrize(("owner", "name", "parameters"), NAMES, ids=[name for _, name, _ in NAMES])
def test_method_that_the_target_takes_is_still_there_with_its_parameters(
    owner: type, name: str, parameters: str
) -> None:
    found = inspect.getattr_static(owner, name, None)
    found = getattr(found, "__func__", found)
    shown = [one for one in inspect.signature(found).parameters if one != "cls"] if callable(found) else ["not there"]
    what = f"{owner.__name__}.{name}({parameters}), as of {READ_IN}, is now {', '.join(shown)}."
    assert ", ".join(shown) == parameters, f"{NOW}: {what} {ADVICE}"


@pytest.mark.parametrize("name", sorted(ATTRIBUTES))
def test_attribute_that_the_target_takes_is_still_the_sdks(name: str, target: TargetInfluxDB) -> None:
    is_there = inspect.getattr_static(Target, name, None) is not None or name in vars(target)
    assert is_there, f"{NOW}: Target.{name}, as of {READ_IN}, is not there any more. {ADVICE}"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_module_that_the_target_takes_is_still_there(name: str) -> None:
    try:
        import_module(name)
    except ImportError:
        pytest.fail(f"{NOW}: {name}, as of {READ_IN}, is not there any more. {ADVICE}")


def test_no_other_module_takes_a_private_name_of_the_sdk_and_this_one_none_that_is_not_listed() -> None:
    private = names_of_the_sdk()
    taken: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text())
        modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        found = {one for one in modules if one.startswith("singer_sdk") and "._" in one}
        if any(one.startswith(("singer_sdk", "target_influxdb.singer")) for one in modules):
            found |= private.intersection(name for node in ast.walk(tree) for name in names_in(node))
        if found:
            taken[str(path.relative_to(PACKAGE))] = found
    listed = {name for _, name, _ in NAMES} | ATTRIBUTES | MODULES
    assert taken == {"singer/private.py": listed}


def names_of_the_sdk() -> set[str]:
    """The private names of a target and a sink as the SDK has them, those that are set as they begin included."""
    classes = {made for one in (Target, BatchSink) for made in one.__mro__ if made.__module__.startswith("singer_sdk")}
    code = "".join(map(inspect.getsource, classes))
    names = {*re.findall(r"self\.(\w+)", code), *(name for made in classes for name in vars(made))}
    return {name for name in names if name.startswith("_") and not name.startswith("__")}


def names_in(node: ast.AST) -> Iterator[str]:
    """Yield the names of attributes that a piece of code uses or defines."""
    if isinstance(node, ast.Attribute):
        yield node.attr
    for one in node.body if isinstance(node, ast.ClassDef) else ():
        if isinstance(one, ast.FunctionDef):
            yield one.name
        elif isinstance(one, ast.Assign):
            yield from (target.id for target in one.targets if isinstance(target, ast.Name))
