//! The counters of entities that come and go: they are kept from the first to the last occurrence about such an
//! entity, and not for the whole run.
//!
//! Something about an entity may happen after its end, such as the delivery of a copy of a message. It is numbered
//! among all that are late, so that no two occurrences have the same name, although nothing is kept about the
//! entity.

use super::counts::Counts;
use crate::collections::Table;
use crate::kernel::name::{Actor, Entity, count_key};

/// The number of the first late occurrence. No entity has so many others.
const LATE: u32 = 1 << 31;

#[derive(Clone, Debug, Default)]
pub(super) struct Passing {
    /// The first entity of each series, and the latest that has begun.
    series: Vec<(Entity, Entity)>,
    /// The counters of those that have not ended.
    open: Table<Entity, Vec<(u64, u32)>>,
    /// The numbers of late occurrences.
    late: Counts,
}

impl Passing {
    /// An entity begins. Those of a series, which is known by its first one, begin in order of their numbers.
    pub(super) fn begin(&mut self, first: Entity, entity: Entity) {
        match self.series.iter_mut().find(|(known, _)| *known == first) {
            Some((_, latest)) => *latest = entity.max(*latest),
            None => self.series.push((first, entity)),
        }
        self.open.insert(entity, Vec::new());
    }

    /// An entity ends: its counters are dropped.
    pub(super) fn end(&mut self, entity: Entity) {
        self.open.remove(&entity);
    }

    /// Counts something about an entity: how often it was counted before. `None` if the entity does not come and go.
    #[inline]
    pub(super) fn next(&mut self, salt: u64, actor: Actor, entity: Entity) -> Option<u32> {
        if self.series.is_empty() { None } else { self.count(salt, actor, entity) }
    }

    fn count(&mut self, salt: u64, actor: Actor, entity: Entity) -> Option<u32> {
        let mut series = self.series.iter();
        series.find(|(first, latest)| (*first..=*latest).contains(&entity))?;
        let key = count_key(salt, actor, entity);
        let Some(counters) = self.open.get_mut(&entity) else {
            return Some(
                LATE | self.late.next(Entity::default(), count_key(salt, actor, Entity::default())),
            );
        };
        match counters.iter_mut().find(|(known, _)| *known == key) {
            Some((_, count)) => {
                *count += 1;
                Some(*count)
            }
            None => {
                counters.push((key, 0));
                Some(0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Kind, NodeId};

    fn actor(kind: u16) -> Actor {
        Actor { from: NodeId(1), to: NodeId(2), kind: Kind(kind) }
    }

    #[test]
    fn an_entity_is_counted_from_its_beginning_to_its_end() {
        let mut passing = Passing::default();
        assert_eq!(passing.next(0, actor(1), Entity(5)), None, "nothing comes and goes");
        passing.begin(Entity(5), Entity(5));
        passing.begin(Entity(5), Entity(7));
        assert_eq!(passing.next(0, actor(1), Entity(4)), None);
        assert_eq!(passing.next(0, actor(1), Entity(8)), None);
        let counted = [5, 5, 7, 5].map(|of| passing.next(0, actor(1), Entity(of)));
        assert_eq!(counted, [Some(0), Some(1), Some(0), Some(2)]);
        assert_eq!(passing.next(0, actor(2), Entity(5)), Some(0), "another kind of message");
        assert_eq!(passing.next(1, actor(1), Entity(5)), Some(0), "another site");
    }

    #[test]
    fn what_is_late_has_a_number_that_nothing_else_has() {
        let mut passing = Passing::default();
        for entity in [5, 6, 7] {
            passing.begin(Entity(5), Entity(entity));
        }
        passing.next(0, actor(1), Entity(6));
        passing.end(Entity(6));
        passing.end(Entity(7));
        let late = [6, 7, 6].map(|of| passing.next(0, actor(1), Entity(of)));
        assert_eq!(late, [Some(LATE), Some(LATE + 1), Some(LATE + 2)]);
        assert_eq!(passing.next(0, actor(1), Entity(5)), Some(0));
    }
}
