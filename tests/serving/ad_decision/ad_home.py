"""A home with campaigns, households and consents, written out here, and an app over it."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fastapi.testclient import TestClient

from core.contracts.households import ASSIGNMENTS, INFERENCES
from core.contracts.lake import CAMPAIGNS, EVENTS, WITHDRAWALS
from core.paths import Paths
from core.storage import written_aside

DAY = datetime(2026, 5, 1)  # the clock of the app stands at 12:00 UTC of it


def device(number: int) -> str:
    return f"d_{number:024x}"


def campaign(name: str, **fields: Any) -> dict[str, Any]:
    """A campaign row that anybody may see, with one spot of 20 s."""
    nested: dict[str, Any] = {
        "device_split": {}, "cap": {"per_break": 1, "per_day": 3}, "target": None,
        "spots": [{"spot_id": f"{name}-a", "duration_s": 20, "media_url": f"https://spots.example/{name}.mp4"}],
    }  # fmt: skip
    row = {
        "campaign_id": name, "advertiser": f"of {name}", "starts_at": datetime(2026, 4, 1), "ends_at": datetime(2026, 6, 1),
        "impressions": 1_000_000, "updated_at": datetime(2026, 4, 1), "batch_id": 1,
    }  # fmt: skip
    plain = {key: value for key, value in fields.items() if key not in nested}
    return row | plain | {key: json.dumps(fields.get(key, value)) for key, value in nested.items()}


class AdHome:
    """Writes what ingestion and training would have written."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.batch = 0

    def campaigns(self, *rows: dict[str, Any]) -> None:
        self._write(self.paths.campaigns, list(rows), CAMPAIGNS)

    def live(self, homes: dict[str, list[int]], until: datetime | None = None) -> None:
        """Which devices live where now."""
        rows = [
            {"device_key": device(number), "household_id": household, "from_at": datetime(2026, 4, 1), "until_at": until,
             "confidence": 0.9, "reason": "test", "is_separable": True}
            for household, numbers in homes.items()
            for number in numbers
        ]  # fmt: skip
        self._write(self.paths.household_assignments, rows, ASSIGNMENTS)

    def infer(self, *rows: tuple[int | None, str, str, str, float]) -> None:
        names = ("device_key", "household_id", "what", "value", "confidence")
        found = [dict(zip(names, (None if row[0] is None else device(row[0]), *row[1:]), strict=True)) for row in rows]
        self._write(self.paths.household_inferences, found, INFERENCES)

    def events(self, *rows: dict[str, Any]) -> None:
        """One commit."""
        self.batch += 1
        full = [
            dict.fromkeys(EVENTS.names)
            | {"event": "click", "event_id": f"e{self.batch}-{number}", "device_class": "tv", "happened_at": DAY,
               "has_personalisation_consent": True, "has_advertising_consent": True, "batch_id": self.batch} | row
            for number, row in enumerate(rows)
        ]  # fmt: skip
        for hour in {row["happened_at"].strftime("%Y-%m-%dT%H") for row in full}:
            of_hour = [row for row in full if row["happened_at"].strftime("%Y-%m-%dT%H") == hour]
            self._write(self.paths.events / f"hour={hour}" / f"{self.batch:08d}.parquet", of_hour, EVENTS)
        self._commit()

    def consent(self, *numbers: int) -> None:
        self.events(*({"device_key": device(number)} for number in numbers))

    def withdraw(self, number: int, at: datetime) -> None:
        self.batch += 1
        row = {"device_key": device(number), "purpose": "advertising", "withdrawn_at": at, "batch_id": self.batch}
        self._write(self.paths.withdrawals / f"{self.batch:08d}.parquet", [row], WITHDRAWALS)
        self._commit()

    def _commit(self) -> None:
        self.paths.ledger.mkdir(parents=True, exist_ok=True)
        (self.paths.ledger / f"{self.batch:012d}.json").write_text("{}")

    @staticmethod
    def _write(file: Path, rows: list[dict[str, Any]], schema: Any) -> None:
        with written_aside(file) as aside:
            pq.write_table(pa.Table.from_pylist(rows, schema=schema), aside)


class Asker:
    """A running app and the token."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.number = 0

    def post(self, **fields: Any) -> Any:
        return self.client.post("/api/v1/ad-break", json=self.body(**fields), headers=self.token)

    token = {"Authorization": "Bearer token-of-the-tests"}  # noqa: RUF012

    def body(self, **fields: Any) -> dict[str, Any]:
        self.number += 1
        who = {} if {"mac", "device_key", "household"} & fields.keys() else {"device_key": device(1)}
        return (
            {"content_id": "film-1", "device_class": "tv", "break_id": f"auto-{self.number}", "slots": [20]}
            | who
            | fields
        )

    def spots(self, **fields: Any) -> list[str]:
        response = self.post(**fields)
        assert response.status_code == 200, response.text
        return [spot["spot_id"] for spot in response.json()["spots"]]
