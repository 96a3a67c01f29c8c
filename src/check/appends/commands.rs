//! One entry for each command that was ever proposed to the store.

use crate::check::streams::{Streams, entry};
use crate::collections::{Pack, Packed, Reader, Writer};
use crate::model::CommandId;

/// Entries by command, found through the customer or the saga that the command came from.
///
/// The commands of one customer, or of one saga, form a list from the latest to the first. A command
/// is looked up while it is in flight, when it is among the first few of its list, however long the run.
/// After that its entry is kept as a few bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Commands<T> {
    entries: Packed<Entry<T>>,
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
pub(super) struct Place(pub(super) u32);

impl Place {
    /// As an index from 0 into a parallel table.
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

impl Pack for Place {
    fn pack(&self, before: Option<&Self>, to: &mut Writer) {
        self.0.pack(before.map(|before| &before.0), to);
    }

    fn unpack(before: Option<&Self>, from: &mut Reader<'_>) -> Self {
        Self(u32::unpack(before.map(|before| &before.0), from))
    }
}

impl<T: Default + Pack> Commands<T> {
    /// The place of a command, created if necessary.
    pub(super) fn place(&mut self, command: CommandId) -> Place {
        let (mut newer, mut at) = (0, *self.head(command));
        while let Some((found, earlier)) = self.link(at) {
            if found == command {
                return Place(at - 1);
            }
            if found < command {
                break;
            }
            (newer, at) = (at, earlier);
        }
        self.entries.push(Entry { command, earlier: at, value: T::default() });
        let made = u32::try_from(self.entries.len()).expect("fewer than 4 billion commands");
        match self.entries.get_mut((newer as usize).wrapping_sub(1)) {
            None => *self.head(command) = made,
            Some(newer) => newer.earlier = made,
        }
        Place(made - 1)
    }

    /// The command at a link, and the link to the one before it; `None` at the end of a list.
    fn link(&self, at: Link) -> Option<(CommandId, Link)> {
        let entry = self.entries.get((at as usize).checked_sub(1)?)?;
        Some((entry.command, entry.earlier))
    }

    fn head(&mut self, command: CommandId) -> &mut Link {
        match command {
            CommandId::Request(request) => entry(&mut self.customers, request.customer.0 as usize),
            CommandId::Effect(effect) => self.effects.entry(effect.saga),
            CommandId::Progress { saga, after: _ } => self.progress.entry(saga),
        }
    }

    /// The entry at a place.
    pub(super) fn at_mut(&mut self, place: Place) -> &mut T {
        &mut self.entries.get_mut(place.index()).expect("a place has an entry").value
    }

    /// The command at a place.
    pub(super) fn command(&self, place: Place) -> CommandId {
        self.entries.get(place.index()).expect("a place has an entry").command
    }

    /// The number of commands.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// All commands in the order of their places.
    pub(super) fn each(&self, mut see: impl FnMut(Place, CommandId, &T)) {
        self.entries.each(|index, entry| see(Place(index as u32), entry.command, &entry.value));
    }
}

impl<T: Pack> Pack for Entry<T> {
    fn pack(&self, before: Option<&Self>, to: &mut Writer) {
        self.command.pack(to);
        to.number(self.earlier.into());
        self.value.pack(before.map(|before| &before.value), to);
    }

    fn unpack(before: Option<&Self>, from: &mut Reader<'_>) -> Self {
        Self {
            command: CommandId::unpack(from),
            earlier: from.number() as Link,
            value: T::unpack(before.map(|before| &before.value), from),
        }
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
        let mut commands = Commands::<u32>::default();
        for (index, command) in (0..).zip(order) {
            let place = commands.place(command);
            assert_eq!(place, Place(index));
            *commands.at_mut(place) = index;
        }
        for (index, command) in (0..).zip(order) {
            let place = commands.place(command);
            assert_eq!((*commands.at_mut(place), commands.command(place)), (index, command));
        }
        assert_eq!(commands.len(), order.len());
    }

    #[test]
    fn a_command_that_is_kept_as_bytes_is_found_and_changed() {
        let mut commands = Commands::<u32>::default();
        for nth in 0..40_000 {
            let place = commands.place(request(nth % 100, nth / 100));
            *commands.at_mut(place) = nth;
        }
        let place = commands.place(request(7, 3));
        assert_eq!(place, Place(307));
        *commands.at_mut(place) += 1;
        assert_eq!(commands.len(), 40_000);
        let mut values = Vec::new();
        commands.each(|place, _, value| values.push((place.0, *value)));
        let expected = (0..307).chain([308]).chain(308..40_000);
        assert!(values.into_iter().eq((0..).zip(expected)));
        assert_eq!(commands.place(request(7, 400)), Place(40_000));
    }
}
