"""The causes after the role: the bucket, its policy, its Region and its key. Pure."""

from credhelper.diagnosis.cause import Cause

CAUSES: tuple[Cause, ...] = ()
