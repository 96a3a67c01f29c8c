//! Unordered lists of keys that share one pool of memory.

use super::key::Key;

const CHUNK: usize = 8;

/// The end of a chain of chunks.
const NO_CHUNK: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Chunk([Key; CHUNK]);

/// The chunks of all lists, in use and free. Moving keys between lists allocates nothing once there are
/// enough chunks.
#[derive(Clone, Debug)]
pub(super) struct Chunks {
    chunks: Vec<Chunk>,
    /// The next chunk of the same list, or of the free chunks.
    next: Vec<u32>,
    free: u32,
}

/// A list of keys: its newest chunk, the only one that may have room, and its length.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    newest: u32,
    len: u32,
}

impl List {
    pub(super) const EMPTY: Self = Self { newest: NO_CHUNK, len: 0 };

    pub(super) const fn len(self) -> usize {
        self.len as usize
    }
}

impl Chunks {
    pub(super) const fn new() -> Self {
        Self { chunks: Vec::new(), next: Vec::new(), free: NO_CHUNK }
    }

    #[inline]
    pub(super) fn push(&mut self, list: &mut List, key: Key) {
        let within = list.len() % CHUNK;
        if within == 0 {
            list.newest = self.chain(list.newest);
        }
        self.chunks[list.newest as usize].0[within] = key;
        list.len += 1;
    }

    /// A chunk whose next one is `older`.
    #[inline]
    fn chain(&mut self, older: u32) -> u32 {
        let chunk = self.free;
        if chunk == NO_CHUNK {
            return self.append(older);
        }
        self.free = std::mem::replace(&mut self.next[chunk as usize], older);
        chunk
    }

    #[inline(never)]
    fn append(&mut self, older: u32) -> u32 {
        self.chunks.push(Chunk([Key::NONE; CHUNK]));
        self.next.push(older);
        self.chunks.len() as u32 - 1
    }

    /// Reads the keys of a list, newest chunk first.
    #[inline]
    pub(super) fn each(&self, list: List, mut each: impl FnMut(Key)) {
        let (mut chunk, mut left) = (list.newest, list.len());
        while left > 0 {
            let filled = (left - 1) % CHUNK + 1;
            self.chunks[chunk as usize].0[..filled].iter().for_each(|key| each(*key));
            left -= filled;
            chunk = self.next[chunk as usize];
        }
    }

    /// Removes one chunk from a list; its keys, and how many there are. Its memory is free at once, so keys
    /// can move from a long list to others without further memory.
    #[inline]
    pub(super) fn take(&mut self, list: &mut List) -> Option<([Key; CHUNK], usize)> {
        if list.len == 0 {
            return None;
        }
        let filled = (list.len() - 1) % CHUNK + 1;
        let chunk = list.newest as usize;
        list.len -= filled as u32;
        let free = std::mem::replace(&mut self.free, list.newest);
        list.newest = std::mem::replace(&mut self.next[chunk], free);
        Some((self.chunks[chunk].0, filled))
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.chunks.len() * size_of::<Chunk>() + self.next.len() * size_of::<u32>()
    }
}
