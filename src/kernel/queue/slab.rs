//! Where payloads lie while they are pending: each is written once and read once.

use super::MAX_PENDING;

/// Payloads by slot; slots that became free are used again first, while they are still in the cache.
#[derive(Clone, Debug)]
pub(super) struct Slab<T> {
    slots: Vec<Slot<T>>,
    free: u32,
    len: usize,
}

/// The list of free slots runs through the slots themselves. Where a payload has bits to spare, as one
/// with an enum or a reference in it has, telling the two apart costs no memory.
#[derive(Clone, Debug)]
enum Slot<T> {
    Full(T),
    Free { next: u32 },
}

/// The end of the list of free slots.
const NO_SLOT: u32 = u32::MAX;

impl<T> Slab<T> {
    pub(super) const fn new() -> Self {
        Self { slots: Vec::new(), free: NO_SLOT, len: 0 }
    }

    /// How many slots are full.
    #[inline]
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Puts a payload into a slot, or hands it back when all [`MAX_PENDING`] are full.
    #[inline]
    pub(super) fn insert(&mut self, payload: T) -> Result<u32, T> {
        let slot = self.free;
        if slot == NO_SLOT {
            return self.append(payload);
        }
        let place = &mut self.slots[slot as usize];
        let Slot::Free { next } = *place else { unreachable!("a slot in the free list is free") };
        self.free = next;
        *place = Slot::Full(payload);
        self.len += 1;
        Ok(slot)
    }

    #[inline(never)]
    fn append(&mut self, payload: T) -> Result<u32, T> {
        if self.slots.len() >= MAX_PENDING {
            return Err(payload);
        }
        self.slots.push(Slot::Full(payload));
        self.len += 1;
        Ok(self.slots.len() as u32 - 1)
    }

    /// Takes the payload out of a slot.
    ///
    /// # Panics
    ///
    /// When the slot is free: that would be a key delivered twice.
    #[inline]
    pub(super) fn remove(&mut self, slot: u32) -> T {
        let place = &mut self.slots[slot as usize];
        let Slot::Full(payload) = std::mem::replace(place, Slot::Free { next: self.free }) else {
            unreachable!("the slot of a pending key is full")
        };
        self.free = slot;
        self.len -= 1;
        payload
    }

    /// Whether a slot is full. Asking for many slots at once fetches them side by side into the cache,
    /// where taking them one after another would wait for memory each time.
    #[inline]
    pub(super) fn is_full(&self, slot: u32) -> bool {
        matches!(self.slots[slot as usize], Slot::Full(_))
    }
}
