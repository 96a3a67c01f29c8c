//! The messages from node to node, each with the step in which it was sent and the one in which it arrived.

use std::collections::BTreeMap;

use serde::Serialize;

use super::column::Column;
use crate::export::Course;
#[cfg(feature = "serve")]
use crate::export::NotExported;
use crate::kernel::Step;
use crate::picture::{FieldType, Strings};
#[cfg(feature = "serve")]
use crate::session::{AnyScenario, RunOutcome};

/// A message that arrived.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    route: Route,
    /// The step in which it arrived.
    pub(super) step: Step,
    /// How many steps before it was sent.
    steps: u64,
}

/// A sender, a receiver, and the number of the name of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Route {
    from: u16,
    to: u16,
    name: u32,
}

/// The messages of a run, in order of arrival. Those that only look whether there is anything to do are left out.
pub(super) fn messages(course: &Course<'_>, strings: &mut Strings) -> Vec<Message> {
    let of_work = course.occurrences().filter(|it| !it.delivered.is_poll);
    let message = of_work.filter_map(|occurrence| {
        let (actor, step) = (occurrence.delivered.key.actor, occurrence.step);
        let name = strings.number(occurrence.message());
        let route = Route { from: actor.from.0, to: actor.to.0, name };
        Some(Message { route, step, steps: step.0 - occurrence.sent?.0 })
    });
    message.collect()
}

/// The routes that have been listed.
#[derive(Clone, Debug, Default)]
pub(super) struct Routes(BTreeMap<Route, i64>);

/// Some messages as columns.
#[derive(Serialize)]
pub(super) struct MessagesDoc {
    n: usize,
    /// Those that have not been listed yet.
    routes: Vec<Route>,
    route: Column,
    step: Column,
    steps: Column,
}

impl MessagesDoc {
    pub(super) fn of(messages: &[Message], Routes(known): &mut Routes) -> Self {
        let mut routes = Vec::new();
        let place = |Message { route, .. }: &Message| {
            let next = known.len() as i64;
            *known.entry(*route).or_insert_with(|| {
                routes.push(*route);
                next
            })
        };
        let of = FieldType::Number;
        let route = Column::of(of, messages.iter().map(place));
        let step = Column::of(of, messages.iter().map(|it| it.step.0.cast_signed()));
        let steps = Column::of(of, messages.iter().map(|it| it.steps.cast_signed()));
        Self { n: messages.len(), routes, route, step, steps }
    }
}

/// The messages of a run that is shown again and again.
#[cfg(feature = "serve")]
#[derive(Clone, Debug)]
pub(crate) struct Messages(pub(super) Vec<Message>);

#[cfg(feature = "serve")]
impl Messages {
    /// Those of a run with its picture, which gets their names.
    ///
    /// # Errors
    ///
    /// When the outcome has no log or no picture.
    pub(crate) fn of(
        scenario: &dyn AnyScenario,
        outcome: &mut RunOutcome,
    ) -> Result<Self, NotExported> {
        let mut picture = outcome.picture.take().ok_or(NotExported::NoLog)?;
        let messages = messages(&Course::of(scenario, outcome)?, &mut picture.strings);
        outcome.picture = Some(picture);
        Ok(Self(messages))
    }
}
