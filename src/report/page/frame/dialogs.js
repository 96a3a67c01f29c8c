// The help, and a text that is too long for its place.

import { h, patch } from '../parts/dom.js';
import { KEYS } from './keys.js';

const SIGNS = [['✓', 'ok', 'held, applied, answered'], ['●', 'ok', 'event'], ['▸', 'ac', 'running, selected'], ['◔', 'wa', 'waits, lags, in flight'], ['!', 'bad', 'fault'], ['✕', 'bad', 'rejected'], ['✗', 'bad', 'violated'], ['?', 'bad', 'outcome unknown'], ['↶', 'un', 'undone, compensated'], ['≠', 'un', 'ours and theirs differ, conflict'], ['∥', 'un', 'buffered, waits for its predecessor']];

function open(label, ...content) {
  const dialog = document.getElementById('dialog');
  dialog.setAttribute('aria-label', label);
  dialog.replaceChildren();
  const close = h('form', { method: 'dialog' }, h('button', { class: 'b' }, 'Close'));
  patch(dialog, [], [h('h2', null, label), ...content, close]);
  dialog.showModal();
}

export function openHelp(isLive) {
  const keys = KEYS.filter(([key]) => key !== '.' || isLive);
  open('Keys and signs',
    h('dl', { class: 'kd' }, keys.map(([key, does]) => [h('dt', null, key.split(/ (?=\S)/).map(part => h('kbd', null, part))), h('dd', null, does)])),
    h('dl', { class: 'kd signs' }, SIGNS.map(([sign, tone, means]) => [h('dt', { class: tone }, sign), h('dd', null, means)])),
    h('p', { class: 'd' }, 'Drag anywhere on the time line to go there. View, position, selection and filter are part of the address: copy it to share what you see.'));
}

export function openText(text) {
  open(`${text.length} characters`, h('pre', { tabindex: '0' }, text));
}
