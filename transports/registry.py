"""Finds the transports: the built-in ones, those of installed packages, those in the instance's `plugins/` folder.

A plugin that is broken is refused with a sentence; nothing else is touched by it.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.metadata
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pluggy

from transports import hookspecs
from transports.contract import Transport
from transports.said import printable
from transports.soundness import fault_of

BUILT_IN = ("relay", "smtp", "ses", "folder")
FIRST = ("relay", "smtp")
GROUP = "offerpost.transports"
HOOK = "register_transports"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A plugin that is not used: where it comes from, why, and what its author or the operator can do."""

    source: str
    reason: str
    remedy: str


class UnknownTransport(LookupError):
    """No transport of that kind; the sentence says so."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"There is no transport of the kind “{kind}”. Perhaps its plugin is missing or was refused."
        )


class _Unfit(Exception):
    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


class Registry:
    """The transports of one instance. Made by the composition root, never a module global."""

    def __init__(self) -> None:
        self.refused: list[Refusal] = []
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._classes: dict[str, type[Transport]] = {}
        self._sources: dict[str, str] = {}

    @classmethod
    def discover(cls, plugins_dir: Path | None = None, entry_points: bool = True) -> Registry:
        """A registry of everything that can be found; with `entry_points` also in installed packages."""
        registry = cls()
        for name in BUILT_IN:
            module = f"transports.{name}"
            registry.add(module, "built in", lambda module=module: importlib.import_module(module))  # type: ignore[misc]
        if entry_points:
            for entry in sorted(importlib.metadata.entry_points(group=GROUP), key=lambda entry: entry.name):
                registry.add(f"package:{entry.name}", _package(entry), entry.load)
        for path in _files(plugins_dir):
            registry.add(f"file:{path.name}", f"plugins/{path.name}", lambda path=path: _from_file(path))  # type: ignore[misc]
        return registry

    def add(self, name: str, source: str, load: Callable[[], object]) -> None:
        """Load one plugin and take its transports; whatever is wrong with it ends in `refused`."""
        try:
            announced = _announced(self._registered(name, load))
        except _Unfit as unfit:
            self.refused.append(Refusal(source, unfit.reason, unfit.remedy))
            return
        for transport in announced:
            self._take(transport, source)

    def kinds(self) -> list[type[Transport]]:
        """Every usable transport class: relay and smtp first, then by label."""
        return sorted(self._classes.values(), key=_place)

    def get(self, kind: str) -> type[Transport]:
        """The class of that kind; raises `UnknownTransport`."""
        try:
            return self._classes[kind]
        except KeyError:
            raise UnknownTransport(kind) from None

    def source(self, kind: str) -> str:
        """Where the transport comes from, for people: "built in", a package with its version, or a file."""
        self.get(kind)
        return self._sources[kind]

    def unavailable(self, kind: str) -> str | None:
        """Why this transport can't be used on this machine, or None; a plugin that fails to answer is unusable."""
        try:
            return self.get(kind).unavailable()
        except UnknownTransport as unknown:
            return str(unknown)
        except Exception as trouble:
            return f"The plugin failed when it was asked whether it is usable: {_words(trouble)}"

    def _registered(self, name: str, load: Callable[[], object]) -> pluggy.HookImpl:
        plugin = _loaded(load)
        try:
            self._manager.register(plugin, name)
        except (ValueError, pluggy.PluginValidationError) as trouble:
            self._manager.unregister(name=name) if self._manager.has_plugin(name) else None
            raise _Unfit(
                f"It can't be registered: {_words(trouble)}",
                f"Write the hook as `def {HOOK}():`, without arguments.",
            ) from None
        callers = self._manager.get_hookcallers(plugin) or []
        strange = [caller.name for caller in callers if not caller.has_spec()]
        own = [
            impl for impl in self._manager.hook.register_transports.get_hookimpls() if impl.plugin is plugin
        ]
        if strange or not own:
            self._manager.unregister(name=name)
            raise _misspelt(strange, plugin)
        return own[0]

    def _take(self, transport: object, source: str) -> None:
        try:
            fault = fault_of(transport)
        except Exception as trouble:
            fault = (
                f"It can't be looked at: {_words(trouble)}",
                "Write plain class attributes, as the guide shows.",
            )
        if fault is None and isinstance(transport, type) and issubclass(transport, Transport):
            if transport.kind not in self._classes:
                self._classes[transport.kind] = transport
                self._sources[transport.kind] = source
                return
            first = self._sources[transport.kind]
            fault = (
                f"It repeats the kind “{transport.kind}”, which is already {first}.",
                "Give it another `kind`.",
            )
        if fault is not None:
            self.refused.append(Refusal(source, *fault))


def _place(transport: type[Transport]) -> tuple[int, str]:
    first = FIRST.index(transport.kind) if transport.kind in FIRST else len(FIRST)
    return first, transport.label.lower()


def _loaded(load: Callable[[], object]) -> object:
    try:
        return load()
    except KeyboardInterrupt:
        raise
    except BaseException as trouble:  # also SystemExit: a plugin must not end the host
        raise _Unfit(
            f"It can't be imported: {_words(trouble)}", "Correct it or remove it, then start Offerpost again."
        ) from None


def _announced(hook: pluggy.HookImpl) -> list[object]:
    try:
        announced: list[object] = list(hook.function())  # type: ignore[call-overload]
    except KeyboardInterrupt:
        raise
    except BaseException as trouble:
        raise _Unfit(
            f"Its {HOOK}() failed: {_words(trouble)}", "Return a list of Transport classes."
        ) from None
    if not announced:
        raise _Unfit(f"Its {HOOK}() announces no transport.", "Return a list of Transport classes.")
    return announced


def _misspelt(strange: list[str], plugin: object) -> _Unfit:
    if strange:
        return _Unfit(
            f"It implements a hook that does not exist: {', '.join(strange)}.", f"The only hook is {HOOK}."
        )
    near = difflib.get_close_matches(HOOK, dir(plugin), n=1, cutoff=0.7)
    found = f" It has a function {near[0]}." if near else ""
    return _Unfit(
        f"It announces nothing: no function is marked with @hookimpl.{found}",
        f"Write `@hookimpl` above `def {HOOK}():`, with hookimpl from transports.hookspecs.",
    )


def _package(entry: importlib.metadata.EntryPoint) -> str:
    if entry.dist is None:
        return f"package with the entry point {entry.name}"
    return f"package {entry.dist.name} {entry.dist.version}"


def _files(plugins_dir: Path | None) -> Iterator[Path]:
    if plugins_dir is not None and plugins_dir.is_dir():
        yield from sorted(path for path in plugins_dir.glob("*.py") if not path.name.startswith(("_", ".")))


def _from_file(path: Path) -> ModuleType:
    name = f"offerpost_plugins.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} can't be read")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _words(trouble: BaseException) -> str:
    """One line: what went wrong and where in the plugin."""
    frames = traceback.extract_tb(trouble.__traceback__)
    where = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    if isinstance(trouble, SyntaxError):
        where = ""  # says it itself
    return printable(f"{type(trouble).__name__}: {trouble}{where}")
