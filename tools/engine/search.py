"""The order of the sources: PATH, the cache, the official release, a build."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine import build, on_path, pins, release
from engine.cache import Cache
from engine.process import say
from engine.unavailable import AbsentError, NoEngineError, UnavailableError

FORCE = "PULUMI_DLI_ENGINE"
SOURCES = ("path", "release", "build")


@dataclass(frozen=True)
class Engine:
    """An engine: where it is from, its version, and its folders, to be put on PATH."""

    origin: str
    version: str
    folders: tuple[Path, ...]


Attempt = Callable[[], Engine | None]


def find_engine(environ: Mapping[str, str], home: Path) -> Engine:
    """Return the first engine found; `home` is a private PULUMI_HOME."""
    forced = environ.get(FORCE, "")
    if forced not in ("", *SOURCES):
        raise NoEngineError(f"{FORCE}={forced} names no source: path, release or build is one.")
    reasons = []
    for source, attempt in _attempts(environ, home):
        if forced in ("", source):
            try:
                engine = attempt()
            except (UnavailableError, OSError) as error:
                reasons.append(str(error))
                if not isinstance(error, AbsentError):
                    say(str(error))
            else:
                if engine:
                    return engine
    raise NoEngineError(_sentence(reasons))


def _attempts(environ: Mapping[str, str], home: Path) -> list[tuple[str, Attempt]]:
    cache = Cache.of_user(environ)

    def installed() -> Engine:
        version, folders = on_path.find(environ, home)
        return Engine("on PATH", version, tuple(folders))

    def cached(name: str) -> Engine | None:
        programs = cache.find(name)
        return _pinned("from the cache", programs) if programs else None

    return [
        ("path", installed),
        ("release", lambda: cached(pins.release_name())),
        ("build", lambda: cached(pins.built_name())),
        ("release", lambda: _pinned("the release", release.download(cache, environ))),
        ("build", lambda: _pinned("built from source", build.build(cache, environ))),
    ]


def _pinned(origin: str, programs: Path) -> Engine:
    return Engine(origin, pins.pulumi_version(), (programs,))


def _sentence(reasons: list[str]) -> str:
    return (
        f"there is no Pulumi engine ({'; '.join(reasons)}): install the Pulumi CLI "
        f"{pins.pulumi_version()} or newer, with its Python language host, and put it on PATH."
    )
