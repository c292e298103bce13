// Plays an ad pod as a player would: one spot after the other, telling what happens through the VAST client's tracker.
import { VASTClient, VASTParser, VASTTracker } from "./vast-client.js";

const MEDIA_FAILED = "401";
const video = document.querySelector("video");

function played(ad) {
  const creative = ad.creatives.find((each) => each.type === "linear");
  const tracker = new VASTTracker(new VASTClient(), ad, creative);
  return new Promise((resolve) => {
    const listening = new AbortController();
    const on = (name, listener) => video.addEventListener(name, listener, { signal: listening.signal });
    const end = (how) => {
      listening.abort();
      resolve({ title: ad.title, how, seconds: video.currentTime });
    };
    on("playing", () => tracker.trackImpression());
    on("timeupdate", () => tracker.setProgress(video.currentTime));
    on("ended", () => {
      tracker.setProgress(creative.duration);
      tracker.complete();
      end("ended");
    });
    on("error", () => {
      tracker.errorWithCode(MEDIA_FAILED);
      end("failed");
    });
    video.src = creative.mediaFiles[0].fileURL;
    video.play().catch(() => {}); // said by the event, too
  });
}

const text = await (await fetch("pod.xml")).text();
const read = await new VASTParser().parseVAST(new DOMParser().parseFromString(text, "text/xml"));
const all = [];
for (const ad of read.ads) all.push(await played(ad));
window.played = all;
