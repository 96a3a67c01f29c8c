// The document that is embedded in a report.

import { unpacked } from '../boot.js';

// What can be read at once, before the records are: the run, what was violated, and why.
export function readHead() {
  const text = document.getElementById('head').textContent.trim();
  return text === '' ? null : JSON.parse(text);
}

// Whether the page has records in itself. The page of a running simulation has none: the server sends them.
export const hasPayload = () => document.getElementById('payload').textContent.trim() !== '';

export const readPayload = async onBytes => JSON.parse(await unpacked('payload', onBytes));
