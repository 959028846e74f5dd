"""The program `tap-intervals-icu`: a run starts several of its kind, and most of a run with nothing new is starting.

All that is done about it stands here: what a run does not use is not imported, garbage is not looked for meanwhile
(there is none), and at the end, when all is written, nothing is taken down piece by piece. Half of the CPU time.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Any, NoReturn

from typing_extensions import override

from tap_intervals_icu.singer import cached_catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

UNUSED = (
    "charset_normalizer.api",  # guesses encodings of answers; the API's are JSON
    "charset_normalizer.legacy",
    "charset_normalizer.models",
    "charset_normalizer.utils",
    "dotenv",  # only for --config=ENV
    "importlib_metadata",  # finds encodings of BATCH messages
    "joblib",  # for targets
    "packaging",  # for --about
    "pyrate_limiter.buckets.mp_bucket",  # where limits are shared
    "singer_sdk.streams.graphql",
    "singer_sdk.streams.rest",
    "upath",  # for BATCH messages
)
"""What the SDK and requests import names of, and a run does not use."""

UNWRITTEN = 120
"""The exit code of Python's own where standard output is gone."""


def main() -> NoReturn:
    """Run the tap as quickly as it starts."""
    run(_load)


def _load() -> Callable[[], object]:
    if catalog := cached_catalog.find(sys.argv[1:]):
        return lambda: sys.stdout.write(catalog)

    from tap_intervals_icu.tap import TapIntervalsIcu  # noqa: PLC0415 - after what it need not import is known

    return TapIntervalsIcu.cli


def run(load: Callable[[], Callable[[], object]]) -> NoReturn:
    """Import a command line, run it, and leave as soon as all that it wrote is flushed."""
    sys.meta_path.insert(0, Later(UNUSED))
    gc.disable()
    command = load()
    gc.freeze()  # modules stay
    gc.enable()
    try:
        command()
    except SystemExit as end:
        if not isinstance(end.code, int | None):
            raise  # Python prints it
        code = end.code or 0
    else:
        code = 0
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # nobody reads any more
        code = code or UNWRITTEN
    os._exit(code)


class Later(MetaPathFinder, Loader):
    """Imports modules when a name out of them is used, instead of when it is imported.

    Each such name stands for the real thing: it can be called, asked for attributes, inherited from and used by
    isinstance(). A module of which more is wanted must not be named here.
    """

    def __init__(self, names: Sequence[str], kept: Sequence[str] = ()) -> None:
        """Name packages and modules to put off, and those within them that are imported as ever."""
        self._names = set(names)
        self._kept = frozenset(kept)

    def _name_of(self, module: str) -> str:
        """Return which of the names covers a module, "" for none."""
        if module in self._kept:
            return ""
        return next((name for name in self._names if f"{module}.".startswith(f"{name}.")), "")

    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, self, is_package=True) if self._name_of(fullname) else None

    @override
    def exec_module(self, module: ModuleType) -> None:
        def stand_in(name: str) -> StandIn:
            if name.startswith("__"):  # what the import system looks for
                raise AttributeError(name)
            return StandIn(self, module.__name__, name)

        module.__getattr__ = stand_in  # type: ignore[method-assign] # PEP 562

    def load(self, module: str) -> ModuleType:
        """Import a module in earnest."""
        if covering := self._name_of(module):
            self._names.discard(covering)
            for name in [name for name in sys.modules if f"{name}.".startswith(f"{covering}.")]:
                if name not in self._kept:
                    del sys.modules[name]
        return importlib.import_module(module)


class StandIn:
    """A name out of a module that is imported when the name is used."""

    def __init__(self, later: Later, module: str, name: str) -> None:
        self._later, self._module, self._name = later, module, name

    def _real(self) -> Any:
        return getattr(self._later.load(self._module), self._name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it."""
        return self._real()(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real(), name)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return (self._real(),)

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, self._real())
