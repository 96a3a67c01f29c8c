//! The messages from node to node, each with the step in which it was sent and the one in which it arrived.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::Serialize;

use super::column::Column;
use crate::export::Course;
use crate::kernel::Step;
use crate::picture::{FieldType, Strings};

/// The messages that arrived, in order of arrival, as columns.
#[derive(Serialize)]
pub(super) struct MessagesDoc {
    n: usize,
    /// Each sender with a receiver and the name of a message.
    routes: Vec<RouteDoc>,
    route: Column,
    step: Column,
    /// How many steps before it was sent.
    steps: Column,
}

#[derive(Serialize)]
struct RouteDoc {
    from: u16,
    to: u16,
    name: u32,
}

impl MessagesDoc {
    /// Those that arrived in these steps. Messages that only look whether there is anything to do are left out.
    pub(super) fn of(
        course: &Course<'_>,
        steps: RangeInclusive<Step>,
        strings: &mut Strings,
    ) -> Self {
        let column = || Column::new(FieldType::Number);
        let mut doc =
            Self { n: 0, routes: Vec::new(), route: column(), step: column(), steps: column() };
        let mut known = BTreeMap::new();
        for occurrence in course.occurrences().filter(|it| steps.contains(&it.step)) {
            let delivered = occurrence.delivered;
            let Some(sent) = occurrence.sent.filter(|_| !delivered.is_poll) else { continue };
            let route = known.entry(delivered.key.actor).or_insert_with(|| {
                let (from, to) = (delivered.key.actor.from.0, delivered.key.actor.to.0);
                doc.routes.push(RouteDoc { from, to, name: strings.number(occurrence.message()) });
                doc.routes.len() as i64 - 1
            });
            doc.n += 1;
            doc.route.push(*route);
            doc.step.push(occurrence.step.0.cast_signed());
            doc.steps.push((occurrence.step.0 - sent.0).cast_signed());
        }
        doc
    }
}
