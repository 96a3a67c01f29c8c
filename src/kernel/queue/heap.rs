//! A 4-ary heap of keys, for few keys.

use super::key::Key;

/// Four siblings on one cache line. Empty places hold [`Key::NONE`], so the least of four is found without
/// counting them.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Siblings([Key; 4]);

impl Siblings {
    /// The place and the value of the least of the four; a tournament without branches.
    #[inline]
    fn least(&self) -> (usize, Key) {
        let [a, b, c, d] = self.0;
        let (left, ab) = if b < a { (1, b) } else { (0, a) };
        let (right, cd) = if d < c { (3, d) } else { (2, c) };
        if cd < ab { (right, cd) } else { (left, ab) }
    }
}

/// The root is separate. Its children are the siblings 0; the children of the key at place `p`, counted
/// through all siblings, are the siblings `p + 1`.
#[derive(Clone, Debug)]
pub(super) struct Heap {
    root: Key,
    below: Vec<Siblings>,
    /// The number of keys, including the root.
    len: usize,
}

impl Heap {
    pub(super) const fn new() -> Self {
        Self { root: Key::NONE, below: Vec::new(), len: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) const fn first(&self) -> Key {
        self.root
    }

    #[inline]
    pub(super) fn push(&mut self, key: Key) {
        if self.len == 0 {
            (self.root, self.len) = (key, 1);
            return;
        }
        let mut place = self.len - 1;
        self.len += 1;
        if place / 4 == self.below.len() {
            self.below.push(Siblings([Key::NONE; 4]));
        }
        while place >= 4 {
            let parent = place / 4 - 1;
            let above = self.below[parent / 4].0[parent % 4];
            if above < key {
                self.below[place / 4].0[place % 4] = key;
                return;
            }
            self.below[place / 4].0[place % 4] = above;
            place = parent;
        }
        let up = self.root.max(key);
        self.root = self.root.min(key);
        self.below[0].0[place] = up;
    }

    #[inline]
    pub(super) fn pop(&mut self) {
        if self.len <= 1 {
            (self.root, self.len) = (Key::NONE, 0);
            return;
        }
        self.len -= 1;
        let place = self.len - 1;
        let last = std::mem::replace(&mut self.below[place / 4].0[place % 4], Key::NONE);
        self.sink(last);
        if place.is_multiple_of(4) {
            self.below.pop();
        }
    }

    /// Fills the root, whose key was removed, with the least of `key` and the keys below.
    #[inline]
    fn sink(&mut self, key: Key) {
        let (mut child, mut least) = self.below[0].least();
        if key < least {
            self.root = key;
            return;
        }
        self.root = least;
        while let Some(siblings) = self.below.get(child + 1) {
            let (which, next) = siblings.least();
            if key < next {
                break;
            }
            least = next;
            self.below[child / 4].0[child % 4] = least;
            child = (child + 1) * 4 + which;
        }
        self.below[child / 4].0[child % 4] = key;
    }

    /// All keys, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Key> {
        let below = self.below.iter().flat_map(|four| four.0);
        std::iter::once(self.root).chain(below).filter(|key| *key != Key::NONE)
    }

    /// Removes all keys, in no order.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Key> {
        let root = std::mem::replace(&mut self.root, Key::NONE);
        self.len = 0;
        let keys = std::iter::once(root).chain(self.below.drain(..).flat_map(|four| four.0));
        keys.filter(|key| *key != Key::NONE)
    }
}
