//! `snapshot-equals-fold`: a snapshot gives the same state as the events it replaces.

use super::folds::evolve;
use super::streams::Streams;
use super::{Checker, Checks, FactKinds, Property, StreamEvents, When, kinds};
use crate::kernel::Step;
use crate::model::{Domain, Expired, Fact, Record, Rest, Schemas as _, StreamId, Version};

pub(super) const SNAPSHOT_EQUALS_FOLD: Property = Property {
    id: "snapshot-equals-fold",
    when: When::AlwaysAndAtRest,
    says: "a snapshot equals the fold of its stream up to its version, also after later events are \
           applied; it never replaces a newer one",
};

/// Folds every stream from the last snapshot but one: no state is restored from an older one.
#[derive(Clone, Debug)]
pub(super) struct Snapshots<D: Domain> {
    streams: Streams<Option<Box<Past<D>>>>,
}

/// What is known of a stream that has snapshots.
#[derive(Clone, Debug)]
struct Past<D: Domain> {
    /// An earlier state, from which later ones are folded.
    base: Option<(Version, D::State)>,
    /// The latest snapshot, which becomes the base with the next one.
    saved: Option<(Version, D::State)>,
    /// Schema and version of the stored snapshot, and when it was saved.
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

impl<D: Domain> Default for Snapshots<D> {
    fn default() -> Self {
        Self { streams: Streams::default() }
    }
}

impl<D: Domain> Default for Past<D> {
    fn default() -> Self {
        Self { base: None, saved: None, kept: (0, Version(0)), step: Step(0) }
    }
}

impl<D: Domain> Checker<D> for Snapshots<D> {
    const PROPERTIES: &'static [Property] = &[SNAPSHOT_EQUALS_FOLD];
    const FACTS: FactKinds = kinds!(Snapshotted Restored SnapshotsCleaned);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        let archive = checks.archive;
        if let Fact::Snapshotted { stream, version, schema, state } = &record.fact {
            let past = self.past(*stream);
            past.replaced(*stream, (*schema, *version), checks);
            if past.reaches_back_to(*version) {
                let (what, since) = ("the snapshot of", Step(0));
                let (stream, version, schema) = (*stream, *version, *schema);
                let claim = Claim { stream, version, schema, state: &**state, what, since };
                let fold =
                    past.fold(checks.words.domain, archive.events(stream), (stream, version));
                claim.compare(fold.as_ref(), record.step, checks);
                if let Some(fold) = fold {
                    past.saved(version, fold, record.step);
                }
            } // otherwise checked at rest, if it is still there
        } else if let Fact::Restored { stream, snapshot: Some(_), version, state } = &record.fact {
            let (stream, version) = (*stream, *version);
            let past = self.past(stream);
            if past.reaches_back_to(version) {
                let (schema, what) =
                    (D::Schemas::SCHEMA, "the state from a snapshot and its tail of");
                let since = past.step;
                let claim = Claim { stream, version, schema, state: &**state, what, since };
                let fold =
                    past.fold(checks.words.domain, archive.events(stream), (stream, version));
                claim.compare(fold.as_ref(), record.step, checks);
            }
        } else if let Fact::Expired { what: Expired::Snapshot(stream, version), .. } = record.fact {
            let kept = &mut self.past(stream).kept;
            // An older one takes the place of none.
            if kept.1 == version {
                *kept = (0, Version(0));
            }
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        if rest.snapshots.is_empty() {
            return;
        }
        let mut folds: Streams<Option<(Version, D::State)>> = Streams::default();
        let mut upto: Streams<Version> = Streams::default();
        for saved in &rest.snapshots {
            *upto.entry(saved.stream) = saved.version;
        }
        rest.events.each(|event| {
            if upto.get(event.stream).is_none_or(|upto| event.version > *upto) {
                return;
            }
            let blank = || (Version(0), rest.domain.blank(event.stream));
            let (version, state) = folds.entry(event.stream).get_or_insert_with(blank);
            evolve(rest.domain, state, event);
            *version = event.version;
        });
        for saved in &rest.snapshots {
            let (stream, version, schema) = (saved.stream, saved.version, saved.schema);
            let since = self.streams.known(stream).map_or(Step(0), |past| past.step);
            let (state, what) = (&saved.state, "the snapshot at rest of");
            let fold = folds.known(stream).filter(|(last, _)| *last == version);
            let claim = Claim { stream, version, schema, state, what, since };
            claim.compare(fold.map(|(_, state)| state), rest.step, checks);
        }
    }
}

impl<D: Domain> Snapshots<D> {
    fn past(&mut self, stream: StreamId) -> &mut Past<D> {
        self.streams.entry(stream).get_or_insert_default()
    }
}

impl<D: Domain> Past<D> {
    /// A snapshot was saved: nothing before the previous one is needed any more.
    fn saved(&mut self, version: Version, state: D::State, step: Step) {
        self.step = step;
        if self.saved.as_ref().is_some_and(|(saved, _)| *saved >= version) {
            return; // of an earlier version, but a newer schema
        }
        if let Some(before) = self.saved.replace((version, state)) {
            self.base = Some(before);
        }
    }

    fn reaches_back_to(&self, version: Version) -> bool {
        self.base.as_ref().is_none_or(|(base, _)| *base <= version)
    }

    /// A snapshot replaces the stored one, which must be older.
    fn replaced(&mut self, stream: StreamId, new: (u16, Version), checks: &mut Checks<'_, D>) {
        let before = std::mem::replace(&mut self.kept, new);
        checks.that(&SNAPSHOT_EQUALS_FOLD, before < new, [self.step, checks.step()], |words| {
            let (stream, version, newer) = (words.stream(stream), new.1, before.1);
            format!("a snapshot of {stream} {version} takes the place of one of {newer}")
        });
    }

    /// The fold of a stream up to a version, if the stream has that version.
    fn fold(
        &self,
        domain: &D,
        events: StreamEvents<'_, D>,
        (stream, version): (StreamId, Version),
    ) -> Option<D::State> {
        let blank = || (Version(0), domain.blank(stream));
        let (mut at, mut state) = self.base.clone().unwrap_or_else(blank);
        let tail = events.between(at.0 as usize, events.len());
        for event in tail.iter().take_while(|event| event.version <= version) {
            evolve(domain, &mut state, &event);
            at = event.version;
        }
        (at == version).then_some(state)
    }
}

impl<S: PartialEq> Claim<'_, S> {
    fn compare<D: Domain<State = S>>(
        self,
        fold: Option<&S>,
        step: Step,
        checks: &mut Checks<'_, D>,
    ) {
        let Self { stream, version, schema, state, what, since } = self;
        let equal = fold.is_some_and(|fold| match schema {
            newest if newest == D::Schemas::SCHEMA => fold == state,
            older => D::Schemas::downcast_state(checks.words.domain, older, fold) == *state,
        });
        checks.that(&SNAPSHOT_EQUALS_FOLD, equal, [since, step], |words| {
            let instead = match fold {
                None => "is of a version that does not exist",
                Some(_) => "is not what its events fold to",
            };
            format!("{what} {} {version} {instead}", words.stream(stream))
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
    fn a_snapshot_in_a_newer_schema_may_be_of_an_earlier_version() {
        let mut history = closed();
        let older = SCHEMA - 1;
        saved_in(&mut history, older, 1, State::Open);
        saved_in(&mut history, older, 3, State::Closed);
        saved(&mut history, 2, State::Open);
        restored(&mut history, 2, 3, State::Closed);
        assert_eq!(history.accepted_by::<Checker>(), 7);
    }

    #[test]
    fn any_snapshot_may_take_the_place_of_one_that_was_removed() {
        let mut history = closed();
        saved(&mut history, 3, State::Closed);
        let what = Expired::Snapshot(counter(0), Version(3));
        history.fact(Fact::Expired { what, count: 1 });
        saved(&mut history, 3, State::Closed);
        history.accepted_by::<Checker>();
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
                &format!("the snapshot of k-0 v{version} is not what"),
            );
        }
    }

    #[test]
    fn a_snapshot_of_a_version_that_does_not_exist_is_rejected() {
        let mut history = closed();
        saved(&mut history, 4, State::Closed);
        history
            .rejected_by::<Checker>("snapshot-equals-fold", "is of a version that does not exist");
    }

    #[test]
    fn a_tail_that_begins_one_too_late_is_rejected() {
        let mut history = closed();
        saved(&mut history, 2, State::Open);
        restored(&mut history, 2, 3, State::Open);
        history.rejected_by::<Checker>(
            "snapshot-equals-fold",
            "the state from a snapshot and its tail of k-0 v3 is not what its events fold to",
        );
    }

    #[test]
    fn a_snapshot_that_is_left_in_the_end_and_is_not_its_fold_is_rejected() {
        let mut history = closed();
        let (stream, version, state) = (counter(0), Version(2), State::Closed);
        history.snapshots.push(Snapshot { stream, version, schema: SCHEMA, state });
        history.rejected_by::<Checker>("snapshot-equals-fold", "the snapshot at rest of k-0");
    }
}
