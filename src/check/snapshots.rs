//! `snapshot-equals-fold`: a shortcut through the log ends where the long way does.

use std::sync::Arc;

use super::streams::Streams;
use super::words::because;
use super::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::kernel::{Instant, Step};
use crate::model::{
    Domain, Fact, FactKind, Names, Record, Rest, Schemas as _, Stored, StreamId, Version,
    Vocabulary,
};

pub(super) const SNAPSHOT_EQUALS_FOLD: Property = Property {
    id: "snapshot-equals-fold",
    when: When::AlwaysAndAtRest,
    says: "a snapshot is the fold of its stream up to its version, and with the events after it \
           gives the fold of all of them; no snapshot replaces a newer one",
};

/// Folds every stream by itself, from the last snapshot but one, which is as far back as anything is restored from.
#[derive(Clone, Debug)]
pub(super) struct Snapshots<D: Domain> {
    names: Arc<Names>,
    tally: Tally,
    streams: Streams<Past<D>>,
}

/// What is known of a stream: a state some way back, and the events since.
#[derive(Clone, Debug)]
struct Past<D: Domain> {
    base: Option<(Version, D::State)>,
    tail: Vec<Arc<Stored<D::Event>>>,
    /// The latest snapshot, which becomes the base with the next one, and when it was saved.
    saved: Option<(Version, D::State)>,
    /// Schema and version of the snapshot that is there.
    kept: (u16, Version),
    step: Step,
}

/// A state that a snapshot claims for a version of a stream.
struct Claim<'a, S> {
    stream: StreamId,
    version: Version,
    schema: u16,
    state: &'a S,
    what: &'static str,
    since: Step,
}

impl<D: Domain> Default for Past<D> {
    fn default() -> Self {
        Self { base: None, tail: Vec::new(), saved: None, kept: (0, Version(0)), step: Step(0) }
    }
}

impl<D: Domain> Checker<D> for Snapshots<D> {
    const PROPERTIES: &'static [Property] = &[SNAPSHOT_EQUALS_FOLD];
    const FACTS: FactKinds =
        FactKinds::of(&[FactKind::Stored, FactKind::Snapshotted, FactKind::Restored]);

    fn new(_: &D, names: &Arc<Names>) -> Self {
        let tally = Tally::new(&SNAPSHOT_EQUALS_FOLD);
        Self { names: Arc::clone(names), tally, streams: Streams::default() }
    }

    fn observe(&mut self, domain: &D, record: &Record<D>, violations: &mut Violations) {
        if let Fact::Stored(event) = &record.fact {
            self.streams.entry(event.stream).tail.push(Arc::clone(event));
        } else if let Fact::Snapshotted { stream, version, schema, state } = &record.fact {
            let (stream, version) = (*stream, *version);
            let (schema, what, since) = (*schema, "the snapshot of", Step(0));
            self.replaced(domain, stream, (schema, version), record, violations);
            if !self.streams.entry(stream).reaches_back_to(version) {
                return; // checked in the end, if it is still there
            }
            let claim = Claim { stream, version, schema, state: &**state, what, since };
            let fold = self.fold(domain, stream, version);
            self.compare(domain, claim, fold.as_ref(), (record.at, record.step), violations);
            if let Some(fold) = fold {
                self.streams.entry(stream).saved(version, fold, record.step);
            }
        } else if let Fact::Restored { stream, snapshot: Some(_), version, state } = &record.fact {
            let (stream, version) = (*stream, *version);
            if self.streams.entry(stream).reaches_back_to(version) {
                let since = self.streams.entry(stream).step;
                let (schema, what) = (D::Schemas::SCHEMA, "what a snapshot and its tail make of");
                let claim = Claim { stream, version, schema, state: &**state, what, since };
                let fold = self.fold(domain, stream, version);
                self.compare(domain, claim, fold.as_ref(), (record.at, record.step), violations);
            }
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, violations: &mut Violations) {
        let mut folds: Streams<Option<(Version, D::State)>> = Streams::default();
        let mut upto: Streams<Version> = Streams::default();
        for saved in &rest.snapshots {
            *upto.entry(saved.stream) = saved.version;
        }
        let wanted = |event: &&Arc<Stored<D::Event>>| {
            upto.get(event.stream).is_some_and(|upto| event.version <= *upto)
        };
        for event in rest.events.iter().filter(wanted) {
            let blank = || (Version(0), rest.domain.blank(event.stream));
            let (version, state) = folds.entry(event.stream).get_or_insert_with(blank);
            for part in event.native(rest.domain).iter() {
                rest.domain.evolve(state, part);
            }
            *version = event.version;
        }
        for saved in &rest.snapshots {
            let fold = folds.get(saved.stream).and_then(Option::as_ref);
            let fold = fold.filter(|(version, _)| *version == saved.version);
            let since = self.streams.get(saved.stream).map_or(Step(0), |past| past.step);
            let (stream, version, schema) = (saved.stream, saved.version, saved.schema);
            let (state, what) = (&saved.state, "the snapshot that is left of");
            let claim = Claim { stream, version, schema, state, what, since };
            let fold = fold.map(|(_, state)| state);
            self.compare(rest.domain, claim, fold, (rest.at, rest.step), violations);
        }
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.tally]
    }
}

impl<D: Domain> Past<D> {
    /// A snapshot was saved: nothing before the previous one is needed any more.
    fn saved(&mut self, version: Version, state: D::State, step: Step) {
        self.step = step;
        if self.saved.as_ref().is_some_and(|(saved, _)| *saved >= version) {
            return; // of an earlier version, but a newer schema
        }
        if let Some((before, state)) = self.saved.replace((version, state)) {
            self.tail.retain(|event| event.version > before);
            self.base = Some((before, state));
        }
    }

    fn reaches_back_to(&self, version: Version) -> bool {
        self.base.as_ref().is_none_or(|(base, _)| *base <= version)
    }
}

impl<D: Domain> Snapshots<D> {
    /// A snapshot takes the place of the one that is there, which must be older.
    fn replaced(
        &mut self,
        domain: &D,
        stream: StreamId,
        new: (u16, Version),
        record: &Record<D>,
        violations: &mut Violations,
    ) {
        let past = self.streams.entry(stream);
        let (before, since) = (std::mem::replace(&mut past.kept, new), past.step);
        self.tally.check(before < new, record.at, record.step, violations, || {
            let stream = Vocabulary { domain, names: &self.names }.stream(stream);
            let (version, newer) = (new.1, before.1);
            let says =
                format!("a snapshot of {stream} {version} takes the place of one of {newer}");
            (says, because([since, record.step]))
        });
    }

    /// The fold of a stream up to a version; none if it has no such version, or has moved on too far.
    fn fold(&mut self, domain: &D, stream: StreamId, version: Version) -> Option<D::State> {
        let past = self.streams.entry(stream);
        let (mut at, mut state) =
            past.base.clone().unwrap_or_else(|| (Version(0), domain.blank(stream)));
        for event in past.tail.iter().take_while(|event| event.version <= version) {
            event.native(domain).iter().for_each(|part| domain.evolve(&mut state, part));
            at = event.version;
        }
        (at == version).then_some(state)
    }

    fn compare(
        &mut self,
        domain: &D,
        claim: Claim<'_, D::State>,
        fold: Option<&D::State>,
        (at, step): (Instant, Step),
        violations: &mut Violations,
    ) {
        let equal = fold.is_some_and(|fold| match claim.schema {
            newest if newest == D::Schemas::SCHEMA => fold == claim.state,
            older => D::Schemas::downcast_state(domain, older, fold) == *claim.state,
        });
        self.tally.check(equal, at, step, violations, || {
            let stream = Vocabulary { domain, names: &self.names }.stream(claim.stream);
            let Claim { version, what, since, .. } = claim;
            let instead = match fold {
                None => "but there is no such version",
                Some(_) => "but is not what its events fold to",
            };
            let says = format!("{what} {stream} {version} is there, {instead}");
            (says, because([since, step]))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Counted, Counters, History, SCHEMA, State, counter};
    use crate::model::Snapshot;

    type Checker = Snapshots<Counters>;

    /// A counter that is added to twice and closed.
    fn closed() -> History {
        let mut history = History::default();
        for (nth, event) in [(1, Counted::Added(1)), (2, Counted::Added(1)), (3, Counted::Closed)] {
            history.append(nth, &[(counter(0), event)]);
        }
        history
    }

    fn saved(history: &mut History, version: u32, state: State) {
        saved_in(history, SCHEMA, version, state);
    }

    fn saved_in(history: &mut History, schema: u16, version: u32, state: State) {
        let (stream, version, state) = (counter(0), Version(version), Box::new(state));
        history.fact(Fact::Snapshotted { stream, version, schema, state });
    }

    fn restored(history: &mut History, snapshot: u32, version: u32, state: State) {
        let (stream, snapshot) = (counter(0), Some(Version(snapshot)));
        let (version, state) = (Version(version), Box::new(state));
        history.fact(Fact::Restored { stream, snapshot, version, state });
    }

    #[test]
    fn snapshots_and_what_is_restored_from_them_at_every_cut_are_accepted() {
        let mut history = closed();
        saved(&mut history, 2, State::Open);
        restored(&mut history, 2, 2, State::Open);
        restored(&mut history, 2, 3, State::Closed);
        saved(&mut history, 3, State::Closed);
        restored(&mut history, 2, 3, State::Closed);
        let (stream, version, state) = (counter(0), Version(3), State::Closed);
        history.snapshots.push(Snapshot { stream, version, schema: SCHEMA, state });
        assert_eq!(history.accepted_by::<Checker>(), 8);
    }

    #[test]
    fn a_snapshot_that_is_made_anew_in_a_newer_schema_may_be_of_an_earlier_version() {
        let mut history = closed();
        let older = SCHEMA - 1;
        saved_in(&mut history, older, 1, State::Open);
        saved_in(&mut history, older, 3, State::Closed);
        saved(&mut history, 2, State::Open);
        restored(&mut history, 2, 3, State::Closed);
        assert_eq!(history.accepted_by::<Checker>(), 7);
    }

    #[test]
    fn a_snapshot_that_takes_the_place_of_a_newer_one_is_rejected() {
        let older = SCHEMA - 1;
        for (schema, version) in [(SCHEMA, 2), (older, 3)] {
            let mut history = closed();
            saved(&mut history, 3, State::Closed);
            let state = if version == 3 { State::Closed } else { State::Open };
            saved_in(&mut history, schema, version, state);
            history.rejected_by::<Checker>("snapshot-equals-fold", "takes the place of one of v3");
        }
    }

    #[test]
    fn a_snapshot_that_is_one_event_ahead_or_behind_is_rejected() {
        for (version, state) in [(2, State::Closed), (3, State::Open)] {
            let mut history = closed();
            saved(&mut history, version, state);
            history.rejected_by::<Checker>(
                "snapshot-equals-fold",
                &format!("the snapshot of k-0 v{version} is there, but is not what"),
            );
        }
    }

    #[test]
    fn a_snapshot_of_a_version_that_never_was_is_rejected() {
        let mut history = closed();
        saved(&mut history, 4, State::Closed);
        history.rejected_by::<Checker>("snapshot-equals-fold", "but there is no such version");
    }

    #[test]
    fn a_tail_that_begins_one_too_late_is_rejected() {
        let mut history = closed();
        saved(&mut history, 2, State::Open);
        restored(&mut history, 2, 3, State::Open);
        history.rejected_by::<Checker>(
            "snapshot-equals-fold",
            "what a snapshot and its tail make of k-0 v3 is there, but is not what its events fold to",
        );
    }

    #[test]
    fn a_snapshot_that_is_left_in_the_end_and_is_not_its_fold_is_rejected() {
        let mut history = closed();
        let (stream, version, state) = (counter(0), Version(2), State::Closed);
        history.snapshots.push(Snapshot { stream, version, schema: SCHEMA, state });
        history.rejected_by::<Checker>("snapshot-equals-fold", "the snapshot that is left of k-0");
    }
}
