"""No word of botocore's and urllib3's in any log."""

import contextlib
import logging
import threading
from collections.abc import Iterator

_LOGGERS = ("botocore", "urllib3")
_CHILDREN = tuple([f"{name}." for name in _LOGGERS])
_NEVER = logging.CRITICAL + 1
_quiet_lock = threading.Lock()
_quiet_blocks: list[None] = []
_quiet_levels: list[tuple[logging.Logger, int]] = []


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Have botocore and urllib3 log nothing during the block: at DEBUG they write responses, secret keys included.

    Every logger of theirs is afterwards as it was. Blocks of several threads may overlap.
    """
    with _quiet_lock:
        if not _quiet_blocks:
            for name in (*_LOGGERS, *[name for name in logging.root.manager.loggerDict if name.startswith(_CHILDREN)]):
                logger = logging.getLogger(name)
                if name in _LOGGERS or logger.level != logging.NOTSET:
                    _quiet_levels.append((logger, logger.level))
                    logger.setLevel(_NEVER)
        _quiet_blocks.append(None)
    try:
        yield
    finally:
        with _quiet_lock:
            _quiet_blocks.pop()
            if not _quiet_blocks:
                for logger, level in _quiet_levels:
                    logger.setLevel(level)
                _quiet_levels.clear()
