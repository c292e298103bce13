"""PRV-3: what is kept for caps is shown, and erased without a trace, while the server runs."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from core.settings import Settings
from serving.ad_decision.device_data import forget_device, stored_about
from tests.serving.ad_decision.ad_home import AdHome, Asker, campaign, device


def test_a_device_leaves_the_counters_while_the_server_runs(
    ad_home: AdHome, start: Callable[..., Asker], settings: Settings
) -> None:
    ad_home.campaigns(campaign("a"), campaign("b"))
    ad_home.consent(1, 2)
    ask = start()
    assert len(ask.spots(slots=[20, 20])) == 2
    assert len(ask.spots(device_key=device(2))) == 1
    ask.client.app.state.ad_decisions.opt_outs.set(device(1), True, datetime(2026, 5, 1, tzinfo=UTC))  # type: ignore
    assert [row["device"] for row in stored_about(settings, device(1))] == [device(1)] * 2
    assert forget_device(settings, device(1)) == {"ad_decision/counters": 3, "ad_decision/opt_outs": 1}
    folder = ad_home.paths.ads.counters.parent
    assert not [file for file in folder.iterdir() if device(1).encode() in Path(file).read_bytes()]
    assert len(stored_about(settings, device(2))) == 1
    assert len(ask.spots(slots=[20, 20])) == 2
