"""MFA devices with codes that change every 30 seconds (RFC 6238): one device has one user, one code counts once."""

import base64
import hashlib
import hmac
import struct
import threading

from fakes import canary

_STEP_S = 30


class MfaDevices:
    """The devices of all users, virtual ones with an ARN as their serial."""

    def __init__(self) -> None:
        self._devices: dict[str, tuple[str, bytes]] = {}
        self._used: set[tuple[str, int]] = set()
        self._lock = threading.Lock()

    def add(self, user_arn: str, serial: str = "") -> str:
        """Give a user a device and return its serial, by default the one that AWS would give."""
        serial = serial or user_arn.replace(":user/", ":mfa/")
        self._devices[serial] = (user_arn, canary.secret_key(serial).encode())
        return serial

    def seed(self, serial: str) -> str:
        """Return the secret of a device as authenticator programs take it."""
        return base64.b32encode(self._devices[serial][1]).decode()

    def code(self, serial: str, at: float) -> str:
        """Return what the device shows at a time."""
        return code_of(self._devices[serial][1], int(at // _STEP_S))

    def has(self, user_arn: str, serial: str) -> bool:
        """Tell whether this is a device of this user."""
        return self._devices.get(serial, ("", b""))[0] == user_arn

    def take(self, serial: str, code: str, at: float) -> bool:
        """Tell whether the code counts at a time, and spend it; AWS takes the one before and the one after, too."""
        with self._lock:
            for step in range(int(at // _STEP_S) - 1, int(at // _STEP_S) + 2):
                if (serial, step) not in self._used and hmac.compare_digest(self.code(serial, step * _STEP_S), code):
                    self._used.add((serial, step))
                    return True
        return False


def code_of(secret: bytes, step: int) -> str:
    """Return the six digits of one step of 30 seconds (RFC 4226)."""
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number: int = struct.unpack(">I", digest[offset : offset + 4])[0]
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06d}"
