//! The counters of many entities, those of one entity together.
//!
//! A counter takes four bytes: a part of its key and how often it was counted. What is counted one after the other is mostly
//! about one entity, so that few of the lookups in a table of a hundred megabytes have to wait for the memory.

use crate::collections::Table;
use crate::kernel::digest::folded_multiply;
use crate::kernel::name::Entity;

/// A table for each value of the first byte of a mixed entity. None of them ever grows by much at once.
#[derive(Clone, Debug)]
pub(super) struct Groups {
    shards: [Shard; 256],
    /// By how much counters are greater than what fits into a group.
    over: Table<u64, u32>,
}

#[derive(Clone, Debug, Default)]
struct Shard {
    slots: Vec<Group>,
    used: usize,
}

/// The counters of an entity, each with the first 24 bits of its key and a byte that counts, in order of the keys. A slot
/// without any is empty.
#[derive(Clone, Debug, Default)]
struct Group {
    entity: u64,
    counters: Box<[u32]>,
}

/// How often a key is counted in its group.
const IN_GROUP_MAX: u32 = 0xFF;

impl Default for Groups {
    fn default() -> Self {
        Self { shards: std::array::from_fn(|_| Shard::default()), over: Table::default() }
    }
}

impl Groups {
    /// Counts `key`, which is about `entity`; how often it was counted before. If it was not counted here, `elsewhere` says
    /// how often it was.
    pub(super) fn next(
        &mut self,
        entity: Entity,
        key: u64,
        elsewhere: impl FnOnce() -> u32,
    ) -> u32 {
        let place = mixed(entity);
        let group = self.shards[(place >> 56) as usize].group(entity.0, place);
        let at = group.find(key).unwrap_or_else(|at| {
            let before = elsewhere();
            group.insert(at, key, before.min(IN_GROUP_MAX));
            if before > IN_GROUP_MAX {
                self.over.insert(key, before - IN_GROUP_MAX);
            }
            at
        });
        let counter = &mut group.counters[at];
        let before = *counter & IN_GROUP_MAX;
        if before == IN_GROUP_MAX {
            return self.next_over(key);
        }
        *counter += 1;
        before
    }

    #[cold]
    fn next_over(&mut self, key: u64) -> u32 {
        let over = self.over.get_or_insert_with(key, || 0);
        let before = over.saturating_add(IN_GROUP_MAX);
        *over = over.saturating_add(1);
        before
    }
}

impl Shard {
    /// The group of an entity, or an empty one that it gets now.
    fn group(&mut self, entity: u64, place: u64) -> &mut Group {
        if self.used * 6 >= self.slots.len() * 5 {
            self.grow();
        }
        let at = self.find(entity, place);
        if self.slots[at].counters.is_empty() {
            self.slots[at].entity = entity;
            self.used += 1;
        }
        &mut self.slots[at]
    }

    /// The place of a group, or where it belongs.
    fn find(&self, entity: u64, place: u64) -> usize {
        let mut at = (((place & 0xFFFF_FFFF) * self.slots.len() as u64) >> 32) as usize;
        while self.slots[at].entity != entity && !self.slots[at].counters.is_empty() {
            at += 1;
            if at == self.slots.len() {
                at = 0;
            }
        }
        at
    }

    #[cold]
    fn grow(&mut self) {
        let slots = (self.slots.len() + self.slots.len() / 4).max(32);
        let old = std::mem::take(&mut self.slots);
        self.slots.resize_with(slots, Group::default);
        for group in old.into_iter().filter(|group| !group.counters.is_empty()) {
            let at = self.find(group.entity, mixed(Entity(group.entity)));
            self.slots[at] = group;
        }
    }
}

impl Group {
    /// The place of the counter of a key, or where it belongs.
    fn find(&self, key: u64) -> Result<usize, usize> {
        self.counters.binary_search_by_key(&tag(key), |counter| counter >> 8)
    }

    fn insert(&mut self, at: usize, key: u64, count: u32) {
        let mut counters = std::mem::take(&mut self.counters).into_vec();
        counters.reserve_exact(1);
        counters.insert(at, tag(key) << 8 | count);
        self.counters = counters.into_boxed_slice();
    }
}

/// What a group keeps of a key.
const fn tag(key: u64) -> u32 {
    (key >> 40) as u32
}

/// The number of an entity with its bits mixed.
const fn mixed(entity: Entity) -> u64 {
    folded_multiply(entity.0 ^ 0x8BB8_4B93_962E_ACC9, 0x9E37_79B9_7F4A_7C15)
}
