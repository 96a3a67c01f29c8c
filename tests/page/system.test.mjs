// The diagram: every node has its box, boxes stand apart, and messages travel between them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boxOf, layout } from '../../src/report/page/views/system/layout.js';
import { pointAt, routeOf } from '../../src/report/page/views/system/wires.js';
import { SCENARIOS, open } from './runs.mjs';

for (const path of SCENARIOS) {
  const { run, records } = open(path);
  for (const width of [840, 1060, 1680]) {
    const plan = layout(run, width);
    const boxes = [...plan.boxes.values()];

    test(`every node has its box, within the picture: ${path} at ${width}`, () => {
      run.nodes.forEach((node, n) => assert.ok(plan.boxes.get(boxOf(node)).nodes.includes(n), node.name));
      for (const { id, x, y, w, h } of boxes) assert.ok(x >= 0 && y >= 0 && x + w <= width + 1 && y + h <= plan.height, id);
    });

    test(`no box covers another one: ${path} at ${width}`, () => {
      for (const a of boxes) for (const b of boxes) {
        if (a === b) continue;
        const isApart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        assert.ok(isApart, `${a.id} and ${b.id}`);
      }
    });

    test(`a message travels from the border of its sender to that of its receiver: ${path} at ${width}`, () => {
      for (const { from, to } of records.messages.routes) {
        const [a, b] = [from, to].map(node => plan.boxes.get(boxOf(run.nodes[node])));
        if (a === b) continue;
        const { lines } = routeOf(plan, a.id, b.id);
        assert.ok(touches(a, pointAt(lines, 0)), `${a.id} to ${b.id} leaves at its sender`);
        assert.ok(touches(b, pointAt(lines, 1)), `${a.id} to ${b.id} arrives at its receiver`);
      }
    });
  }
}

// Whether a point is at the border of a box.
const touches = ({ x, y, w, h }, point) => point.x >= x - 1 && point.x <= x + w + 1 && point.y >= y - 1 && point.y <= y + h + 1;
