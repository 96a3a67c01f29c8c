// Reads the document that is embedded in a report.

// What can be read at once, before the records are: the run, what was violated, and why.
export function readHead() {
  const text = document.getElementById('head').textContent.trim();
  return text === '' ? null : JSON.parse(text);
}

// Whether the page has records in itself. The page of a running simulation has none: the server sends them.
export const hasPayload = () => document.getElementById('payload').textContent.trim() !== '';

// The embedded document. `onProgress` gets the bytes that were unpacked so far. Rejects with an error that has
// the `bytes` that could be read, if the payload is damaged.
export async function readPayload(onProgress) {
  const base64 = document.getElementById('payload').textContent.trim();
  const parts = [];
  let bytes = 0;
  try {
    const packed = new Blob([fromBase64(base64)]);
    const reader = packed.stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
    const decoder = new TextDecoder('utf-8', { fatal: true });
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.length;
      parts.push(decoder.decode(value, { stream: true }));
      onProgress(bytes);
    }
    parts.push(decoder.decode());
    return JSON.parse(parts.join(''));
  } catch (error) {
    throw Object.assign(new Error(`the records cannot be read: ${error.message}`), { bytes });
  }
}

function fromBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let k = 0; k < binary.length; k += 1) bytes[k] = binary.charCodeAt(k);
  return bytes;
}
