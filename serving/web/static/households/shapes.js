// A shape for every device class beside its colour: told apart without colours, too. Added to an open path.
export const CLASSES = ["tv", "smartphone", "tablet", "desktop", "unknown"];

export function addShape(path, deviceClass, x, y, r) {
  if (deviceClass === "tv") path.rect(x - 1.25 * r, y - 0.8 * r, 2.5 * r, 1.6 * r);
  else if (deviceClass === "tablet") { path.moveTo(x, y - 1.25 * r); path.lineTo(x + 1.25 * r, y); path.lineTo(x, y + 1.25 * r); path.lineTo(x - 1.25 * r, y); path.closePath(); }
  else if (deviceClass === "desktop") { path.moveTo(x, y - 1.2 * r); path.lineTo(x + 1.15 * r, y + 0.9 * r); path.lineTo(x - 1.15 * r, y + 0.9 * r); path.closePath(); }
  else { path.moveTo(x + r, y); path.arc(x, y, r, 0, 2 * Math.PI); }
}

/** An SVG of the shape, for the legend. */
export function shapeSvg(deviceClass, colour) {
  const shapes = {
    tv: "<rect x='2' y='4' width='16' height='11'/>", smartphone: "<circle cx='10' cy='10' r='7'/>",
    tablet: "<path d='M10 1 19 10 10 19 1 10Z'/>", desktop: "<path d='M10 2 18.5 17H1.5Z'/>", unknown: "<circle cx='10' cy='10' r='7'/>",
  };
  return `<svg viewBox="0 0 20 20" width="14" height="14" aria-hidden="true" fill="${colour}">${shapes[deviceClass]}</svg>`;
}
