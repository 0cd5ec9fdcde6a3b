"""The causes on this machine: the line, the files, the environment, the clock, the cache. Pure."""

from credhelper.diagnosis.cause import Cause

CAUSES: tuple[Cause, ...] = ()
