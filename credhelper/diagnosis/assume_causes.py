"""The causes in IAM: which policy, and which element of it, keeps a caller from a role. Pure."""

from credhelper.diagnosis.cause import Cause

CAUSES: tuple[Cause, ...] = ()
