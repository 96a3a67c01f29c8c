//! `read-your-writes`, `monotonic-reads`, and that rows show what is stored.

use std::collections::BTreeMap;

use crate::collections::Table;
use crate::history::board::{Board, Place};
use crate::history::clauses::Clause;
use crate::history::fact::{Answer, Outcome, Read};
use crate::history::log::{At, Log};
use crate::history::names::Names;
use crate::history::scope::Scope;
use crate::history::value::{Id, Print};

/// What each reader wrote and was shown.
#[derive(Debug, Default)]
pub(in crate::history) struct Reads {
    actors: Names,
    /// The last accepted write of an actor to a stream.
    wrote: Table<(u32, u32), (u32, Place)>,
    /// What an actor was shown of a stream in a row.
    shown: BTreeMap<(u32, Print, u32), (u32, Place)>,
    /// The highest version of each stream that was shown before it was stored.
    ahead: BTreeMap<u32, (u32, Place)>,
}

impl Reads {
    /// A write was answered.
    pub(in crate::history) fn answered(&mut self, answer: &Answer<'_>, line: Place, log: &mut Log) {
        let (Outcome::Accepted, Some(actor), Some((stream, version))) =
            (answer.outcome, &answer.actor, &answer.wrote)
        else {
            return;
        };
        let key = (self.actors.number(actor), log.names.number(stream));
        let last = self.wrote.get_or_insert_with(key, || (*version, line));
        if last.0 <= *version {
            *last = (*version, line);
        }
    }

    pub(in crate::history) fn read(
        &mut self,
        read: &Read<'_>,
        line: Place,
        (log, scope): (&mut Log, &Scope),
        board: &mut Board,
    ) {
        let actor = self.actors.number(&read.actor);
        let name = &read.actor;
        let mut shows: Vec<At> = Vec::with_capacity(read.shows.len());
        for (stream, version) in &read.shows {
            shows.push(At { stream: log.names.number_of(stream), version: *version });
        }
        let version = |stream| {
            let shown = shows.iter().filter(|at| at.stream == stream);
            shown.map(|at| at.version).max()
        };
        for (stream, asked) in read.after.iter().flatten() {
            let stream = log.names.number_of(stream);
            let shown = version(stream);
            board.that(Clause::AskedFor, shown >= Some(*asked), [line], || {
                let asked = log.say(At { stream, version: *asked });
                format!("{name} asked for {asked}, but was shown {}", or_nothing(shown))
            });
        }
        for at in &shows {
            self.exists(*at, name, line, (log, scope), board);
            if let (None, true) = (&read.after, scope.is_ordered)
                && let Some((wrote, answered)) = self.wrote.get(&(actor, at.stream)).copied()
            {
                board.that(Clause::OwnWrites, at.version >= wrote, [answered, line], || {
                    let written = log.say(At { stream: at.stream, version: wrote });
                    format!("{name} had written {written}, but was shown v{}", at.version)
                });
            }
        }
        self.monotonic((actor, name), row_of(read), &shows, line, log, board);
    }

    /// Compares with what the actor was shown in the same row before.
    fn monotonic(
        &mut self,
        (actor, name): (u32, &Id<'_>),
        row: Print,
        shows: &[At],
        line: Place,
        log: &Log,
        board: &mut Board,
    ) {
        let before = self.shown.range_mut((actor, row, 0)..=(actor, row, u32::MAX));
        for ((_, _, stream), (version, earlier)) in before {
            let now = shows.iter().filter(|at| at.stream == *stream).map(|at| at.version).max();
            let holds = now >= Some(*version);
            board.that(Clause::Monotonic, holds, [*earlier, line], || {
                let before = log.say(At { stream: *stream, version: *version });
                format!("{name} was shown {before}, and later {}", or_nothing(now))
            });
            if holds {
                (*version, *earlier) = (now.unwrap_or(*version), line);
            }
        }
        for at in shows {
            self.shown.entry((actor, row, at.stream)).or_insert((at.version, line));
        }
    }

    /// A row shows only what is stored.
    fn exists(
        &mut self,
        at: At,
        name: &Id<'_>,
        line: Place,
        (log, scope): (&Log, &Scope),
        board: &mut Board,
    ) {
        if log.has(at) || at.version < scope.first_version {
            board.that(Clause::ShownExists, true, [line], String::new);
        } else if scope.is_ordered && log.count() > 0 {
            board.that(Clause::ShownExists, false, [line], || {
                format!("{name} was shown {}, which is not stored", log.say(at))
            });
        } else {
            let ahead = self.ahead.entry(at.stream).or_insert((at.version, line));
            *ahead = (*ahead).max((at.version, line));
        }
    }

    /// An actor reads nothing any more.
    pub(in crate::history) fn left(&mut self, actor: &Id<'_>) {
        let actor = self.actors.number(actor);
        let of_actor = (actor, Print(0), 0)..=(actor, Print(u64::MAX), u32::MAX);
        let keys: Vec<_> = self.shown.range(of_actor).map(|(key, _)| *key).collect();
        for key in keys {
            self.shown.remove(&key);
        }
    }

    pub(in crate::history) fn end(&self, log: &Log, board: &mut Board) {
        if log.count() == 0 {
            return;
        }
        for (stream, (version, line)) in &self.ahead {
            let at = At { stream: *stream, version: *version };
            board.that(Clause::ShownExists, log.has(at), [*line], || {
                format!("{} was shown, which is not stored", log.say(at))
            });
        }
    }
}

/// The row that was read. If it is not named it is that of the stream.
fn row_of(read: &Read<'_>) -> Print {
    let view = read.view.as_ref().map_or_else(String::new, ToString::to_string);
    let row = match (&read.row, read.shows.as_slice()) {
        (Some(row), _) => row.to_string(),
        (None, [(stream, _)]) => stream.to_string(),
        (None, _) => String::new(),
    };
    Print::of(&view).and(&row)
}

fn or_nothing(version: Option<u32>) -> String {
    version.map_or("nothing of it".to_owned(), |version| format!("v{version}"))
}
