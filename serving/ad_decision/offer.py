"""Which campaigns are eligible for a content and a viewer: looked up once for all who are alike."""

from collections.abc import Mapping
from datetime import UTC, datetime

from core.algorithms.ads.eligibility import reason_for
from core.algorithms.ads.opportunity import Content, Viewer
from core.algorithms.ads.ranking import Eligible
from core.algorithms.ads.rules import AdRules
from core.algorithms.next_video.catalogue import Catalogue
from serving.ad_decision.campaigns_source import Campaigns

_KEPT = 10_000


class Contents:
    """What ads may know of contents, from the catalogue of the moment."""

    def __init__(self) -> None:
        self._catalogue: Catalogue | None = None
        self._known: dict[str, Content] = {}

    def take(self, catalogue: Catalogue | None) -> None:
        """Go on with another catalogue, if it is one."""
        if catalogue is not self._catalogue:
            self._catalogue, self._known = catalogue, {}

    def of(self, content_id: str) -> Content | None:
        """None where the catalogue does not know it."""
        known = self._known.get(content_id)
        if known is not None or self._catalogue is None:
            return known
        row = self._catalogue.row_of.get(content_id)
        if row is None:
            return None
        table = self._catalogue.table
        content = Content(
            content_id,
            frozenset(table["categories"][row].as_py() or ()),
            table["audience"][row].as_py() == "kids",
            table["kind"][row].as_py() == "page",
        )
        if len(self._known) < _KEPT:
            self._known[content_id] = content
        return content


class Offer:
    """The campaigns of the moment, by what matters of content and viewer."""

    def __init__(self, rules: AdRules) -> None:
        self._rules = rules
        self._campaigns = Campaigns()
        self._known: dict[tuple[object, ...], list[Eligible]] = {}
        self._placed: Mapping[str, int] = {}
        self._running: frozenset[str] = frozenset()
        self._since, self._until = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)

    def eligible(
        self, campaigns: Campaigns, content: Content, viewer: Viewer | None, at: datetime, placed: Mapping[str, int]
    ) -> list[Eligible]:
        """Campaigns that run, are not delivered in full and may be shown, by id."""
        if campaigns is not self._campaigns:
            self._campaigns, self._known = campaigns, {}
            self._until = self._since  # nothing is known of when these run
        if placed is not self._placed or not self._since <= at < self._until:
            self._look_who_runs(at, placed)
        month = self._rules.month(at)
        key = (content.categories, content.is_kids, viewer, month)
        found = self._known.get(key)
        if found is None:
            reasons = ((each, reason_for(each, content, viewer, month, self._rules)) for each in campaigns.campaigns)
            found = [Eligible(campaign, reason) for campaign, reason in reasons if reason is not None]
            if len(self._known) < _KEPT:
                self._known[key] = found
        running = self._running
        return [each for each in found if each.campaign.campaign_id in running]

    def _look_who_runs(self, at: datetime, placed: Mapping[str, int]) -> None:
        """Until the next campaign begins or ends, or others are delivered in full."""
        campaigns = self._campaigns.campaigns
        changes = [each for campaign in campaigns for each in (campaign.starts_at, campaign.ends_at) if each > at]
        self._running = frozenset(
            each.campaign_id
            for each in campaigns
            if each.is_running(at) and placed.get(each.campaign_id, 0) < each.impressions
        )
        self._placed, self._since = placed, at
        self._until = min(changes, default=datetime.max.replace(tzinfo=UTC))
