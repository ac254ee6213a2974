"""How far a long job over many files has come."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Progress:
    """Files looked at so far, of how many."""

    done: int
    total: int

    @property
    def fraction(self) -> float:
        """Share of the files that were looked at."""
        return self.done / self.total if self.total else 1.0

    @property
    def milestone(self) -> bool:
        """Whether all files were looked at."""
        return self.done == self.total
