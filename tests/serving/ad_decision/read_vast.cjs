// Reads a pod from standard input with an independent VAST client and prints what a player would do with it, as JSON.
const [, , client, xmldom] = process.argv;
const { VASTParser } = require(client);
const { DOMParser } = require(xmldom);

const chunks = [];
process.stdin.on("data", (chunk) => chunks.push(chunk));
process.stdin.on("end", async () => {
  const parser = new VASTParser();
  const warnings = [];
  parser.on("VAST-error", (error) => warnings.push(error));
  parser.on("VAST-warning", (warning) => warnings.push(warning));
  const text = Buffer.concat(chunks).toString("utf8");
  const read = await parser.parseVAST(new DOMParser().parseFromString(text, "text/xml"));
  const ads = read.ads.map((ad) => {
    const linear = ad.creatives.find((creative) => creative.type === "linear");
    return {
      id: ad.id,
      sequence: ad.sequence,
      title: ad.title,
      advertiser: ad.advertiser && ad.advertiser.value,
      serving_id: ad.adServingId,
      duration: linear.duration,
      media: linear.mediaFiles.map((file) => ({ url: file.fileURL, type: file.mimeType, delivery: file.deliveryType })),
      universal_id: linear.universalAdIds.map((each) => each.value),
      impressions: ad.impressionURLTemplates.map((each) => each.url),
      errors: ad.errorURLTemplates,
      tracking: linear.trackingEvents,
    };
  });
  process.stdout.write(JSON.stringify({ version: read.version, ads, warnings }));
});
