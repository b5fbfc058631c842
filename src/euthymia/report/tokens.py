"""The colours of every picture, light and dark (design: UX.md)."""

from dataclasses import dataclass

from euthymia.report.words import Tone

FONT = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


@dataclass(frozen=True)
class Tokens:
    """One theme. `holding`, `not_improving` and `losing` are statuses; `accent` is what was measured."""

    ink: str
    muted: str
    page: str
    card: str
    line: str
    accent: str
    remission: str
    holding: str
    not_improving: str
    losing: str

    def tone(self, tone: Tone) -> str:
        """The colour of a status."""
        colours = {"moving": self.accent, "plain": self.muted}
        return colours.get(tone) or str(getattr(self, tone))


LIGHT = Tokens("#16202c", "#566373", "#f6f7f9", "#ffffff", "#e1e6ec", "#1f5fbf", "#0b7a5b", "#8a5a00", "#5b4a78", "#b3261e")
DARK = Tokens("#e8edf3", "#9eabba", "#0f151c", "#161e27", "#293542", "#7fb0ff", "#59d3ae", "#f0be5a", "#c3b2e6", "#ff9a90")
