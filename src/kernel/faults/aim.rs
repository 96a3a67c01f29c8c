//! What a scripted fault is aimed at, besides nodes and kinds of messages.

use crate::kernel::Entity;

/// What a message asks its receiver to do, as the model names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Operation {
    /// Its name; empty if it has none.
    pub name: &'static str,
    /// Which part of the entity it concerns, counted from 1; 0 for the whole.
    pub part: u8,
}

/// Restricts a scripted fault to what it is about. The default admits everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aim {
    /// The entities, at most two names for one thing; any if there is none.
    pub about: [Option<Entity>; 2],
    /// The operation; any if `None`.
    pub operation: Option<&'static str>,
    /// The part of the entity; any if `None`.
    pub part: Option<u8>,
}

impl Aim {
    /// Whether an opportunity about this entity, during this operation, is meant.
    pub(super) fn admits(&self, entity: Entity, operation: Operation) -> bool {
        let Self { about, operation: wanted, part } = self;
        (about[0].is_none() || about.contains(&Some(entity)))
            && wanted.is_none_or(|wanted| wanted == operation.name)
            && part.is_none_or(|part| part == operation.part)
    }

    /// Whether it depends on the operation.
    pub(super) fn is_of_operation(&self) -> bool {
        self.operation.is_some() || self.part.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_restriction_must_be_met() {
        let issue = Operation { name: "Issue", part: 2 };
        let (mine, saga, other) = (Entity(1), Entity(2), Entity(3));
        assert!(Aim::default().admits(other, Operation::default()));
        let about = [Some(mine), Some(saga)];
        let aim = Aim { about, operation: Some("Issue"), part: Some(2) };
        assert!(aim.admits(mine, issue) && aim.admits(saga, issue));
        assert!(!aim.admits(other, issue));
        assert!(!aim.admits(mine, Operation { part: 1, ..issue }));
        assert!(!aim.admits(mine, Operation { name: "Hold", ..issue }));
    }
}
