// The way of a message through the diagram, and the place on it: a function of the records alone, so that two
// pictures of the same position are equal.

// The polylines that a message from one box to another follows, in its direction. Where no wire is drawn, it goes
// straight from border to border.
export function routeOf(plan, from, to) {
  if (from === to) return null;
  const direct = oneWire(plan, from, to);
  if (direct) return { lines: [direct], isDrawn: true };
  const isWrite = (from === 'api' && to === 'store') || (from === 'store' && to === 'api');
  if (isWrite) return { lines: [oneWire(plan, from, 'aggregates'), oneWire(plan, 'aggregates', to)], isDrawn: true };
  const a = plan.boxes.get(from);
  const b = plan.boxes.get(to);
  return a && b ? { lines: [straight(a, b)], isDrawn: false } : null;
}

function oneWire(plan, from, to) {
  const there = plan.wires.get(`${from}>${to}`);
  if (there) return there;
  const back = plan.wires.get(`${to}>${from}`);
  return back ? [...back].reverse() : null;
}

// The names of the wires that a message uses.
export function wiresOf(plan, from, to) {
  const known = (a, b) => plan.wires.has(`${a}>${b}`) ? [`${a}>${b}`] : plan.wires.has(`${b}>${a}`) ? [`${b}>${a}`] : [];
  const direct = known(from, to);
  if (direct.length > 0) return direct;
  const isWrite = (from === 'api' && to === 'store') || (from === 'store' && to === 'api');
  return isWrite ? [...known('api', 'aggregates'), ...known('aggregates', 'store')] : [];
}

// A line between the centres of two boxes, without the parts inside of them.
function straight(a, b) {
  const from = [a.x + a.w / 2, a.y + a.h / 2];
  const to = [b.x + b.w / 2, b.y + b.h / 2];
  return [border(a, from, to), border(b, to, from)];
}

function border(box, inside, outside) {
  const dx = outside[0] - inside[0];
  const dy = outside[1] - inside[1];
  const scale = Math.min(dx === 0 ? Infinity : box.w / 2 / Math.abs(dx), dy === 0 ? Infinity : box.h / 2 / Math.abs(dy));
  return [inside[0] + dx * scale, inside[1] + dy * scale];
}

const lengthOf = line => line.slice(1).reduce((sum, [x, y], k) => sum + Math.hypot(x - line[k][0], y - line[k][1]), 0);

// The point at a fraction of the whole way, with the direction of travel in degrees.
export function pointAt(lines, fraction) {
  const total = lines.reduce((sum, line) => sum + lengthOf(line), 0);
  let left = Math.max(0, Math.min(1, fraction)) * total;
  let last = null;
  for (const line of lines) {
    for (let k = 1; k < line.length; k += 1) {
      const [ax, ay] = line[k - 1];
      const [bx, by] = line[k];
      const length = Math.hypot(bx - ax, by - ay);
      const angle = Math.atan2(by - ay, bx - ax) * 180 / Math.PI;
      if (left <= length && length > 0) return { x: ax + (bx - ax) * left / length, y: ay + (by - ay) * left / length, angle };
      left -= length;
      last = { x: bx, y: by, angle };
    }
  }
  return last;
}

export const pathOf = points => points.map(([x, y], k) => `${k === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
