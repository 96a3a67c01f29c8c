//! Ids as bytes.

use crate::collections::{Pack, Reader, Writer};

use super::{
    Category, CommandId, CustomerId, EffectId, EventId, Position, RequestId, StreamId, Version,
};

/// The kinds of commands.
const KINDS: u64 = 3;

impl Pack for Position {
    fn pack(&self, before: Option<&Self>, to: &mut Writer) {
        to.difference(self.0, before.map_or(0, |before| before.0));
    }

    fn unpack(before: Option<&Self>, from: &mut Reader<'_>) -> Self {
        Self(from.difference(before.map_or(0, |before| before.0)))
    }
}

impl StreamId {
    pub(crate) fn pack(self, to: &mut Writer) {
        to.byte(self.category.0);
        to.number(self.number.into());
    }

    pub(crate) fn unpack(from: &mut Reader<'_>) -> Self {
        Self { category: Category(from.byte()), number: from.number() as u32 }
    }
}

impl CommandId {
    /// The kind is written with the category of the stream, if there is one.
    pub(crate) fn pack(self, to: &mut Writer) {
        match self {
            Self::Request(RequestId { customer, nth }) => {
                to.number(0);
                to.number(customer.0.into());
                to.number(nth.into());
            }
            Self::Effect(EffectId { saga, version, nth }) => {
                to.number(1 + KINDS * u64::from(saga.category.0));
                to.number(saga.number.into());
                to.number(version.0.into());
                to.byte(nth);
            }
            Self::Progress { saga, after } => {
                to.number(2 + KINDS * u64::from(saga.category.0));
                to.number(saga.number.into());
                to.number(after.0.into());
            }
        }
    }

    pub(crate) fn unpack(from: &mut Reader<'_>) -> Self {
        let kind = from.number();
        let number = from.number() as u32;
        let saga = StreamId { category: Category((kind / KINDS) as u8), number };
        let second = from.number() as u32;
        match kind % KINDS {
            0 => Self::Request(RequestId { customer: CustomerId(number), nth: second }),
            1 => Self::Effect(EffectId { saga, version: Version(second), nth: from.byte() }),
            _ => Self::Progress { saga, after: Version(second) },
        }
    }
}

impl EventId {
    pub(crate) fn pack(self, to: &mut Writer) {
        self.command.pack(to);
        to.byte(self.nth);
    }

    pub(crate) fn unpack(from: &mut Reader<'_>) -> Self {
        Self { command: CommandId::unpack(from), nth: from.byte() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_were_written() {
        let mut ids = Vec::new();
        for (category, number, second, nth) in
            [(0, 0, 0, 0), (1, 7, 300, 2), (255, u32::MAX, u32::MAX, 255)]
        {
            let saga = StreamId { category: Category(category), number };
            let (customer, version) = (CustomerId(number), Version(second));
            ids.push(CommandId::Request(RequestId { customer, nth: second }));
            ids.push(CommandId::Effect(EffectId { saga, version, nth }));
            ids.push(CommandId::Progress { saga, after: version });
        }
        let mut to = Writer::default();
        for (id, nth) in ids.iter().zip(0..) {
            EventId { command: *id, nth }.pack(&mut to);
        }
        let bytes = to.finish();
        let mut from = Reader::new(&bytes);
        for (id, nth) in ids.iter().zip(0..) {
            assert_eq!(EventId::unpack(&mut from), EventId { command: *id, nth });
        }
    }
}
