//! `in-order-apply`, `no-lost-event` and what consumers see: which events were published, delivered and applied.

use std::collections::BTreeMap;

use super::checkpoints::Checkpoints;
use crate::collections::Table;
use crate::history::board::{Board, Place};
use crate::history::clauses::Clause;
use crate::history::fact::{Ref, Texts};
use crate::history::log::{At, Log};
use crate::history::names::Names;
use crate::history::scope::Scope;
use crate::history::seen::{Order, Seen};
use crate::history::value::{Id, Print};

/// How an event is seen outside of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::history) enum Sight {
    Published,
    Delivered,
    Applied,
}

/// All consumers, and the relays, which are consumers that publish.
#[derive(Debug, Default)]
pub(in crate::history) struct Consumers {
    names: Names,
    all: Vec<Consumer>,
    /// What each consumer has seen of each stream.
    seen: Table<(Sight, u32, u32), Sighted>,
    /// Events of certain types that their consumers have not seen yet.
    owed: BTreeMap<(u32, At), Place>,
    /// Lines about events that were not stored when they were read.
    later: Vec<Later>,
    /// The lines in which a consumer applied an event with an id that is not known.
    unknown: Table<(u32, Print), Place>,
    checkpoints: Checkpoints,
    sights: [u64; 3],
}

#[derive(Debug, Default)]
struct Consumer {
    wants: Option<Wants>,
    /// How many lines of each sight there are.
    sights: [u64; 3],
}

/// What a consumer must see.
#[derive(Debug)]
struct Wants {
    categories: Option<Vec<u32>>,
    types: Option<Vec<Print>>,
    in_order: bool,
}

#[derive(Debug, Default)]
struct Sighted {
    versions: Seen,
    /// The last line.
    line: Place,
}

#[derive(Debug)]
struct Later {
    sight: Sight,
    consumer: u32,
    event: Result<At, Print>,
    line: Place,
}

impl Wants {
    fn category(&self, category: u32) -> bool {
        self.categories.as_ref().is_none_or(|known| known.contains(&category))
    }
}

impl Consumers {
    fn number(&mut self, name: &Id<'_>) -> u32 {
        let number = self.names.number(name);
        if self.all.len() <= number as usize {
            self.all.resize_with(number as usize + 1, Consumer::default);
        }
        number
    }

    pub(in crate::history) fn subscribed(
        &mut self,
        name: &Id<'_>,
        categories: Option<&Texts<'_>>,
        types: Option<&Texts<'_>>,
        in_order: bool,
        log: &mut Log,
    ) {
        let number = self.number(name);
        let mut category = |name: &std::borrow::Cow<'_, str>| log.categories.number_of(name);
        let categories = categories.map(|names| names.iter().map(&mut category).collect());
        let types = types.map(|names| names.iter().map(|name| Print::of(name)).collect());
        self.all[number as usize].wants = Some(Wants { categories, types, in_order });
    }

    /// An event was stored.
    pub(in crate::history) fn stored(
        &mut self,
        at: At,
        (of_type, position): (Option<&str>, Option<u64>),
        line: Place,
        log: &Log,
        scope: &Scope,
        board: &mut Board,
    ) {
        let Some(category) = log.get(at.stream).map(|stream| stream.category) else { return };
        let of_type = of_type.map(Print::of);
        for (consumer, Consumer { wants, .. }) in (0..).zip(&self.all) {
            let Some(wants) = wants else { continue };
            let types = wants.types.as_ref();
            if !wants.category(category)
                || types.is_some_and(|types| of_type.is_none_or(|of| !types.contains(&of)))
            {
                continue;
            }
            let has = |sight| {
                let sighted = self.seen.get(&(sight, consumer, at.stream));
                sighted.is_some_and(|sighted| sighted.versions.has(at.version))
            };
            if types.is_some() && !has(Sight::Applied) && !has(Sight::Published) {
                self.owed.insert((consumer, at), line);
            }
            if let Some(position) = position {
                let name = self.names.name(consumer);
                self.checkpoints.wanted(
                    (consumer, name),
                    (at, position, line),
                    (log, scope),
                    board,
                );
            }
        }
    }

    /// An event was published by a relay, or delivered to or applied by a consumer.
    pub(in crate::history) fn saw(
        &mut self,
        sight: Sight,
        (name, event): (&Id<'_>, &Ref<'_>),
        line: Place,
        (log, scope): (&mut Log, &Scope),
        board: &mut Board,
    ) {
        let consumer = self.number(name);
        self.all[consumer as usize].sights[sight as usize] += 1;
        self.sights[sight as usize] += 1;
        let found = log.find(event);
        match found {
            Some(at) if log.has(at) => {
                board.that(sight.clause(), true, [line], String::new);
            }
            _ if scope.is_ordered && scope.is_whole && log.count() > 0 => {
                board.that(sight.clause(), false, [line], || {
                    let event = match event {
                        Ref::Version(stream, version) => format!("{stream} v{version}"),
                        Ref::Event(id) => format!("the event {id}"),
                    };
                    format!("{name} {} {event}, which is not stored before", sight.verb())
                });
            }
            found => {
                let place = found.ok_or_else(|| match event {
                    Ref::Event(id) => id.print(),
                    Ref::Version(..) => Print::default(),
                });
                if let (Err(print), Sight::Applied) = (place, sight) {
                    let first = *self.unknown.get_or_insert_with((consumer, print), || line);
                    let once = first == line;
                    board.that(Clause::AppliedOnce, once, [first, line], || {
                        let id = match event {
                            Ref::Event(id) => id.to_string(),
                            Ref::Version(..) => String::new(),
                        };
                        format!("{name} applied the event {id} twice")
                    });
                    if !once {
                        return;
                    }
                }
                self.later.push(Later { sight, consumer, event: place, line });
            }
        }
        if let Some(at) = found {
            self.note((sight, consumer, false), (at, line), (log, scope), board);
        }
    }

    /// Takes note of an event that a consumer has seen, and judges the order; that it was applied once may be judged
    /// already.
    fn note(
        &mut self,
        (sight, consumer, is_judged): (Sight, u32, bool),
        (at, line): (At, Place),
        (log, scope): (&Log, &Scope),
        board: &mut Board,
    ) {
        let sighted = self.seen.get_or_insert_with((sight, consumer, at.stream), Sighted::default);
        let order = sighted.versions.add(at.version);
        let before = std::mem::replace(&mut sighted.line, line);
        if sight != Sight::Delivered {
            self.owed.remove(&(consumer, at));
        }
        if sight != Sight::Applied {
            return;
        }
        self.checkpoints.applied(consumer, at);
        let (name, event) = (self.names.name(consumer), log.say(at));
        let once = order != Order::Again;
        let lines = [before, line];
        if !is_judged {
            board
                .that(Clause::AppliedOnce, once, lines, || format!("{name} applied {event} twice"));
        }
        let wants = self.all[consumer as usize].wants.as_ref();
        if wants.is_some_and(|wants| !wants.in_order) || !once {
            return;
        }
        let category = log.get(at.stream).map(|stream| stream.category);
        let sees_all = wants.is_some_and(|wants| {
            wants.types.is_none() && category.is_some_and(|category| wants.category(category))
        });
        let first = if scope.is_whole { scope.first_version } else { at.version };
        let (holds, but) = match order {
            Order::Before(highest) => (false, format!("after v{highest}")),
            Order::After(_) if !sees_all => (true, String::new()),
            Order::After(None) => (at.version <= first, format!("without v{first} before")),
            Order::After(Some(last)) => {
                (at.version == last.saturating_add(1), format!("right after v{last}"))
            }
            Order::Again => (true, String::new()),
        };
        board.that(Clause::InOrder, holds, lines, || format!("{name} applied {event} {but}"));
    }

    pub(in crate::history) fn checkpoint(
        &mut self,
        name: &Id<'_>,
        position: u64,
        line: Place,
        (log, scope): (&Log, &Scope),
        board: &mut Board,
    ) {
        let consumer = self.number(name);
        let applies = self.all[consumer as usize].sights[Sight::Applied as usize] > 0;
        let name = self.names.name(consumer);
        self.checkpoints.moved((consumer, name, applies), (position, line), (log, scope), board);
    }

    pub(in crate::history) fn end(&mut self, log: &mut Log, scope: &Scope, board: &mut Board) {
        for Later { sight, consumer, event, line } in std::mem::take(&mut self.later) {
            let found = event.or_else(|id| log.with_id(id).ok_or(id)).ok();
            if log.count() > 0 && scope.is_whole {
                let holds = found.is_some_and(|at| log.has(at));
                board.that(sight.clause(), holds, [line], || {
                    let name = self.names.name(consumer);
                    let event = found.map_or("an event".to_owned(), |at| log.say(at));
                    format!("{name} {} {event}, which is not stored", sight.verb())
                });
            }
            if let (Err(_), Some(at)) = (event, found) {
                self.note((sight, consumer, true), (at, line), (log, scope), board);
            }
        }
        for consumer in 0..self.names.len() {
            self.complete(consumer, log, board);
            self.checkpoints.end(consumer, self.names.name(consumer), board);
        }
    }

    /// Whether a consumer has seen everything that it must see.
    fn complete(&self, consumer: u32, log: &Log, board: &mut Board) {
        let Consumer { wants, sights } = &self.all[consumer as usize];
        let name = self.names.name(consumer);
        let none = Seen::default();
        let seen = |sight, stream| {
            self.seen
                .get(&(sight, consumer, stream))
                .map_or((&none, Place::default()), |sighted| (&sighted.versions, sighted.line))
        };
        if sights[Sight::Delivered as usize] > 0 && sights[Sight::Applied as usize] > 0 {
            for (stream, _) in log.all() {
                let (delivered, line) = seen(Sight::Delivered, stream);
                let Some(lost) = delivered.without(seen(Sight::Applied, stream).0) else {
                    continue;
                };
                board.that(Clause::Delivered, false, [line], || {
                    let event = log.say(At { stream, version: lost.0 });
                    format!(
                        "{event} was delivered to {name}, which never applied it{}",
                        more(lost.1)
                    )
                });
            }
            board.all_hold(Clause::Delivered, sights[Sight::Delivered as usize]);
        }
        let Some(wants) = wants else { return };
        let is_relay = sights[Sight::Published as usize] > 0 || name == crate::history::fact::RELAY;
        let sight = if is_relay { Sight::Published } else { Sight::Applied };
        if self.sights[sight as usize] == 0 {
            return;
        }
        let clause = if is_relay { Clause::Published } else { Clause::Applied };
        let verb = sight.verb();
        if wants.types.is_some() {
            let all = (consumer, At { stream: 0, version: 0 })
                ..=(consumer, At { stream: u32::MAX, version: u32::MAX });
            for ((_, at), line) in self.owed.range(all) {
                board.that(clause, false, [*line], || {
                    format!("{name} never {verb} {}", log.say(*at))
                });
            }
            board.all_hold(clause, sights[sight as usize]);
            return;
        }
        for (number, stream) in log.all().filter(|(_, stream)| wants.category(stream.category)) {
            let (versions, last) = seen(sight, number);
            let missing = versions.missing(stream.first, stream.head);
            board.that(clause, missing.is_none(), [last, stream.line], || {
                let (version, count) = missing.unwrap_or_default();
                let event = log.say(At { stream: number, version });
                format!("{name} never {verb} {event}{}", more(count))
            });
            board.all_hold(clause, u64::from(stream.head - stream.first));
        }
    }
}

/// Says that there are others.
fn more(count: u32) -> String {
    match count {
        0 | 1 => String::new(),
        count => format!(", nor {} later ones of the stream", count - 1),
    }
}

impl Sight {
    const fn clause(self) -> Clause {
        match self {
            Self::Published => Clause::PublishedAfter,
            Self::Delivered => Clause::DeliveredAfter,
            Self::Applied => Clause::AppliedAfter,
        }
    }

    const fn verb(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Delivered => "received",
            Self::Applied => "applied",
        }
    }
}
