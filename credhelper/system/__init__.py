"""The operating system: private files, locks, deadlines, clocks, hardening and the installation."""
