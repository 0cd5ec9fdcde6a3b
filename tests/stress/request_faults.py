"""The calls of a request on its own files, counted, and the n-th of them failed (or all from the n-th on).

Only what concerns these trees fails: an unreadable ~/.aws/config is an error to explain, a broken cache is a miss.
"""

import errno
import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

ERRNOS = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES, errno.EMFILE)
_BY_PATH = ("stat", "lstat", "mkdir", "chmod", "replace", "unlink", "scandir", "utime")
_BY_FD = ("read", "write", "fstat", "fchmod", "fsync", "ftruncate")


@dataclass
class Faults:
    """Active inside its `with`; `trees` are the paths that may fail, `failing` the number of the call that does."""

    trees: tuple[str, ...]
    failing: int = 0
    code: int = errno.EIO
    is_lasting: bool = False
    calls: list[str] = field(default_factory=list)
    fds: set[int] = field(default_factory=set)
    _real: list[tuple[Any, str, Any]] = field(default_factory=list)

    @property
    def has_bitten(self) -> bool:
        """Whether there was a call to fail."""
        return 0 < self.failing <= len(self.calls)

    def __enter__(self) -> Self:
        self._wrap(os, "open", self._open)
        self._wrap(os, "close", self._close)
        for name in _BY_PATH:
            self._wrap(os, name, lambda real, name: self._guarded(real, name, self._is_ours))
        for name in _BY_FD:
            self._wrap(os, name, lambda real, name: self._guarded(real, name, self.fds.__contains__))
        self._wrap(fcntl, "flock", lambda real, name: self._guarded(real, name, self.fds.__contains__))
        return self

    def __exit__(self, *_error: object) -> None:
        for module, name, real in self._real:
            setattr(module, name, real)

    def _wrap(self, module: Any, name: str, make: Callable[[Any, str], Any]) -> None:
        real = getattr(module, name)
        self._real.append((module, name, real))
        setattr(module, name, make(real, name))

    def _is_ours(self, path: object) -> bool:
        return path in self.fds if isinstance(path, int) else os.fspath(path).startswith(self.trees)  # type: ignore[call-overload]  # os.stat and friends take a descriptor or a path

    def _pass(self, name: str) -> None:
        self.calls.append(name)
        if len(self.calls) == self.failing or (self.is_lasting and 0 < self.failing <= len(self.calls)):
            raise OSError(self.code, os.strerror(self.code))

    def _guarded(self, real: Any, name: str, is_ours: Callable[[Any], bool]) -> Any:
        def call(first: Any = ".", *rest: Any, **named: Any) -> Any:
            if is_ours(first):
                self._pass(name)
            return real(first, *rest, **named)

        return call

    def _open(self, real: Any, name: str) -> Any:
        def call(path: Any, *rest: Any, **named: Any) -> int:
            is_ours = self._is_ours(path)
            if is_ours:
                self._pass(name)
            fd: int = real(path, *rest, **named)
            if is_ours:
                self.fds.add(fd)
            return fd

        return call

    def _close(self, real: Any, name: str) -> Any:
        def call(fd: int) -> None:
            is_ours = fd in self.fds
            self.fds.discard(fd)
            real(fd)  # Linux frees the descriptor even where close reports an error
            if is_ours:
                self._pass(name)

        return call
