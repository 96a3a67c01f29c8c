//! One entry for each command that was ever proposed to the store.

use crate::check::streams::{Streams, entry};
use crate::collections::Paged;
use crate::model::CommandId;

/// Entries by command, found through the customer or the saga that the command came from.
///
/// The commands of one customer, or of one saga, form a list from the latest to the first. A command
/// is looked up while it is in flight, when it is among the first few of its list, however long the run.
#[derive(Clone, Debug, Default)]
pub(super) struct Commands<T> {
    entries: Paged<Entry<T>>,
    customers: Vec<Link>,
    effects: Streams<Link>,
    progress: Streams<Link>,
}

/// The number of an entry, counted from 1; 0 ends a list.
type Link = u32;

#[derive(Clone, Debug)]
struct Entry<T> {
    command: CommandId,
    /// The command before this one, of the same origin.
    earlier: Link,
    value: T,
}

/// The place of a command's entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place(u32);

impl Place {
    /// As an index from 0 into a parallel table.
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

impl<T: Default> Commands<T> {
    /// The place of a command, created if necessary.
    pub(super) fn place(&mut self, command: CommandId) -> Place {
        let (mut newer, mut at) = (0, *self.head(command));
        while at != 0 && self.entries[at as usize - 1].command > command {
            (newer, at) = (at, self.entries[at as usize - 1].earlier);
        }
        if at != 0 && self.entries[at as usize - 1].command == command {
            return Place(at - 1);
        }
        self.entries.push(Entry { command, earlier: at, value: T::default() });
        let made = u32::try_from(self.entries.len()).expect("fewer than 4 billion commands");
        match newer {
            0 => *self.head(command) = made,
            newer => self.entries[newer as usize - 1].earlier = made,
        }
        Place(made - 1)
    }

    fn head(&mut self, command: CommandId) -> &mut Link {
        match command {
            CommandId::Request(request) => entry(&mut self.customers, request.customer.0 as usize),
            CommandId::Effect(effect) => self.effects.entry(effect.saga),
            CommandId::Progress { saga, after: _ } => self.progress.entry(saga),
        }
    }

    /// The entry at a place.
    pub(super) fn at(&self, place: Place) -> &T {
        &self.entries[place.index()].value
    }

    /// The entry at a place, to change it.
    pub(super) fn at_mut(&mut self, place: Place) -> &mut T {
        &mut self.entries[place.index()].value
    }

    /// The command at a place.
    pub(super) fn command(&self, place: Place) -> CommandId {
        self.entries[place.index()].command
    }

    /// The number of commands.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// All commands in the order of their places.
    pub(super) fn iter(&self) -> impl Iterator<Item = (CommandId, &T)> {
        self.entries.iter().map(|entry| (entry.command, &entry.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Category, CustomerId, EffectId, RequestId, StreamId, Version};

    fn request(customer: u32, nth: u32) -> CommandId {
        CommandId::Request(RequestId { customer: CustomerId(customer), nth })
    }

    #[test]
    fn a_command_is_found_again_in_any_order_of_the_others() {
        let saga = StreamId { category: Category(1), number: 4 };
        let effect =
            |version, nth| CommandId::Effect(EffectId { saga, version: Version(version), nth });
        let progress = |after| CommandId::Progress { saga, after: Version(after) };
        let order = [
            request(0, 5),
            request(0, 2),
            request(7, 1),
            request(0, 9),
            effect(2, 1),
            request(0, 3),
            effect(2, 0),
            progress(2),
            effect(3, 0),
            progress(1),
        ];
        let mut commands = Commands::<usize>::default();
        for (index, command) in order.into_iter().enumerate() {
            let place = commands.place(command);
            assert_eq!(place.index(), index);
            *commands.at_mut(place) = index;
        }
        for (index, command) in order.into_iter().enumerate() {
            let place = commands.place(command);
            assert_eq!((*commands.at(place), commands.command(place)), (index, command));
        }
        assert_eq!(commands.len(), order.len());
    }
}
