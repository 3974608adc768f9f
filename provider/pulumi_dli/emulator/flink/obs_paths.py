"""obs:// inside a folder: what a job names is looked up there, and nothing outside is ever reached."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SCHEME = "obs://"
SAVEPOINTS, CHECKPOINTS = "dli-savepoints", "dli-checkpoints"
"""Buckets of the emulator's own, where what nobody named a place for is kept."""

CHECKPOINT = "chk-"
"""How Flink names a checkpoint's folder, before its number; `_metadata` in it is written last."""


class ObjectError(ValueError):
    """A path that leads to nothing, or out of the folder; the message is a sentence for the user."""


@dataclass(frozen=True)
class Objects:
    """The buckets: the folders in `folder`, and the emulator's own two in `work`."""

    folder: Path
    work: Path

    def file(self, path: str) -> Path:
        """Return the file that `obs://bucket/key` names; raises ObjectError."""
        found = self.place(path)
        if not found.is_file():
            raise ObjectError(f"{path}: there is no such file in the folder given with --obs")
        return found

    def place(self, path: str) -> Path:
        """Return where `obs://bucket/key` is, whether or not anything is there; raises ObjectError."""
        if not path.startswith(SCHEME):
            raise ObjectError(f"{path}: Flink takes paths such as obs://bucket/name alone")
        bucket, _, key = path.removeprefix(SCHEME).partition("/")
        parts = [bucket, *key.split("/")]
        if not key or any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in parts):
            raise ObjectError(f"{path}: not a path such as obs://bucket/name")
        root = self._root(bucket)
        # Links are followed here, so that one that leads out is seen.
        found = root.joinpath(*parts[1:]).resolve()
        if not found.is_relative_to(root):
            raise ObjectError(f"{path}: leads out of the folder given with --obs")
        return found

    def named(self, place: str) -> str:
        """Return the obs:// path of a place on this machine, which may be a file: URI."""
        local = Path(place.removeprefix("file:").replace("///", "/", 1))
        for bucket, root in self._own().items():
            if local.is_relative_to(root):
                return f"{SCHEME}{bucket}/{local.relative_to(root)}"
        folder = self.folder.resolve()
        return f"{SCHEME}{local.relative_to(folder)}" if local.is_relative_to(folder) else str(local)

    def newest(self, checkpoint: str) -> str:
        """Return the newest complete checkpoint of the same run; Flink removes older ones, noted or not."""
        folder, _, name = checkpoint.rpartition("/")
        if not name.startswith(CHECKPOINT):
            return checkpoint  # A savepoint, or none.
        try:
            beside = self.place(folder).glob(f"{CHECKPOINT}*/_metadata")
        except ObjectError:
            return checkpoint
        numbers = [int(each.parent.name.removeprefix(CHECKPOINT)) for each in beside]
        return f"{folder}/{CHECKPOINT}{max(numbers)}" if numbers else checkpoint

    def hidden(self, text: str) -> str:
        """Return a text with the places of this machine replaced by their obs:// paths."""
        roots = {**{f"{SCHEME}{bucket}": root for bucket, root in self._own().items()}, "obs:/": self.folder.resolve()}
        for name, root in roots.items():
            for form in (root.as_uri(), f"file:{root}", str(root)):
                text = text.replace(form, name)
        return text

    def _own(self) -> dict[str, Path]:
        return {SAVEPOINTS: self.work.resolve() / "savepoints", CHECKPOINTS: self.work.resolve() / "checkpoints"}

    def _root(self, bucket: str) -> Path:
        own = self._own()
        if bucket in own:
            return own[bucket]
        folder = self.folder.resolve()
        root = folder.joinpath(bucket).resolve()
        if not root.is_relative_to(folder):
            raise ObjectError(f"{SCHEME}{bucket}: leads out of the folder given with --obs")
        return root
