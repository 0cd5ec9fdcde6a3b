"""How a one-time code can fail, as far as it decides who is asked again and with whom the failure is shared. Pure."""

from credhelper.errors import MfaError


class NoTerminalError(MfaError):
    """There is no terminal to ask at: true for others that have none, and for no caller that has one."""


class NotACodeError(MfaError):
    """What was given is not a code; nothing was sent."""


class SpentCodeError(MfaError):
    """The code was sent before, and AWS takes each once: true until the device shows the next one."""


class RefusedCodeError(MfaError):
    """AWS refused the code."""


class PausedError(MfaError):
    """AWS refused a code a moment ago, and programs send no other for a while; a person may."""
