"""Functions of the C library, syscall(2) above all, by the shortest way in.

Importing ctypes costs a hit more than all we do with it (docs/performance.md): it loads byte orders and a hundred
types. Its engine is enough for functions of whole numbers; where a Python has another engine, ctypes is used.
"""

TYPE_CHECKING = False  # not from typing: importing that would cost a hit 7 ms
if TYPE_CHECKING:
    from typing import Any

_loaded: "list[tuple[Any, Any, Any]]" = []
_CDECL, _USE_ERRNO = 0x1, 0x8  # FUNCFLAG_CDECL, FUNCFLAG_USE_ERRNO (CPython, Modules/_ctypes/ctypes.h)


def _by_the_engine(name: str) -> "tuple[Any, Any, Any]":
    import _ctypes

    engine: Any = _ctypes  # the type stubs know dlopen of paths only, and none on Windows

    simple = engine._SimpleCData  # noqa: SLF001 - the base of every type in ctypes, under its only name
    char = type("Char", (simple,), {"_type_": "c"})
    long = type("Long", (simple,), {"_type_": "l"})
    function = type("Function", (engine.CFuncPtr,), {"_flags_": _CDECL | _USE_ERRNO, "_restype_": long})
    main_program = None  # dlopen(3): the program and the libraries it has loaded
    return function(engine.dlsym(engine.dlopen(main_program, 0), name)), char, engine.get_errno


def _by_ctypes(name: str) -> "tuple[Any, Any, Any]":
    import ctypes

    function = ctypes.CDLL(None, use_errno=True)[name]
    function.restype = ctypes.c_long
    return function, ctypes.c_char, ctypes.get_errno


def load() -> "tuple[Any, Any, Any]":
    """Return syscall(2), the type of one byte (times a size: memory to write to), and what reads its errno."""
    if not _loaded:
        _loaded.append(_find("syscall"))
    return _loaded[0]


def function(name: str) -> "Any":
    """Return a function that takes and returns whole numbers; AttributeError where this C library has none of it."""
    return _find(name)[0]


def _find(name: str) -> "tuple[Any, Any, Any]":
    try:
        return _by_the_engine(name)
    except (ImportError, AttributeError, TypeError, OSError):
        return _by_ctypes(name)
