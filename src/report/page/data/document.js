// What a document says of a run besides its records.

import { Records } from './records.js';

const FORMAT = 'jetlag.page';
const VERSION = 2;

// The run and its records. Rejects a document of another format.
export function openDocument(document) {
  if (document.format !== FORMAT || document.version !== VERSION) {
    throw new Error(`the document has format ${document.format} ${document.version}, and this page reads ${FORMAT} ${VERSION}`);
  }
  const records = new Records();
  records.append(document);
  return { run: runOf(document), records, violations: violationsOf(document, records) };
}

function runOf(document) {
  const { run, nodes, views, queues, services, breaker, categories, faults, shown, why } = document;
  const sagas = new Set(categories.map(category => category.saga));
  return {
    run, nodes, queues, services, views,
    breaker: breaker ?? null,
    faults: faults ?? [],
    text: document.text ?? '',
    shown: shown ?? null,
    why: why ?? null,
    jetlag: document.jetlag,
    categories: categories.map((category, c) => ({ ...category, isSaga: sagas.has(c) })),
  };
}

// The violations with the record at which each was found: the last one of its step.
export function violationsOf(document, records) {
  return document.run.violations.map(violation => ({ ...violation, record: violation.step === null ? records.length - 1 : records.upToStep(violation.step) }));
}
