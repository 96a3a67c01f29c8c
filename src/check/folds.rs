//! The log, folded once more.

use super::Archive;
use super::streams::{Streams, entry};
use crate::model::{CommandId, Domain, EventId, EventRef, Rest, Stored, StreamId, View, ViewId};

/// Applies an event, as the current schema reads it, to a state.
pub(super) fn evolve<D: Domain>(domain: &D, state: &mut D::State, event: &Stored<D::Event>) {
    event.native(domain).iter().for_each(|part| domain.evolve(state, part));
}

/// The state of an event's stream before the event, from those of the visible events that count, and how many
/// they are.
pub(super) fn before<D: Domain>(
    domain: &D,
    archive: &Archive<D>,
    event: &Stored<D::Event>,
    counts: impl Fn(EventId) -> bool,
) -> (D::State, u32) {
    let mut state = domain.blank(event.stream);
    let count = archive.events_before(event).fold(domain, &mut state, counts);
    (state, count)
}

/// Whether an event is one that a saga recorded about its own progress.
pub(super) fn is_progress<E>(event: &Stored<E>) -> bool {
    is_progress_of(event.stream, event.metadata.id)
}

/// The same for an event of a stream.
pub(super) fn is_progress_of(stream: StreamId, id: EventId) -> bool {
    match id.command {
        CommandId::Progress { saga, after: _ } => saga == stream,
        CommandId::Request(_) | CommandId::Effect(_) => false,
    }
}

/// Calls a function with each stream that has events in the log, by stream, and with its events, oldest first.
pub(super) fn by_stream<D: Domain>(
    rest: &Rest<'_, D>,
    mut each: impl FnMut(StreamId, &[EventRef<'_, D::Event>]),
) {
    let mut ends: Streams<u32> = Streams::default();
    rest.events.streams().for_each(|(stream, _)| *ends.entry(stream) += 1);
    let streams: Vec<_> = ends.iter().filter(|(_, count)| **count > 0).map(|(at, _)| at).collect();
    let mut end = 0;
    for stream in &streams {
        let place = ends.entry(*stream);
        (end, *place) = (end + *place, end);
    }
    let mut order = vec![0_u32; rest.events.len()];
    rest.events.streams().for_each(|(stream, index)| {
        let place = ends.entry(stream);
        order[*place as usize] = index;
        *place += 1;
    });
    let (mut begin, mut events) = (0, Vec::new());
    for stream in streams {
        let end = *ends.entry(stream) as usize;
        let places = order[begin..end].iter();
        events.extend(places.filter_map(|index| rest.events.get(*index as usize)));
        each(stream, &events);
        events.clear();
        begin = end;
    }
}

/// The views with their ids.
pub(super) fn views<D: Domain>() -> impl Iterator<Item = (ViewId, &'static View)> {
    (0..).map(ViewId).zip(D::VIEWS)
}

/// The views that are kept somewhere: the others are made from the log for each query.
pub(super) fn kept_views<D: Domain>() -> impl Iterator<Item = (ViewId, &'static View)> {
    views::<D>().filter(|(_, view)| view.is_kept())
}

/// The rows of a view after the first `count` events of its category.
pub(super) fn rows<D: Domain>(rest: &Rest<'_, D>, id: ViewId, count: usize) -> Vec<Option<D::Row>> {
    let category = D::VIEWS[usize::from(id.0)].category;
    let mut rows = Vec::new();
    let mut project = |event: &Stored<D::Event>| {
        for part in event.upcast(rest.domain).iter() {
            for key in rest.domain.rows(id, part) {
                rest.domain.project(id, key, entry(&mut rows, key.0 as usize), part);
            }
        }
    };
    if count < rest.events.len() {
        rest.events.of(category).take(count).for_each(|event| project(&event));
    } else {
        rest.events.each_of(category, project);
    }
    rows
}
