//! The events of a history: the head of each stream, and where the event with an id is.

use super::board::{Board, Place};
use super::clauses::Clause;
use super::fact::{Event, Ref};
use super::names::Names;
use super::positions::Positions;
use super::scope::Scope;
use super::value::Print;
use crate::collections::Table;

/// An event by its place in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At {
    pub(super) stream: u32,
    pub(super) version: u32,
}

/// One stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stream {
    /// The first version, and the highest.
    pub(super) first: u32,
    pub(super) head: u32,
    /// The highest position.
    pub(super) position: u64,
    pub(super) category: u32,
    /// The line of its last event; unknown if none was stored yet.
    pub(super) line: Place,
}

/// What is kept of an event with an id.
#[derive(Clone, Copy, Debug)]
struct Kept {
    at: At,
    /// Half of the hash of its correlation; 0 if it has none.
    correlation: u32,
}

/// All events so far.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) names: Names,
    pub(super) categories: Names,
    streams: Vec<Stream>,
    ids: Table<Print, Kept>,
    positions: Positions,
    count: u64,
}

impl Log {
    /// Adds an event and judges its version, position and id.
    pub(super) fn store(
        &mut self,
        event: &Event<'_>,
        line: Place,
        scope: &Scope,
        board: &mut Board,
    ) -> At {
        let number = self.stream(event);
        let stream = &mut self.streams[number as usize];
        let before = *stream;
        let version = event.version;
        let next = match before.line.is_known() {
            true => Some(before.head.saturating_add(1)),
            false if scope.is_whole => Some(scope.first_version),
            false => None,
        };
        let lines = [before.line, line];
        board.that(Clause::Versions, next.is_none_or(|next| version == next), lines, || {
            misplaced(self.names.name(number), version, &before, scope)
        });
        if !before.line.is_known() {
            (stream.first, stream.head) = (version, version);
        }
        stream.head = stream.head.max(version);
        stream.line = line;

        if let Some(position) = event.position {
            let is_new = self.positions.insert(position);
            let is_later =
                !before.line.is_known() || version <= before.head || position > before.position;
            board.that(Clause::Positions, is_new && is_later, lines, || {
                let name = self.names.name(number);
                match is_new {
                    false => format!(
                        "{name} v{version} is at position {position}, which another event has"
                    ),
                    true => format!(
                        "{name} v{version} is at position {position}, but v{} is at {}",
                        before.head, before.position
                    ),
                }
            });
            let stream = &mut self.streams[number as usize];
            stream.position = stream.position.max(position);
        }
        let at = At { stream: number, version };
        if let Some(id) = &event.id {
            let print = id.print();
            let other = self.ids.get(&print).map(|kept| kept.at);
            board.that(Clause::Ids, other.is_none(), [line], || {
                let other = other.map_or_else(String::new, |other| self.say(other));
                format!("the id {id} of {} belongs to {other}", self.say(at))
            });
            if other.is_none() {
                let correlation = event.correlation.as_ref().map_or(0, |id| half(id.print()));
                self.ids.insert(print, Kept { at, correlation });
            }
        }
        self.count += 1;
        at
    }

    /// The number of the stream of an event.
    fn stream(&mut self, event: &Event<'_>) -> u32 {
        let number = self.names.number(&event.stream);
        // Other lines can have named streams before.
        while self.streams.len() <= number as usize {
            let named = self.names.name(self.streams.len() as u32);
            let category = self.categories.number_of(category_of(named));
            let line = Place::default();
            self.streams.push(Stream { first: 0, head: 0, position: 0, category, line });
        }
        if let Some(category) = &event.category {
            self.streams[number as usize].category = self.categories.number_of(category);
        }
        number
    }

    /// A stream; `None` if it has no event yet.
    pub(super) fn get(&self, number: u32) -> Option<&Stream> {
        self.streams.get(number as usize).filter(|stream| stream.line.is_known())
    }

    /// All streams with events.
    pub(super) fn all(&self) -> impl Iterator<Item = (u32, &Stream)> {
        (0..).zip(&self.streams).filter(|(_, stream)| stream.line.is_known())
    }

    /// The event that another line is about, if it can be told; it need not be stored.
    pub(super) fn find(&mut self, event: &Ref<'_>) -> Option<At> {
        match event {
            Ref::Version(stream, version) => {
                Some(At { stream: self.names.number(stream), version: *version })
            }
            Ref::Event(id) => self.with_id(id.print()),
        }
    }

    pub(super) fn with_id(&self, id: Print) -> Option<At> {
        self.ids.get(&id).map(|kept| kept.at)
    }

    /// Half of the hash of the correlation of the event with an id.
    pub(super) fn correlation(&self, id: Print) -> Option<u32> {
        self.ids.get(&id).map(|kept| kept.correlation).filter(|half| *half != 0)
    }

    /// Whether an event is stored. A version that was left out counts as stored: that is reported once.
    pub(super) fn has(&self, at: At) -> bool {
        self.get(at.stream).is_some_and(|stream| (stream.first..=stream.head).contains(&at.version))
    }

    /// How many events there are.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn say(&self, at: At) -> String {
        format!("{} v{}", self.names.name(at.stream), at.version)
    }
}

/// Half of a hash, never 0.
pub(super) const fn half(print: Print) -> u32 {
    (print.0 >> 32) as u32 | 1
}

/// The category of a stream by its name.
fn category_of(name: &str) -> &str {
    name.split_once('-').map_or(name, |(category, _)| category)
}

/// Why a version does not follow.
fn misplaced(name: &str, version: u32, before: &Stream, scope: &Scope) -> String {
    if !before.line.is_known() {
        let first = scope.first_version;
        return match version {
            0 => format!(
                "{name} begins with v0, not v1 (if the store counts from 0, say `first_version: 0` in a map)"
            ),
            _ => format!("{name} begins with v{version}: v{first} is missing"),
        };
    }
    let head = before.head;
    match version {
        version if version == head => format!("{name} v{version} is stored twice"),
        version if version < head => format!("{name} v{version} comes after v{head}"),
        version if version - head == 2 => {
            format!("{name} v{version} follows v{head}: v{} is missing", head + 1)
        }
        version => format!(
            "{name} v{version} follows v{head}: v{} to v{} are missing",
            head + 1,
            version - 1
        ),
    }
}
