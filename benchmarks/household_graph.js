// Runs in the page: counts frames for so many seconds in each of three ways.
async (seconds) => {
  const { city, painter, view, state, motion, redraw, frames } = await import("/static/households/main.js");
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  /** Every frame of the browser runs `step`; what is drawn counts. */
  async function measured(step) {
    const times = [], begun = performance.now();
    let last = begun;
    await new Promise((done) => {
      requestAnimationFrame(function frame(now) {
        if (step(now, now - begun) !== false) { times.push(now - last); last = now; }
        if (now - begun < 1000 * seconds) requestAnimationFrame(frame); else done();
      });
    });
    const passed = (performance.now() - begun) / 1000;
    times.sort((a, b) => a - b);
    return { fps: times.length / passed, p50_ms: times[times.length >> 1], p95_ms: times[Math.floor(0.95 * times.length)] };
  }

  view.whole(true);
  await pause(1000);
  let counted = frames.count;
  const standing = await measured(() => { redraw(); const isDrawn = frames.count > counted; counted = frames.count; return isDrawn; });

  const { x, y, k } = state.camera;
  const shifting = await measured((now, passed) => {
    const transform = d3.zoomIdentity.translate(x + 30 * Math.sin(passed / 300), y + 30 * Math.cos(passed / 300)).scale(k);
    view.selection.call(view.zoom.transform, transform);
    counted = frames.count;
  });
  const flying = await measured((now, passed) => {
    const nearer = Math.exp(1.5 * (1 - Math.cos(passed / 1300))), wide = painter.width / 2, high = painter.height / 2;
    const turn = passed / 1300, px = wide + 0.2 * wide * Math.sin(turn), py = high + 0.2 * high * Math.cos(turn);
    const transform = d3.zoomIdentity.translate(px, py).scale(nearer).translate(-px, -py).translate(x, y).scale(k);
    view.selection.call(view.zoom.transform, transform);
    counted = frames.count;
  });

  view.whole(true);
  await pause(500);
  const drawn = new Map([...city.nodes.keys()].map((id) => [id, []]));
  for (const item of city.items) if (item) drawn.get(item.id)?.push(item);
  for (const household of city.households.values()) drawn.get(household.id)?.push(household);
  const nodes = [...drawn].map(([id, shapes]) => ({ id, shapes, x: shapes[0]?.x ?? 0, y: shapes[0]?.y ?? 0 }));
  const links = [...city.links.values()].filter((link) => drawn.has(link.source) && drawn.has(link.target)).map(({ source, target }) => ({ source, target }));
  const force = d3.forceSimulation(nodes).stop()
    .force("charge", d3.forceManyBody()).force("link", d3.forceLink(links).id((node) => node.id)).force("apart", d3.forceCollide(4));
  const naive = await measured((now) => {
    force.tick();
    for (const { shapes, x, y } of nodes) for (const shape of shapes) { shape.x = x; shape.y = y; }
    painter.invalidate();
    painter.draw(now, motion.households);
  });
  return { nodes: city.nodes.size, links: city.links.size, width: painter.canvas.width, height: painter.canvas.height, standing, shifting, flying, naive };
}
