// Unpacks the page. Its script and its style are stored compressed, as the records are; the content security policy
// lists the hashes of both, so that nothing else can run.

// The digits of base 85, from 0 to 84. Four bytes are five digits; a group of fewer bytes at the end has one digit more
// than bytes.
const DIGITS = '!#$%()*+-.0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_abcdefghijklmnopqrstuvwxyz{|}~';

export function bytesOf(text) {
  const values = new Uint8Array(128);
  for (let k = 0; k < DIGITS.length; k += 1) values[DIGITS.charCodeAt(k)] = k;
  const bytes = new Uint8Array(Math.floor(text.length * 4 / 5));
  const last = DIGITS.length - 1;
  for (let from = 0, to = 0; from < text.length; from += 5, to += 4) {
    let word = 0;
    for (let k = from; k < from + 5; k += 1) word = word * 85 + (k < text.length ? values[text.charCodeAt(k)] : last);
    bytes[to] = word >>> 24;
    bytes[to + 1] = word >>> 16;
    bytes[to + 2] = word >>> 8;
    bytes[to + 3] = word;
  }
  return bytes;
}

// The text of a part that is embedded as base 85 of raw deflate. `onBytes` gets how many bytes were unpacked so far.
// Rejects with an error that has the `bytes` that could be read, if the part is damaged.
export async function unpacked(id, onBytes = () => {}) {
  let bytes = 0;
  try {
    const packed = new Blob([bytesOf(document.getElementById(id).textContent.trim())]);
    const reader = packed.stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      bytes += value.length;
      text += decoder.decode(value, { stream: true });
      onBytes(bytes);
    }
  } catch (error) {
    throw Object.assign(error, { bytes });
  }
}

async function boot() {
  try {
    for (const tag of ['style', 'script']) {
      const element = document.createElement(tag);
      element.textContent = await unpacked(tag);
      document.head.append(element);
    }
  } catch (error) {
    document.getElementById('page').textContent = `The page cannot be unpacked: ${error.message}. It needs a browser from 2023 or later.`;
  }
}

// Tests load this without a page.
if (globalThis.document) boot();
