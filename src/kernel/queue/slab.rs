//! The memory of pending payloads: each is written once and read once.

use super::MAX_PENDING;

/// Payloads by slot. The slot that was freed last is reused first, while it is still in the cache.
#[derive(Clone, Debug)]
pub(super) struct Slab<T> {
    slots: Vec<Slot<T>>,
    free: u32,
    len: usize,
}

/// The free slots form a list. If the payload has spare bits, as a type with an enum or a reference has,
/// the distinction costs no memory.
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

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Puts a payload into a slot, or returns it when all [`MAX_PENDING`] are full.
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

    /// The payload in a slot.
    ///
    /// # Panics
    ///
    /// When the slot is free.
    pub(super) fn get(&self, slot: u32) -> &T {
        let Slot::Full(payload) = &self.slots[slot as usize] else {
            unreachable!("the slot of a pending key is full")
        };
        payload
    }

    /// The payload in a slot, to change it.
    ///
    /// # Panics
    ///
    /// When the slot is free.
    pub(super) fn get_mut(&mut self, slot: u32) -> &mut T {
        let Slot::Full(payload) = &mut self.slots[slot as usize] else {
            unreachable!("the slot of a pending key is full")
        };
        payload
    }

    /// Takes the payload out of a slot.
    ///
    /// # Panics
    ///
    /// When the slot is free, because its key was delivered twice.
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

    /// Whether a slot is full. Checking many slots in a row loads them into the cache in parallel; taking
    /// the payloads one by one would wait for memory each time.
    #[inline]
    pub(super) fn is_full(&self, slot: u32) -> bool {
        matches!(self.slots[slot as usize], Slot::Full(_))
    }
}
