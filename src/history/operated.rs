//! The operations of clients on contended objects, as lines of a history.
//!
//! A domain says what its commands and queries do to objects in the terms of [`models`]. A history has fewer words:
//! amounts that are added to and taken from, and values. A line stands where its operation began, as it must, and is
//! filled in when the answer is there. What an answer says beyond these words is left out.

use std::collections::{BTreeMap, BTreeSet};

use super::line::Line;
use super::vocabulary::{Field, Kind};
use crate::kernel::Instant;
use crate::linearizability::models::{Money, Phase, Place};
use crate::linearizability::{Act, Object};
use crate::model::{Acts, CommandId, StreamId};

/// The operations of a run, until it ends.
#[derive(Default)]
pub(super) struct Operated {
    /// The operations that are not answered: when each began, by whom, and on which objects, each with the place of
    /// its line.
    open: BTreeMap<CommandId, Open>,
    /// Those that were answered, so that a copy of one is no other operation.
    ended: BTreeSet<CommandId>,
    /// The objects that were used.
    objects: BTreeMap<StreamId, Object>,
    /// The amount of each move of money that was agreed on.
    moves: BTreeMap<(StreamId, u32), i64>,
}

struct Open {
    from: Instant,
    actor: String,
    on: Vec<(StreamId, Act, usize)>,
}

/// What an answer says: what has happened, or is so. `None` if there was none.
pub(super) type Heard<'a> = Option<&'a Acts>;

impl Operated {
    /// An operation begins. `line` is the place of its first line; it returns the lines that stand there until it is
    /// answered.
    pub(super) fn begins(
        &mut self,
        id: CommandId,
        (actor, from): (String, Instant),
        acts: &Acts,
        (object, name): (impl Fn(StreamId) -> Option<Object>, impl Fn(StreamId) -> String),
        line: usize,
    ) -> Vec<Option<Line>> {
        let mut lines = Vec::new();
        if acts.is_empty() || self.open.contains_key(&id) || self.ended.contains(&id) {
            return lines;
        }
        let mut on = Vec::new();
        for (stream, act) in acts {
            if !self.objects.contains_key(stream) {
                let Some(object) = object(*stream) else { continue };
                lines.push(Some(first(&object, name(*stream))));
                self.objects.insert(*stream, object);
            }
            if let Act::Money(Money::AgreeFrom(id, amount) | Money::AgreeTo(id, amount)) = act {
                self.moves.insert((*stream, *id), *amount);
            }
            on.push((*stream, *act, line + lines.len()));
            lines.push(None);
        }
        if !on.is_empty() {
            self.open.insert(id, Open { from, actor, on });
        }
        lines
    }

    /// An operation ends. It returns its lines, with their places.
    pub(super) fn ends(
        &mut self,
        id: CommandId,
        to: Instant,
        heard: Heard<'_>,
        name: impl Fn(StreamId) -> String,
    ) -> Vec<(usize, Line)> {
        let Some(Open { from, actor, on }) = self.open.remove(&id) else { return Vec::new() };
        self.ended.insert(id);
        let line = |(stream, asked, place): (StreamId, Act, usize)| {
            let of = |acts: &Acts| acts.iter().find(|(of, _)| *of == stream).map(|(_, act)| *act);
            let (act, to) = match heard {
                None => (asked, None),
                Some(acts) => (of(acts)?, Some(to)),
            };
            let to = to.filter(|_| !act.is_uncertain());
            let line = Line::new(Kind::Operation).text(Field::Object, name(stream));
            let line = self.says(line, stream, &asked, &act, to.is_some())?;
            let line = line.text(Field::Actor, &actor).number(Field::From, from.as_nanos());
            let line = match to {
                Some(to) => line.number(Field::To, to.as_nanos()),
                None => line.text(Field::Outcome, "unknown"),
            };
            Some((place, line))
        };
        on.into_iter().filter_map(line).collect()
    }

    /// The operations that are not answered; no answer will come.
    pub(super) fn rest(&self) -> Vec<CommandId> {
        self.open.keys().copied().collect()
    }

    /// What was done, or is said of an object; nothing if a history has no words for it.
    fn says(
        &self,
        line: Line,
        stream: StreamId,
        asked: &Act,
        act: &Act,
        is_answered: bool,
    ) -> Option<Line> {
        let did = |line: Line, word: &str| line.text(Field::Did, word);
        let amount = |line: Line, amount: i64| {
            u64::try_from(amount).ok().map(|amount| line.number(Field::Amount, amount))
        };
        let moved = |id: &u32| self.moves.get(&(stream, *id)).copied();
        match act {
            Act::Place(place) => match place {
                Place::Offer { places } => amount(did(line, "add"), i64::from(*places)),
                Place::Take { owner } | Place::TakeOnce { owner } => {
                    Some(did(line, "take").text(Field::Holder, owner))
                }
                Place::GiveBack { owner }
                | Place::GiveBackOnce { owner }
                | Place::MayGiveBack { owner } => {
                    Some(did(line, "give_back").text(Field::Holder, owner))
                }
                Place::Left(left) if is_answered => amount(did(line, "read"), i64::from(*left)),
                Place::Full => Some(did(line, "take").text(Field::Outcome, "rejected")),
                Place::Left(_) | Place::RoomFor { .. } | Place::Offered | Place::NotOffered => None,
            },
            Act::Money(money) => match money {
                Money::Open(with) | Money::Add(with) => amount(did(line, "add"), *with),
                Money::Take(taken) => amount(did(line, "take"), *taken),
                Money::Send(id) => amount(did(line, "take"), moved(id)?),
                Money::Receive(id) | Money::TakeBack(id) => amount(did(line, "add"), moved(id)?),
                Money::Close | Money::Free if is_answered => amount(did(line, "read"), 0),
                Money::Holds(is) | Money::Lacks(is, _) | Money::LacksFor(is, _) if is_answered => {
                    amount(did(line, "read"), *is)
                }
                Money::Holds(_)
                | Money::Lacks(..)
                | Money::LacksFor(..)
                | Money::Close
                | Money::Free
                | Money::AgreeFrom(..)
                | Money::AgreeTo(..)
                | Money::Arrived(_)
                | Money::UnderWay
                | Money::IsOpen
                | Money::IsMissing
                | Money::IsClosed => None,
            },
            Act::Phase(Phase::Move { from, to, .. }) => {
                let Some(Object::Status(status)) = self.objects.get(&stream) else { return None };
                let names = status.names();
                let expected = (0..).zip(names).filter(|(phase, _)| from.contains(*phase));
                let expected = expected.map(|(_, name)| (*name).to_owned()).collect();
                let line = did(line, "swap").list(Field::Expected, expected);
                Some(line.text(Field::Value, names.get(usize::from(*to))?))
            }
            Act::Phase(Phase::Is(phases)) if is_answered => {
                let Some(Object::Status(status)) = self.objects.get(&stream) else { return None };
                let (is, is_not): (Vec<_>, Vec<_>) =
                    (0..).zip(status.names()).partition(|(phase, _)| phases.contains(*phase));
                if let [(_, name)] = is.as_slice() {
                    return Some(did(line, "read").text(Field::Value, name));
                }
                // It is one of several: what is asked for was none of the others.
                let Act::Phase(Phase::Move { to, .. }) = asked else { return None };
                let is_not = is_not.into_iter().map(|(_, name)| (*name).to_owned()).collect();
                let line = did(line, "swap").list(Field::Expected, is_not);
                let line = line.text(Field::Value, status.names().get(usize::from(*to))?);
                Some(line.text(Field::Outcome, "rejected"))
            }
            Act::Phase(Phase::Is(_)) => None,
        }
    }
}

/// What an object is before all operations.
fn first(object: &Object, name: String) -> Line {
    let line = Line::new(Kind::Operation).text(Field::Object, name).text(Field::Did, "begin");
    match object {
        Object::Places(places) => line.number(Field::Amount, places.offered()),
        Object::Balance(_) => line.number(Field::Amount, 0_u32),
        Object::Status(status) => line.text(Field::Value, status.name().unwrap_or_default()),
    }
}
