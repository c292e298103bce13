// Where things stand: a household by its id alone, what is in it by its place there. Pure; page and worker share it.
export const CITY_RADIUS = 1000;
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));

/** Two independent numbers in [0, 1) from a text (cyrb53's two halves). */
export function hashed(text) {
  let a = 0xdeadbeef, b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return [(a >>> 0) / 2 ** 32, (b >>> 0) / 2 ** 32];
}

/** A point of the city's disc: never depends on who else lives there. */
export function householdPoint(id) {
  const [u, v] = hashed(id);
  const r = CITY_RADIUS * Math.sqrt(u), angle = 2 * Math.PI * v;
  return [r * Math.cos(angle), r * Math.sin(angle)];
}

/** The largest radius of a household: changes only when the city doubles. */
export function standardRadius(householdCount) {
  const doubled = 2 ** Math.ceil(Math.log2(Math.max(8, householdCount)));
  return 0.42 * CITY_RADIUS * Math.sqrt(Math.PI / doubled);
}

/** Place number i in a disc around (0, 0), as seeds stand in a sunflower. */
export function seed(i, radius, count) {
  const r = count === 1 ? 0 : radius * Math.sqrt((i + 0.5) / count);
  return [r * Math.cos(i * GOLDEN_ANGLE), r * Math.sin(i * GOLDEN_ANGLE)];
}

/** Place number i of count on a ring. */
export function onRing(i, count, radius, turn = 0) {
  const angle = turn + (2 * Math.PI * i) / Math.max(1, count);
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

/** Where the kinds stand, as shares of a household's radius. */
export const RINGS = { device: 0.4, address: 0.6, content: 0.8 };
