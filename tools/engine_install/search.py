"""The order of the sources: PATH, the cache, the official release, a build."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.engine_install import build, on_path, pins, release
from tools.engine_install.cache import Cache
from tools.engine_install.process import say
from tools.engine_install.unavailable import AbsentError, NoEngineError, UnavailableError

FORCE = "PULUMI_DLI_ENGINE"
SOURCES = ("path", "release", "build")
CHOOSE = "PULUMI_DLI_ENGINE_VERSION"


@dataclass(frozen=True)
class Found:
    """An engine: where it is from, its version, and its folders, to be put on PATH."""

    origin: str
    version: str
    folders: tuple[Path, ...]


Attempt = Callable[[], Found | None]


def find_engine(environ: Mapping[str, str], home: Path) -> Found:
    """Return the first engine found; `home` is a private PULUMI_HOME."""
    forced = environ.get(FORCE, "")
    if forced not in ("", *SOURCES):
        raise NoEngineError(f"{FORCE}={forced} names no source: path, release or build is one.")
    chosen = _chosen(environ)
    reasons: list[str] = []
    for source, attempt in _attempts(chosen, environ, home):
        if forced in ("", source):
            found = _tried(attempt, reasons)
            if found:
                return found
    raise NoEngineError(_sentence(reasons, chosen))


def _chosen(environ: Mapping[str, str]) -> pins.Engine | None:
    """Return the engine asked for; None where any that is supported will do."""
    name = environ.get(CHOOSE, "")
    if name not in ("", *pins.BY_NAME):
        raise NoEngineError(f"{CHOOSE}={name} names no engine: {' or '.join(pins.BY_NAME)} is one.")
    return pins.BY_NAME.get(name)


def _tried(attempt: Attempt, reasons: list[str]) -> Found | None:
    """Return what an attempt finds; add the reason where it finds nothing."""
    try:
        return attempt()
    except (UnavailableError, OSError) as error:
        reasons.append(str(error))
        if not isinstance(error, AbsentError):
            say(str(error))
        return None


def _attempts(chosen: pins.Engine | None, environ: Mapping[str, str], home: Path) -> list[tuple[str, Attempt]]:
    cache = Cache.of_user(environ)
    engine = chosen or pins.NEWEST

    def installed() -> Found:
        version, folders = on_path.find(environ, home, chosen)
        return Found("on PATH", version, tuple(folders))

    def cached(name: str) -> Found | None:
        programs = cache.find(name)
        return pinned("from the cache", programs) if programs else None

    def pinned(origin: str, programs: Path) -> Found:
        return Found(origin, engine.version, (programs,))

    return [
        ("path", installed),
        ("release", lambda: cached(engine.release_name)),
        ("build", lambda: cached(engine.built_name)),
        ("release", lambda: pinned("the release", release.download(engine, cache, environ))),
        ("build", lambda: pinned("built from source", build.build(engine, cache, environ))),
    ]


def _sentence(reasons: list[str], chosen: pins.Engine | None) -> str:
    wanted = chosen.version if chosen else f"{pins.OLDEST.version} or newer"
    return (
        f"there is no Pulumi engine ({'; '.join(reasons)}): install the Pulumi CLI "
        f"{wanted}, with its Python language host, and put it on PATH."
    )
