"""Addresses of what ad decisions keep: a part of ``core.paths``, reached as ``paths.ads``."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class AdPaths:
    """Below ``home``; creates nothing."""

    home: Path

    @property
    def counters(self) -> Path:
        """Reservations and plays of spots by device, for a few days: what caps are counted by (HH-11)."""
        return self.home / "ad_decision" / "counters.sqlite"

    @property
    def counted_plays(self) -> Path:
        """What the counters say, for the warehouse to compare with the log: ``core.contracts.ads.COUNTED_PLAYS``."""
        return self.home / "ad_decision" / "counted_plays.parquet"

    @property
    def campaigns_as_run(self) -> Path:
        """The campaigns as serving merged them, for warehouse and card; only where one was changed on the page."""
        return self.home / "ad_decision" / "campaigns.parquet"

    @property
    def campaign_changes(self) -> Path:
        """What ad managers changed on the page, JSON lines; a campaign's history."""
        return self.home / "editorial" / "campaign_changes.jsonl"

    @property
    def opt_outs(self) -> Path:
        """Who wants no ads that go by them (PRV-2)."""
        return self.home / "ad_decision" / "opt_outs.sqlite"

    @property
    def tracking_key(self) -> Path:
        """The secret that tracking addresses are signed with (mode 0600)."""
        return self.home / "keys" / "ad_tracking.key"

    @property
    def plays(self) -> Path:
        """Plays that players reported, JSON lines as in ``decision_log``; ingestion takes them as `ad` events."""
        return self.home / "ad_plays"
