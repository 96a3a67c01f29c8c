// Unpacks the page. Its script and its style are stored compressed, as the records are; the content security policy
// lists the hashes of both, so that nothing else can run.

// The text of a part that is embedded as base64 of raw deflate. `onBytes` gets how many bytes were unpacked so far.
// Rejects with an error that has the `bytes` that could be read, if the part is damaged.
export async function unpacked(id, onBytes = () => {}) {
  let bytes = 0;
  try {
    const binary = atob(document.getElementById(id).textContent.trim());
    const packed = new Blob([Uint8Array.from(binary, letter => letter.charCodeAt(0))]);
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

boot();
