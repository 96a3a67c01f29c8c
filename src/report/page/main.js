// Starts the page: of a report from what is embedded, of a running simulation from what the server sends.

import { hasPayload, readHead, readPayload } from './data/payload.js';
import { App } from './frame/app.js';
import { listen } from './frame/live.js';

async function report(app) {
  const head = readHead();
  app.open({ ...head, ...NOTHING });
  app.ui.problem = '';
  app.ui.loading = 'The records are being read.';
  app.start();
  app.draw();
  try {
    const rest = await readPayload(bytes => {
      app.ui.loading = `The records are being read: ${Math.round(bytes / 1024)} KB.`;
      app.draw();
    });
    app.open({ ...head, ...rest });
    app.goToStart(location.hash);
    app.prepare();
  } catch (error) {
    app.ui.problem = `The records cannot be read: ${error.message.replace(/\.$/, '')}. ${error.bytes ?? 'All'} bytes could be unpacked. What is shown here of the run itself is complete.`;
  }
  app.ui.loading = '';
  app.draw();
}

const NOTHING = { strings: [], faults: [], records: { n: 0 } };

function live(app) {
  app.token = new URLSearchParams(location.search).get('token') ?? '';
  app.start();
  listen(app.token, frame => {
    if (frame.type === 'open') {
      app.live = frame.live;
      app.open(frame.document);
      if (!app.isPlaced) app.goToStart(location.hash);
      // Whoever watches a running simulation watches its end.
      app.i = app.records.length - 1;
    } else if (frame.type === 'more') app.add(frame);
    if (frame.live) app.live = { ...app.live, ...frame.live };
    app.draw();
  }, trouble => {
    app.ui.problem = trouble;
    app.draw();
  });
}

const app = new App();
if (hasPayload()) report(app);
else live(app);
