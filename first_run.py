"""The first pipeline run, through Airflow: ingest is triggered, assets do the rest, and a person sees it happen."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from core.settings import Settings

WORKFLOW = ("ingest", "build", "train_next_video", "monitor_next_video")
"""The order in which assets lead from one to the next."""
_USE_CASES = ("next-episode", "next-video")
_TIMEOUT_SECONDS = 5
_FAILED = ("failed", "upstream_failed")


class AirflowApi:
    """The few calls of Airflow's REST API that we need; no proxy, as it is on this machine."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._token: str | None = None
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call ``/api/v2`` and return the answer.

        Raises:
            OSError: Airflow is not there (yet), or it refused; ``urllib.error.HTTPError`` has the code.
        """
        if self._token is None:
            self._token = self._request("GET", "/auth/token", None)["access_token"]
        return self._request(method, f"/api/v2{path}", body)

    def _request(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self._address + path, data=data, headers=headers, method=method)  # noqa: S310
        with self._opener.open(request, timeout=_TIMEOUT_SECONDS) as answer:
            return json.load(answer)


class FirstRun:
    """Makes the pool, triggers ingest, and tells what runs until the cards are there. Called over and over, as
    whoever calls it has processes to look after meanwhile."""

    def __init__(self, settings: Settings, api: AirflowApi, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._api = api
        self._say = say
        self._is_prepared = False
        self._is_triggered = False
        self._told: set[tuple[str, str, str, int]] = set()
        self.is_done = False

    def tick(self, is_source_there: bool) -> None:
        """Do the next thing that can be done now; Airflow not answering yet is no error."""
        try:
            if not self._is_prepared:
                self._prepare()
            elif not self._is_triggered:
                if is_source_there:
                    self._trigger()
            else:
                self._tell()
        except (OSError, ValueError):
            return

    def _prepare(self) -> None:
        """Wait until Airflow answers, and make the pool that build needs."""
        self._api.call("GET", "/monitor/health")
        try:
            self._api.call("POST", "/pools", {"name": "warehouse", "slots": 1, "description": "one writer of DuckDB"})
        except urllib.error.HTTPError as error:
            if error.code != 409:  # 409: it is there from the last time
                raise
        self._is_prepared = True
        self._say("Airflow answers")

    def _trigger(self) -> None:
        """Trigger ingest as soon as all DAGs are known, so that no asset's event finds nobody waiting for it."""
        known = {dag["dag_id"] for dag in self._api.call("GET", "/dags?limit=100")["dags"]}
        if not known.issuperset(WORKFLOW):
            return
        self._api.call("POST", "/dags/ingest/dagRuns", {"logical_date": None})
        self._is_triggered = True
        self._started = time.monotonic()
        if self._has_cards():
            self.is_done = True
            self._say("triggered ingest in Airflow; model and cards are those of the last time until the next is made")
        else:
            self._say(f"triggered ingest in Airflow; then come {', '.join(WORKFLOW[1:])}")

    def _tell(self) -> None:
        """Tell what started, ended or failed since the last time."""
        tasks = self._api.call("GET", "/dags/~/dagRuns/~/taskInstances?limit=200&order_by=start_date")["task_instances"]
        for task in tasks:
            state, seconds = task["state"], task.get("duration")
            key = (task["dag_run_id"], f"{task['dag_id']}.{task['task_id']}", state, task["try_number"])
            if key in self._told or state not in ("running", "success", "up_for_retry", *_FAILED):
                continue
            self._told.add(key)
            if state == "success" and seconds and seconds >= 1:
                self._say(f"  {key[1]}: done in {seconds:.0f} s")
            elif state == "running":
                self._say(f"  {key[1]} ...")
            elif state != "success":
                self._say(f"  {key[1]}: {state.replace('_', ' ')}; its log is in Airflow")
        if self._has_cards():
            self.is_done = True
            self._say(f"the model card is there, {time.monotonic() - self._started:.0f} s after the start of the run")

    def _has_cards(self) -> bool:
        cards = self._settings.paths.cards
        return all(any((cards / use_case).glob("*/card.de.html")) for use_case in _USE_CASES)
