"""Exit codes of commands (docs/contracts.md section 4)."""

FAILED = 1
WRONG_REQUEST = 2
CANCELLED = 3
TIMED_OUT = 4
