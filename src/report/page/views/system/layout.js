// Where the parts of the platform stand in the diagram: the write path to the right, the read path back to the
// left, processes below, and at the bottom what is outside. Sizes follow the room; text keeps its size.

const HEIGHT = { top: 84, projector: 28, apart: 4, process: 70, service: 64 };
const LEGEND = 24;
const COLUMNS = [112, 138, 152, 132, 172, 184];
const SUM = COLUMNS.reduce((sum, width) => sum + width, 0);

// What each kind of node is called, and what it is.
export const KINDS = {
  customers: ['Customers', 'Send commands and queries, wait, and send the same request again if no answer comes.'],
  api: ['Command API', 'Takes commands, folds the streams that they concern, decides, and appends at the version that it has read.'],
  aggregates: ['Aggregates', 'Each is a stream of events with a version. Its state is a fold of these events and nothing else.'],
  store: ['Event store', 'Append-only. One transaction writes events and their outbox rows; a version can be taken once, and the second writer gets a conflict.'],
  relay: ['Outbox and relay', 'Publishes what is stored, in order, under a lease, and marks it as sent once the broker has confirmed it. A crash in between publishes twice.'],
  broker: ['Broker', 'A queue for each consumer. Delivers at least once: what is not acknowledged is delivered again.'],
  'read-store': ['Read store', 'The rows that views show, with a checkpoint each. It may be behind the event store; by how much is the lag.'],
  cache: ['Cache', 'Rows by key. One loader holds the lease of a key, and other readers wait for it.'],
  query: ['Query API', 'Answers from the cache, the read store or the event store. Who has been told of a version is shown at least that version, or "not yet".'],
  saga: ['Saga orchestrator', 'Carries a process through services with a record before each step, and undoes what was done when a step fails. Silence is not a no: an unknown outcome is asked about.'],
  timers: ['Timers', 'Durable. They fire once, and never early.'],
  'key-store': ['Key store', 'A key for each customer encrypts personal data. To forget a customer is to destroy the key.'],
  projector: ['Projector', 'Applies each stream in order of versions, once, with a log of what it has applied. Versions that come early wait in a buffer.'],
  service: ['Service', 'Outside of the platform, with a ledger of its own. It may be slow, fail or answer twice.'],
  operator: ['Operator', 'Does by hand what the platform hands over.'],
};

// The box of a node: nodes that share a kind share a box, except projectors and services.
export function boxOf(node) {
  return node.kind === 'projector' || node.kind === 'service' ? `${node.kind} ${node.name}` : node.kind;
}

export function layout(run, width) {
  const gap = Math.max(26, Math.min(60, width * 0.036));
  const scale = (width - 5 * gap) / SUM;
  const columns = [];
  let left = 0;
  for (const weight of COLUMNS) {
    columns.push([Math.round(left), Math.round(weight * scale)]);
    left += weight * scale + gap;
  }
  const boxes = new Map();
  const put = (id, [x, w], y, height, fields) => boxes.set(id, { id, x, y, w, h: height, nodes: [], ...fields });
  const has = kind => run.nodes.some(node => node.kind === kind);
  const projectors = run.nodes.filter(node => node.kind === 'projector');
  const rowTop = LEGEND + HEIGHT.top + 16;
  const step = HEIGHT.projector + HEIGHT.apart;
  const readHeight = Math.max(HEIGHT.top + 20, projectors.length * step - HEIGHT.apart);
  const processTop = rowTop + readHeight + 32;
  const brokerHeight = processTop + HEIGHT.process - LEGEND;

  put('customers', columns[0], LEGEND, HEIGHT.top + 16 + HEIGHT.top);
  put('api', columns[1], LEGEND, HEIGHT.top);
  put('aggregates', columns[2], LEGEND, HEIGHT.top);
  put('store', columns[3], LEGEND, HEIGHT.top);
  put('relay', columns[4], LEGEND, HEIGHT.top);
  put('broker', columns[5], LEGEND, brokerHeight);
  put('query', columns[1], rowTop, HEIGHT.top);
  put('cache', columns[2], rowTop, HEIGHT.top);
  put('read-store', columns[3], rowTop, readHeight);
  projectors.forEach((node, k) => put(boxOf(node), columns[4], rowTop + k * step, HEIGHT.projector, { isSlim: true }));
  put('key-store', columns[1], processTop, HEIGHT.process);
  put('timers', columns[2], processTop, HEIGHT.process);
  const [sagaX] = columns[3];
  put('saga', [sagaX, columns[4][0] + columns[4][1] - sagaX], processTop, HEIGHT.process);
  if (has('operator')) put('operator', columns[0], processTop, HEIGHT.process);
  const bottom = putServices(run, put, columns, processTop + HEIGHT.process + 36);
  for (const id of [...boxes.keys()]) if (id !== 'aggregates' && !run.nodes.some(node => boxOf(node) === id)) boxes.delete(id);
  run.nodes.forEach((node, n) => boxes.get(boxOf(node))?.nodes.push(n));
  const height = bottom ?? processTop + HEIGHT.process;
  return { width, height: height + 4, boxes, wires: wires(boxes, columns, gap), columns, rowTop, processTop, legend: LEGEND };
}

// Services stand in rows of up to six.
function putServices(run, put, columns, top) {
  const services = run.nodes.filter(node => node.kind === 'service');
  if (services.length === 0) return null;
  const rows = Math.ceil(services.length / 6);
  const each = Math.ceil(services.length / rows);
  const left = columns[1][0];
  const right = columns[5][0] + columns[5][1];
  const width = Math.min(320, (right - left - (each - 1) * 20) / each);
  const apart = each > 1 ? (right - left - width * each) / (each - 1) : 0;
  services.forEach((node, k) => {
    const row = Math.floor(k / each);
    const x = each === 1 ? left + (right - left - width) / 2 : left + (k % each) * (width + apart);
    put(boxOf(node), [Math.round(x), Math.round(width)], top + row * (HEIGHT.service + 16), HEIGHT.service);
  });
  return top + rows * HEIGHT.service + (rows - 1) * 16;
}

// The wires, as lines of points from the first box to the second. A message from the second to the first travels
// the other way. Aggregates are folds inside the command API: a wire through them ends at one side of the box and
// goes on at the other.
function wires(boxes, columns, gap) {
  const found = new Map();
  const box = id => boxes.get(id);
  const wire = (a, b, ...points) => { if (box(a) && box(b)) found.set(`${a}>${b}`, points); };
  const right = b => b.x + b.w;
  const across = (a, b, y, from = right(box(a)), to = box(b)?.x) => wire(a, b, [from, y], [to, y]);
  const [customers, api, aggregates, store, relay, broker] = ['customers', 'api', 'aggregates', 'store', 'relay', 'broker'].map(box);
  const [query, cache, read, saga] = ['query', 'cache', 'read-store', 'saga'].map(box);
  const top = api.y + 48;
  across('customers', 'api', top);
  across('api', 'aggregates', top);
  across('aggregates', 'store', top);
  across('store', 'relay', top);
  across('relay', 'broker', top);
  if (query) across('customers', 'query', query.y + 40);
  if (cache && query) across('query', 'cache', query.y + 40);
  if (query && read) {
    const under = query.y + query.h + 12;
    const x = query.x + query.w / 2;
    if (cache) wire('query', 'read-store', [x, query.y + query.h], [x, under], [read.x, under]);
    else across('query', 'read-store', query.y + 40);
  }
  for (const b of boxes.values()) {
    if (!b.id.startsWith('projector ')) continue;
    const y = b.y + b.h / 2;
    wire('broker', b.id, [broker.x, y], [right(b), y]);
    if (read) wire(b.id, 'read-store', [b.x, y], [right(read), y]);
  }
  if (saga) {
    const y = saga.y - 14;
    const x = customers.x + customers.w + gap * 0.55;
    wire('saga', 'api', [saga.x + 40, saga.y], [saga.x + 40, y], [x, y], [x, api.y + 72], [api.x, api.y + 72]);
    if (box('timers')) across('timers', 'saga', saga.y + 40);
    wire('broker', 'saga', [broker.x, saga.y + 40], [right(saga), saga.y + 40]);
    wire('saga', 'store', [saga.x, saga.y + 14], [store.x - gap * 0.35, saga.y + 14], [store.x - gap * 0.35, store.y + 70], [store.x, store.y + 70]);
  }
  if (box('key-store')) {
    const x = api.x + api.w + gap * 0.3;
    wire('api', 'key-store', [right(api), api.y + 62], [x, api.y + 62], [x, box('key-store').y + 24], [right(box('key-store')), box('key-store').y + 24]);
  }
  if (cache) {
    const x = api.x + api.w + gap * 0.62;
    wire('api', 'cache', [right(api), api.y + 76], [x, api.y + 76], [x, cache.y + 20], [cache.x, cache.y + 20]);
  }
  serviceWires(boxes, wire, saga);
  return found;
}

function serviceWires(boxes, wire, saga) {
  if (!saga) return;
  const services = [...boxes.values()].filter(b => b.id.startsWith('service '));
  const from = saga.x + saga.w / 2;
  const bottom = saga.y + saga.h;
  for (const b of services) {
    const centre = b.x + b.w / 2;
    const isFirstRow = b.y === services[0].y;
    const x = isFirstRow ? centre : b.x - 8;
    const y = bottom + 18;
    const end = isFirstRow ? [[x, b.y]] : [[x, b.y + b.h / 2], [b.x, b.y + b.h / 2]];
    wire('saga', b.id, ...(Math.abs(x - from) < 6 ? [[x, bottom], [x, b.y]] : [[from, bottom], [from, y], [x, y], ...end]));
  }
}
