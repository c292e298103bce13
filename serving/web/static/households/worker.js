// Forces, and only inside households that were touched: a few ticks at a time, positions handed over as Float32Arrays.
import "/static/vendor/d3.min.js";
import { RINGS } from "./place.js";

const TICKS = 30, TICKS_A_TURN = 4, TURN_MS = 125; // 8 times a second
const active = new Map();
let timer = null;

self.onmessage = ({ data }) => {
  for (const household of data) active.set(household.id, { ...household, simulation: simulationOf(household), left: TICKS });
  timer ??= setInterval(turn, TURN_MS);
};

function simulationOf({ x, y, r, kinds, xy, springs }) {
  const nodes = kinds.map((kind, i) => ({ kind, x: xy[2 * i] - x, y: xy[2 * i + 1] - y }));
  const size = { device: 0.15 * r, address: 0.09 * r, content: 0.1 * r };
  return d3.forceSimulation(nodes).stop().alphaDecay(0.08).velocityDecay(0.45)
    .force("ring", d3.forceRadial((node) => RINGS[node.kind] * r * (node.kind === "device" ? 0.7 : 1)).strength((node) => (node.kind === "device" ? 0.12 : 0.5)))
    .force("apart", d3.forceCollide((node) => size[node.kind]).strength(0.8))
    .force("springs", d3.forceLink(springs.map(([source, target]) => ({ source, target }))).distance(0.35 * r).strength(0.08));
}

function turn() {
  const slots = [], xy = [];
  for (const [id, household] of active) {
    household.simulation.tick(Math.min(TICKS_A_TURN, household.left));
    household.left -= TICKS_A_TURN;
    household.simulation.nodes().forEach((node, i) => {
      const far = Math.hypot(node.x, node.y), most = 0.94 * household.r, inside = far > most ? most / far : 1;
      slots.push(household.slots[i]);
      xy.push(household.x + node.x * inside, household.y + node.y * inside);
    });
    if (household.left <= 0) active.delete(id);
  }
  if (!active.size) { clearInterval(timer); timer = null; }
  const message = { slots: Uint32Array.from(slots), xy: Float32Array.from(xy) };
  self.postMessage(message, [message.slots.buffer, message.xy.buffer]);
}
