"""Speed beside its floor: `python -m tests.bench`. It prints; it never passes or fails."""
