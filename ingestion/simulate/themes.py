"""Themes: what a video is about. Each is split into motifs, the places between which a viewer's mood wanders."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """A theme and the share of the videos that belong to it."""

    name: str
    genre: str
    share: float
    path: str
    categories: tuple[str, ...]
    decay_days: float
    """Popularity falls to 1/e of itself in this time."""
    serial_share: float
    minutes: tuple[int, ...]
    motif_count: int
    collection: str | None = None

    @property
    def is_kids(self) -> bool:
        return self.genre == "kids"


THEMES = (
    Theme("krimi", "fiction", 0.13, "/serien/krimi", ("crime", "thriller"), 30, 0.8, (43, 58, 88), 5),
    Theme("drama", "fiction", 0.10, "/filme", ("drama", "romance"), 35, 0.5, (45, 88, 95), 5),
    Theme("comedy", "fiction", 0.07, "/serien/comedy", ("comedy",), 30, 0.8, (24, 28, 45), 4),
    Theme("history", "documentary", 0.08, "/dokus/geschichte", ("history",), 45, 0.3, (43, 52, 90), 4),
    Theme("nature", "documentary", 0.08, "/dokus/natur", ("nature", "travel"), 60, 0.3, (43, 52), 4),
    Theme("science", "documentary", 0.05, "/dokus/wissen", ("science", "technology"), 40, 0.4, (28, 43), 3),
    Theme("politics", "report", 0.08, "/reportagen", ("politics", "society"), 8, 0.2, (15, 28, 43), 4),
    Theme("news", "news", 0.0, "/nachrichten", ("news",), 0.7, 0.0, (5, 15, 30), 1),
    Theme("shows", "show", 0.07, "/shows", ("quiz", "talk"), 7, 0.7, (45, 75, 120), 3),
    Theme("football", "sport", 0.05, "/sport/fussball", ("football",), 2.5, 0.0, (8, 25, 100), 2),
    Theme("wintersport", "sport", 0.03, "/sport/wintersport", ("wintersport",), 3, 0.0, (8, 45, 90), 2),
    Theme("kitchen", "magazine", 0.04, "/magazine/kueche", ("cooking", "barbecue"), 20, 0.8, (28, 43), 2),
    Theme("garden", "magazine", 0.03, "/magazine/garten", ("garden", "home"), 20, 0.8, (28, 43), 2),
    Theme("consumer", "magazine", 0.05, "/magazine/verbraucher", ("consumer", "finance"), 7, 0.7, (28, 43), 2),
    Theme("animation", "kids", 0.10, "/kinder/serien", ("kids-animation",), 90, 0.95, (8, 12, 24), 4),
    Theme("kids-craft", "kids", 0.04, "/kinder/wissen", ("kids-craft", "science"), 60, 0.8, (12, 24), 2),
)
BY_NAME = {theme.name: theme for theme in THEMES}

MODE_COUNT = 3
"""Moods: in each, a motif leads to another motif; a mood lasts some videos and does not show in one alone."""
