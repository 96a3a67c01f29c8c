//! `whole-transactions`: views without a projector never show half a transaction.
//!
//! A transaction may write several events that one row is made of. A projector applies them one by one, each
//! in a transaction of its own, so that a row of the outbox strategy may show one without the others for a
//! while. The other strategies change all rows of a transaction at once.

use crate::collections::{SortedMap, Sparse};

use super::folds::views;
use super::streams::entry;
use super::words::view as name;
use super::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::Step;
use crate::model::{
    Answer, CommandId, Domain, Fact, Lookup, Record, RequestId, RowKey, Shows, Stored, StreamId,
    Version, ViewId,
};
use crate::platform::schema;

pub(super) const WHOLE_TRANSACTIONS: Property = Property {
    id: "whole-transactions",
    when: When::Always,
    says: "a synchronous view or one on demand shows, of the events of one transaction that a row is made \
           of, all or none",
};

/// Remembers which events of a row belong together.
#[derive(Clone, Debug, Default)]
pub(super) struct Wholes {
    /// By view and row; empty for views with a projector.
    views: Vec<Sparse<Row>>,
    asked: SortedMap<RequestId, (ViewId, RowKey)>,
    /// What subscribers are shown again and again.
    watched: SortedMap<RequestId, (ViewId, RowKey)>,
}

/// The transactions that wrote several events of one row.
#[derive(Clone, Debug, Default)]
struct Row {
    /// The transaction of the newest event, and that event.
    newest: Option<(CommandId, Member)>,
    /// None for most rows.
    groups: Option<Box<Groups>>,
}

/// The events of a row that belong together.
#[derive(Clone, Debug, Default)]
struct Groups {
    groups: Vec<Vec<Member>>,
    /// The group of each of their events.
    group_of: SortedMap<(StreamId, Version), usize>,
}

/// An event of a group.
#[derive(Clone, Copy, Debug)]
struct Member {
    stream: StreamId,
    version: Version,
    step: Step,
}

impl<D: Domain> Checker<D> for Wholes {
    const PROPERTIES: &'static [Property] = &[WHOLE_TRANSACTIONS];
    const FACTS: FactKinds = kinds!(Stored Queried Watched Unwatched Told);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        if D::VIEWS.iter().all(|view| view.has_projector()) {
            return;
        }
        let domain = checks.words.domain;
        if let Fact::Stored(event) = &record.fact {
            self.stored(domain, event, record.step);
        } else if let Fact::Queried { request, query, owed, resend: false } = &record.fact {
            if let Lookup::Row(view, key) = owed.lookup(domain, request.customer, query) {
                self.asked.insert(*request, (view, key));
            }
        } else if let Fact::Watched { request, query, owed, .. } = &record.fact {
            if let Lookup::Row(view, key) = owed.lookup(domain, request.customer, query) {
                self.watched.insert(*request, (view, key));
            }
        } else if let Fact::Unwatched { request } = &record.fact {
            self.watched.remove(request);
        } else if let Fact::Told { request, answer, .. } = &record.fact
            && let Some((view, key)) =
                self.asked.remove(request).or_else(|| self.watched.get(request).copied())
            && let Answer::Shown(_, row) = answer
        {
            self.shown(view, key, row.as_ref(), checks);
        }
    }
}

impl Wholes {
    fn stored<D: Domain>(&mut self, domain: &D, event: &Stored<D::Event>, step: Step) {
        let command = event.metadata.id.command;
        let member = Member { stream: event.stream, version: event.version, step };
        for (id, view) in views::<D>() {
            if view.has_projector() || view.category != event.stream.category {
                continue;
            }
            for key in schema::rows(domain, id, event) {
                entry(&mut self.views, id.0.into()).entry(key.0 as usize).add(command, member);
            }
        }
    }

    fn shown<D: Domain>(
        &self,
        view: ViewId,
        key: RowKey,
        row: Option<&D::Row>,
        checks: &mut Checks<'_, D>,
    ) {
        let known = self.views.get(usize::from(view.0)).and_then(|rows| rows.get(key.0 as usize));
        let Some(known) = known.and_then(|known| known.groups.as_deref()) else { return };
        let shows = Shows::of(checks.words.domain, view, key, row);
        let is_shown = |member: &&Member| shows.version(member.stream) >= member.version;
        let tokens = shows.clone().tokens();
        // The last event that is shown of each stream, and the first that is not.
        let edges = tokens.iter().flat_map(|token| {
            [token.version, token.version.next()].map(|version| (token.stream, version))
        });
        for group in edges.filter_map(|edge| known.group_of.get(&edge)) {
            let group = &known.groups[*group];
            let shown = group.iter().find(is_shown);
            let lacks = group.iter().find(|member| !is_shown(member));
            let (Some(shown), Some(lacks)) = (shown, lacks) else {
                checks.that(&WHOLE_TRANSACTIONS, true, [], |_| String::new());
                continue;
            };
            checks.that(&WHOLE_TRANSACTIONS, false, [shown.step, checks.step()], |words| {
                format!(
                    "{} shows {} {}, but not {} {} of the same transaction",
                    name::<D>(view),
                    words.stream(shown.stream),
                    shown.version,
                    words.stream(lacks.stream),
                    lacks.version
                )
            });
        }
    }
}

impl Row {
    /// A command takes effect in one transaction, whose events become visible one after the other.
    fn add(&mut self, command: CommandId, member: Member) {
        let newest = self.newest.replace((command, member));
        let before = newest.filter(|(before, _)| *before == command);
        let Some((_, before)) = before else { return };
        let place = |member: Member| (member.stream, member.version);
        let Groups { groups, group_of } = &mut **self.groups.get_or_insert_default();
        let group = *group_of.entry(place(before)).or_insert_with(|| {
            groups.push(vec![before]);
            groups.len() - 1
        });
        groups[group].push(member);
        group_of.insert(place(member), group);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Asked, Counted, Counters, History, Total, asked, counter};
    use crate::kernel::Span;
    use crate::model::Owed;

    /// One transaction adds to a counter, the next one twice; then a view is asked and shows a version.
    fn shows(query: Asked, version: u32) -> History {
        let (request, owed, resend) = (asked(9), Owed::Nothing, false);
        shown_after(Fact::Queried { request, query: query.clone(), owed, resend }, query, version)
    }

    fn shown_after(asks: Fact<Counters>, query: Asked, version: u32) -> History {
        let mut history = History::default();
        let added = (counter(0), Counted::Added(1));
        history.append(1, std::slice::from_ref(&added));
        let twice = history.begin(2, &[added.clone(), added]);
        history.finish(twice);
        let request = asked(9);
        let row = (version > 0).then_some(Total { sum: version, version: Version(version) });
        let answer = Answer::Shown(query, row);
        history.fact(asks);
        history.fact(Fact::Told { request, owed: Owed::Nothing, answer });
        history
    }

    #[test]
    fn all_or_none_of_a_transaction_is_accepted() {
        for version in [0, 1, 3] {
            shows(Asked::Head(0), version).accepted_by::<Wholes>();
            shows(Asked::Recalled(0), version).accepted_by::<Wholes>();
        }
        assert!(shows(Asked::Head(0), 3).accepted_by::<Wholes>() > 0);
    }

    #[test]
    fn half_of_a_transaction_is_rejected() {
        shows(Asked::Head(0), 2).rejected_by::<Wholes>(
            "whole-transactions",
            "Heads shows k-0 v2, but not k-0 v3 of the same transaction",
        );
        shows(Asked::Recalled(0), 2)
            .rejected_by::<Wholes>("whole-transactions", "Recalled shows k-0 v2, but not k-0 v3");
    }

    #[test]
    fn half_of_a_transaction_that_is_pushed_to_a_subscriber_is_rejected() {
        let (request, query, owed, within) =
            (asked(9), Asked::Head(0), Owed::Nothing, Span::from_secs(60));
        let watched = Fact::Watched { request, query, owed, again: false, within };
        let mut history = shown_after(watched, Asked::Head(0), 1);
        for version in [3, 2] {
            let row = Some(Total { sum: version, version: Version(version) });
            let answer = Answer::Shown(Asked::Head(0), row);
            history.fact(Fact::Told { request, owed, answer });
        }
        history.rejected_by::<Wholes>("whole-transactions", "Heads shows k-0 v2, but not k-0 v3");
    }

    #[test]
    fn a_view_with_a_projector_applies_events_one_by_one() {
        assert_eq!(shows(Asked::Total(0), 2).accepted_by::<Wholes>(), 0);
    }
}
