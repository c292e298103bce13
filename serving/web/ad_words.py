"""Why a spot was shown, in plain words: for the ad manager and for viewers alike."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.algorithms.next_video.catalogue import Catalogue
from serving.ad_decision.offer import Contents
from serving.ad_decision.shown import Shown
from serving.web.texts import Language, text


class AdWords:
    """Words about plays in one language, with the catalogue of the moment."""

    def __init__(self, catalogue: Catalogue | None, zone: ZoneInfo, language: Language) -> None:
        self._catalogue, self._zone, self._language = catalogue, zone, language
        self._contents = Contents()
        self._contents.take(catalogue)

    def row(self, shown: Shown) -> dict[str, Any]:
        """One play as a page shows it."""
        play, campaign = shown.play, shown.campaign
        return {
            "at": self.instant(play.at),
            "spot_id": play.spot_id,
            "campaign_id": play.campaign_id or (campaign.campaign_id if campaign else None),
            "advertiser": campaign.advertiser if campaign else None,
            "device": play.device,
            "device_class": play.device_class,
            "title": self.title(play.content_id),
            "break_id": play.break_id,
            "state": shown.state,
            "why": self.why(shown),
            "cap": self._cap(shown),
        }

    def why(self, shown: Shown) -> list[str]:
        """The recorded reason, and what of the campaign's target (as it is now) stands behind it."""
        if shown.state == "heard":
            return [self._text("adw_heard")]
        if shown.reason is None:
            return [self._text("adw_forgotten")]
        words = [self._text(f"adw_{shown.reason}")]
        if shown.campaign is None or shown.reason == "run-of-network":
            return words
        target = shown.campaign.target
        content = self._contents.of(shown.play.content_id) if shown.play.content_id else None
        about = target.categories & content.categories if content else frozenset()
        for key, names in (
            ("adw_about", about),
            ("adw_age", target.age_groups),
            ("adw_gender", self._words(target.gender)),
            ("adw_income", self._words(target.income)),
            ("adw_linked", target.linked_categories),
        ):
            if names:
                words.append(self._text(key, names=", ".join(sorted(names))))
        return words

    def title(self, content_id: str | None) -> str:
        """Title of a content, or its id where the catalogue does not know it."""
        row = self._catalogue.row_of.get(content_id) if self._catalogue and content_id else None
        if row is None or self._catalogue is None:
            return content_id or "–"
        return str(self._catalogue.table["title"][row].as_py())

    def value(self, value: str) -> str:
        """What is believed of somebody, as a word."""
        return self._text(f"adv_{value}") if value in _VALUES else value

    def instant(self, at: datetime) -> str:
        form = "%d.%m.%Y %H:%M:%S" if self._language == "de" else "%d %b %Y %H:%M:%S"
        return at.astimezone(self._zone).strftime(form)

    def _cap(self, shown: Shown) -> str:
        if shown.played_today is None:
            return "–"
        if shown.per_day is None:
            return self._text("adw_no_cap", count=str(shown.played_today))
        return self._text("adw_cap", count=str(shown.played_today), most=str(shown.per_day))

    def _words(self, values: Iterable[str]) -> set[str]:
        return {self.value(value) for value in values}

    def _text(self, key: str, **values: str) -> str:
        return text(key, self._language, **values)


_VALUES = frozenset({"female", "male", "low", "middle", "high"})
