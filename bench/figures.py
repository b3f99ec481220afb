"""Figures and how they are shown: spreads over rounds, ratios of pairs, goals."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from typing_extensions import override

_WIDTH: Final = 46


@dataclass(frozen=True)
class Spread:
    """The least, the middle and the most of several rounds."""

    least: float
    middle: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(min(values), median(values), max(values))

    @classmethod
    def of_ratios(cls, ours: Sequence[float], bare: Sequence[float]) -> "Spread":
        """Round by round, because what disturbs the machine disturbs neighbours alike."""
        return cls.of([one / other for one, other in zip(ours, bare, strict=True)])

    @override
    def __str__(self) -> str:
        return " / ".join(map(_short, (self.least, self.middle, self.most)))


@dataclass(frozen=True)
class Goal:
    """One line of the summary."""

    what: str
    measured: float
    unit: str
    limit: float
    is_floor: bool

    @property
    def is_met(self) -> bool:
        return self.measured >= self.limit if self.is_floor else self.measured < self.limit


def at_least(what: str, measured: float, limit: float) -> Goal:
    """A ratio that shall not fall below its limit."""
    return Goal(what, measured, "", limit, is_floor=True)


def below(what: str, measured: float, limit: float) -> Goal:
    """A time in milliseconds that shall stay under its limit."""
    return Goal(what, measured, " ms", limit, is_floor=False)


def no_more(what: str, measured: float, limit: float) -> Goal:
    """A ratio that shall not rise above its limit."""
    return Goal(what, measured, "", limit, is_floor=False)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def progress(text: str) -> None:
    print(f"  · {text}", flush=True)


def heading(title: str, where: str) -> None:
    print(f"\n{title}\n  {where}", flush=True)


def line(what: str, values: Spread, unit: str) -> None:
    print(f"  {what:<{_WIDTH}} {values!s:>26} {unit}", flush=True)


def summary(goals: Sequence[Goal]) -> None:
    print(f"\n{'Summary (median over the rounds)':<{_WIDTH + 2}} {'measured':>12} {'goal':>12}")
    for goal in goals:
        measured = f"{_short(goal.measured)}{goal.unit}"
        limit = f"{'≥' if goal.is_floor else '<'} {goal.limit:g}{goal.unit}"
        verdict = "met" if goal.is_met else "missed"
        print(f"  {goal.what:<{_WIDTH}} {measured:>12} {limit:>12}  {verdict}")


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 three digits tell enough
