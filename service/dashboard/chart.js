// Misses over false accepts an hour: of thresholds, or of the epochs of a training.

const NAMES = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, LEFT, BOTTOM] = [480, 260, 46, 36];

function shape(tag, attributes, text) {
  const made = document.createElementNS(NAMES, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Returns the drawing. told: what it shows, in words. curve, earlier: {misses, per_hour} in their order, of this training
    and of the one before; own: the point that counts. */
export function chart(told, curve, own, earlier = []) {
  const before = earlier.filter(({ misses, per_hour: rate }) => misses !== null && rate !== null);
  const points = [...curve, ...before, own];
  const most = Math.max(0.05, ...points.map(({ misses }) => misses));
  const rates = points.map(({ per_hour: rate }) => rate).filter((rate) => rate > 0);
  const [least, greatest] = [Math.min(0.1, ...rates), Math.max(1, ...rates)].map(Math.log10);
  // The rate is drawn by its logarithm; none at all stands at the left edge.
  const x = (rate) => LEFT + ((rate > 0 ? Math.log10(rate) - least : 0) / (greatest - least)) * (WIDTH - LEFT - 12);
  const y = (misses) => 10 + (1 - misses / most) * (HEIGHT - BOTTOM - 10);
  const line = (of, kind) => shape("polyline", {
    class: kind, points: of.map((point) => `${x(point.per_hour).toFixed(1)},${y(point.misses).toFixed(1)}`).join(" "),
  });
  const drawing = shape("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": told });
  drawing.append(
    shape("path", { class: "axis", fill: "none", d: `M${LEFT} 10V${HEIGHT - BOTTOM}H${WIDTH - 12}` }),
    shape("text", { x: LEFT - 6, y: 18, "text-anchor": "end" }, `${(100 * most).toFixed(0)} %`),
    shape("text", { x: LEFT - 6, y: HEIGHT - BOTTOM, "text-anchor": "end" }, "0"),
    shape("text", { x: LEFT + 8, y: 18 }, "misses"),
    shape("text", { x: LEFT, y: HEIGHT - BOTTOM + 16 }, (10 ** least).toPrecision(1)),
    shape("text", { x: WIDTH - 12, y: HEIGHT - BOTTOM + 16, "text-anchor": "end" }, String(Math.round(10 ** greatest))),
    shape("text", { x: (LEFT + WIDTH) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, "false accepts an hour"),
  );
  if (before.length > 1) drawing.append(line(before, "before"));
  drawing.append(line(curve, "curve"), shape("circle", { class: "own", r: 5, cx: x(own.per_hour), cy: y(own.misses) }));
  return drawing;
}
