//! The event store: appends, the outbox and its lease.

pub use jetlag::internals::nodes::{Answer, Ends, Expects, Kind as EventKind, Rules, State, Write};

use super::{Outcome, Row, holds, rows, same};

/// A transaction that was begun.
pub type Tx = u64;

/// An event store that is driven step by step.
pub trait Store {
    /// Makes it a store with these rules. To be called before anything else.
    fn obey(&mut self, rules: Rules);
    /// Begins a transaction and has it insert its rows. Returns when it has, when it waits, or when it has failed.
    fn begin(&mut self, write: &Write) -> Tx;
    /// How far a transaction has come.
    fn state(&mut self, transaction: Tx) -> State;
    /// Commits a transaction that has inserted its rows.
    fn commit(&mut self, transaction: Tx) -> Answer;
    /// Commits a transaction; the answer is lost with the connection.
    fn commit_unanswered(&mut self, transaction: Tx) -> Answer;
    /// Loses the connection of a transaction before its commit arrives.
    fn cut(&mut self, transaction: Tx) -> Answer;
    /// Runs a whole transaction that fails at its commit.
    fn append_refused(&mut self, write: &Write) -> Answer;
    /// Runs a whole transaction that fails with a serialization failure.
    fn append_not_serializable(&mut self, write: &Write) -> Answer;
    /// Runs a whole transaction while the listener for notifications is away.
    fn append_unheard(&mut self, write: &Write);
    /// The versions and positions of the events of a stream.
    fn read(&mut self, stream: u32) -> Vec<(u32, u64)>;
    /// Whether a command is settled.
    fn is_settled(&mut self, command: u32) -> bool;
    /// Lets a relay fetch rows of the outbox under its token, 0 if it has none; nothing if another holds the lease.
    fn fetch(&mut self, relay: u16, fence: u64) -> Option<(u64, Vec<u64>)>;
    /// Marks rows as sent, and returns whether that was accepted.
    fn mark(&mut self, relay: u16, fence: u64, upto: u64) -> bool;
    /// Lets the lease of the relays end.
    fn let_lease_end(&mut self);
    /// Lets time pass, in milliseconds, and removes what is too old.
    fn pass(&mut self, ms: u64);
    /// Has all rows of the outbox sent again that were sent and are kept. `nth`: which operation it is.
    fn send_again(&mut self, nth: u32);
    /// How many notifications have come since the last time that this was asked.
    fn notified(&mut self) -> u64;
}

/// The rows that run on the model and on the server.
pub const ROWS: &[Row<dyn Store>] = rows! {
    "pg-append-race" => append_race,
    "pg-unique-waits" => unique_waits,
    "pg-unique-proceeds" => unique_proceeds,
    "pg-command-waits" => command_waits,
    "pg-whole-transaction" => whole_transaction,
    "pg-read-committed" => read_committed,
    "pg-sequence-gaps" => sequence_gaps,
    "pg-commit-order" => commit_order,
    "pg-high-water-mark" => high_water_mark,
    "pg-unknown-committed" => unknown_committed,
    "pg-unknown-rolled-back" => unknown_rolled_back,
    "pg-commit-refused" => commit_refused,
    "pg-serialization-failure" => serialization_failure,
    "pg-notify" => notify,
    "pg-notify-reconnect" => notify_reconnect,
    "pg-checks-read" => checks_read,
    "pg-checks-written" => checks_written,
    "pg-expects" => expects,
    "pg-expects-nothing" => expects_nothing,
    "pg-tags" => tags,
    "records-kept" => records_kept,
    "outbox-kept" => outbox_kept,
    "stream-ended" => stream_ended,
    "stream-begins-again" => stream_begins_again,
    "lease-excludes" => lease_excludes,
    "lease-fence" => lease_fence,
};

const NOTHING: [u32; 0] = [];

/// A command that appends one event to each of these streams, which it expects at these versions.
fn write(command: u32, expected: &[(u32, u32)]) -> Write {
    let exactly = |&(stream, version): &(u32, u32)| (stream, Expects::Version(version));
    let events = expected.iter().map(|(stream, _)| *stream).collect();
    Write { command, expected: expected.iter().map(exactly).collect(), events, ..Write::default() }
}

/// A command that appends one event to a stream of which it expects this.
fn expecting(command: u32, stream: u32, expects: Expects) -> Write {
    Write { expected: vec![(stream, expects)], ..write(command, &[(stream, 0)]) }
}

/// The answer to an append without a competitor.
fn answer(store: &mut dyn Store, write: &Write) -> Answer {
    let transaction = store.begin(write);
    match store.state(transaction) {
        State::Ended(answer) => answer,
        State::Inserted | State::Waiting => store.commit(transaction),
    }
}

/// Appends without a competitor.
fn append(store: &mut dyn Store, command: u32, expected: &[(u32, u32)]) -> Outcome {
    let transaction = store.begin(&write(command, expected));
    same!(store.state(transaction), State::Inserted, "command {command} has no competitor");
    same!(store.commit(transaction), Answer::Appended, "command {command} has no competitor");
    Ok(())
}

fn versions(store: &mut dyn Store, stream: u32) -> Vec<u32> {
    store.read(stream).into_iter().map(|(version, _)| version).collect()
}

fn append_race(store: &mut dyn Store) -> Outcome {
    append(store, 1, &[(1, 0)])?;
    let first = store.begin(&write(2, &[(1, 1)]));
    let second = store.begin(&write(3, &[(1, 1)]));
    same!(store.commit(first), Answer::Appended, "the first append at version 1");
    same!(store.state(second), State::Ended(Answer::Conflict), "the second append at version 1");
    let late = store.begin(&write(4, &[(1, 1)]));
    same!(store.state(late), State::Ended(Answer::Conflict), "an append at an old version");
    let early = store.begin(&write(5, &[(1, 7)]));
    same!(store.state(early), State::Ended(Answer::Conflict), "an append at a future version");
    same!(versions(store, 1), [1, 2], "the stream after the race");
    append(store, 6, &[(1, 2)])
}

fn unique_waits(store: &mut dyn Store) -> Outcome {
    let first = store.begin(&write(1, &[(1, 0)]));
    let second = store.begin(&write(2, &[(1, 0)]));
    let elsewhere = store.begin(&write(3, &[(2, 0)]));
    same!(store.state(first), State::Inserted, "the first writer of the key");
    same!(store.state(second), State::Waiting, "the second writer of the key");
    same!(store.state(elsewhere), State::Inserted, "a writer of another key");
    same!(versions(store, 1), NOTHING, "what others see while it is open");
    same!(store.commit(first), Answer::Appended, "the first writer");
    same!(store.state(second), State::Ended(Answer::Conflict), "the second, after the commit");
    same!(store.commit(elsewhere), Answer::Appended, "the writer of another key");
    holds!(!store.is_settled(2), "a conflict has recorded its command");
    Ok(())
}

fn unique_proceeds(store: &mut dyn Store) -> Outcome {
    let first = store.begin(&write(1, &[(1, 0)]));
    let second = store.begin(&write(2, &[(1, 0)]));
    let third = store.begin(&write(3, &[(1, 0)]));
    same!(store.cut(first), Answer::Unknown, "a writer whose connection is cut");
    // Which of those that wait goes on is not guaranteed.
    let (next, last) = match store.state(second) {
        State::Inserted => (second, third),
        _ => (third, second),
    };
    same!(store.state(next), State::Inserted, "one of those that waited, after the rollback");
    same!(store.state(last), State::Waiting, "the last writer waits for that one");
    same!(store.commit(next), Answer::Appended, "the one that went on");
    same!(store.state(last), State::Ended(Answer::Conflict), "the last writer");
    same!(versions(store, 1), [1], "the stream");
    Ok(())
}

fn command_waits(store: &mut dyn Store) -> Outcome {
    let first = store.begin(&write(1, &[(1, 0)]));
    // The second copy was decided on another state: only the command is the same.
    let copy = store.begin(&write(1, &[(2, 0)]));
    same!(store.state(copy), State::Waiting, "the second copy of a command");
    same!(store.commit(first), Answer::Appended, "the first copy");
    same!(store.state(copy), State::Ended(Answer::AlreadyDone), "the second copy");
    let late = store.begin(&write(1, &[(1, 1)]));
    same!(store.state(late), State::Ended(Answer::AlreadyDone), "a third copy, later");
    same!((versions(store, 1), versions(store, 2)), (vec![1], vec![]), "the streams");
    Ok(())
}

fn whole_transaction(store: &mut dyn Store) -> Outcome {
    append(store, 1, &[(2, 0)])?;
    let stale = store.begin(&write(2, &[(1, 0), (2, 0)]));
    same!(store.state(stale), State::Ended(Answer::Conflict), "one of two streams is ahead");
    same!(versions(store, 1), NOTHING, "the other stream");
    append(store, 3, &[(1, 0), (2, 1)])?;
    same!((versions(store, 1), versions(store, 2)), (vec![1], vec![1, 2]), "the streams");
    // A stream that is only read is checked too.
    let reads = Write { events: vec![1], ..write(4, &[(1, 1), (2, 1)]) };
    let stale = store.begin(&reads);
    same!(store.state(stale), State::Ended(Answer::Conflict), "a stream that was read is ahead");
    Ok(())
}

fn read_committed(store: &mut dyn Store) -> Outcome {
    let open = store.begin(&write(1, &[(1, 0)]));
    same!(versions(store, 1), NOTHING, "an open transaction is seen");
    holds!(!store.is_settled(1), "the command of an open transaction is seen");
    same!(store.commit(open), Answer::Appended, "it");
    same!(versions(store, 1), [1], "the next statement sees what was committed");
    holds!(store.is_settled(1), "the command is not seen");
    Ok(())
}

fn sequence_gaps(store: &mut dyn Store) -> Outcome {
    append(store, 1, &[(1, 0)])?;
    let burned = store.begin(&write(2, &[(2, 0)]));
    same!(store.cut(burned), Answer::Unknown, "a writer whose connection is cut");
    append(store, 3, &[(3, 0)])?;
    let (before, after) = (store.read(1)[0].1, store.read(3)[0].1);
    holds!(after == before + 2, "positions {before} and {after}: the one between is burned");
    same!(versions(store, 2), NOTHING, "the stream of the rollback");
    Ok(())
}

fn commit_order(store: &mut dyn Store) -> Outcome {
    let earlier = store.begin(&write(1, &[(1, 0)]));
    let later = store.begin(&write(2, &[(2, 0)]));
    same!(store.commit(later), Answer::Appended, "the transaction with the later position");
    let visible = store.read(2)[0].1;
    same!(versions(store, 1), NOTHING, "the earlier one is still open");
    same!(store.commit(earlier), Answer::Appended, "the transaction with the earlier position");
    let then = store.read(1)[0].1;
    holds!(then < visible, "{then} became visible after {visible}, and is not smaller");
    Ok(())
}

fn high_water_mark(store: &mut dyn Store) -> Outcome {
    append(store, 1, &[(1, 0)])?;
    let open = store.begin(&write(2, &[(2, 0)]));
    let doomed = store.begin(&write(3, &[(3, 0)]));
    append(store, 4, &[(4, 0)])?;
    let (first, last) = (store.read(1)[0].1, store.read(4)[0].1);
    let (fence, rows) = store.fetch(0, 0).ok_or("the first relay does not get the lease")?;
    same!(rows, [first], "rows before the first number in flight");
    same!(store.commit(open), Answer::Appended, "the first number in flight");
    let second = store.read(2)[0].1;
    let (_, rows) = store.fetch(0, fence).ok_or("the holder does not keep the lease")?;
    same!(rows, [first, second], "rows before the second number in flight");
    same!(store.cut(doomed), Answer::Unknown, "a writer whose connection is cut");
    let (_, rows) = store.fetch(0, fence).ok_or("the holder does not keep the lease")?;
    same!(rows, [first, second, last], "rows when nothing is in flight");
    Ok(())
}

fn unknown_committed(store: &mut dyn Store) -> Outcome {
    let lost = store.begin(&write(1, &[(1, 0)]));
    same!(store.commit_unanswered(lost), Answer::Unknown, "a commit whose answer is lost");
    holds!(store.is_settled(1), "the transaction was committed, and its command is not settled");
    let again = store.begin(&write(1, &[(1, 0)]));
    same!(store.state(again), State::Ended(Answer::AlreadyDone), "the same command again");
    same!(versions(store, 1), [1], "the stream");
    Ok(())
}

fn unknown_rolled_back(store: &mut dyn Store) -> Outcome {
    let lost = store.begin(&write(1, &[(1, 0)]));
    same!(store.cut(lost), Answer::Unknown, "a connection that is cut before the commit");
    holds!(!store.is_settled(1), "the transaction was rolled back, and its command is settled");
    append(store, 1, &[(1, 0)])?;
    same!(versions(store, 1), [1], "the stream");
    Ok(())
}

fn commit_refused(store: &mut dyn Store) -> Outcome {
    same!(store.append_refused(&write(1, &[(1, 0)])), Answer::CommitRefused, "the commit");
    same!((store.is_settled(1), versions(store, 1)), (false, vec![]), "what it has left");
    append(store, 1, &[(1, 0)])
}

fn serialization_failure(store: &mut dyn Store) -> Outcome {
    let failed = store.append_not_serializable(&write(1, &[(1, 0)]));
    same!(failed, Answer::NotSerializable, "the transaction");
    same!((store.is_settled(1), versions(store, 1)), (false, vec![]), "what it has left");
    append(store, 1, &[(1, 0)])
}

fn notify(store: &mut dyn Store) -> Outcome {
    let open = store.begin(&write(1, &[(1, 0)]));
    same!(store.notified(), 0, "notifications of an open transaction");
    same!(store.commit(open), Answer::Appended, "it");
    same!(store.notified(), 1, "notifications after the commit");
    let doomed = store.begin(&write(2, &[(2, 0)]));
    same!(store.cut(doomed), Answer::Unknown, "a writer whose connection is cut");
    same!(store.notified(), 0, "notifications of a rollback");
    Ok(())
}

fn notify_reconnect(store: &mut dyn Store) -> Outcome {
    store.append_unheard(&write(1, &[(1, 0)]));
    same!(store.notified(), 0, "notifications of what was committed while the listener was away");
    let (_, rows) = store.fetch(0, 0).ok_or("the first relay does not get the lease")?;
    same!(rows.len(), 1, "rows that a relay finds when it looks");
    append(store, 2, &[(2, 0)])?;
    same!(store.notified(), 1, "notifications after the listener is back");
    Ok(())
}

fn lease_excludes(store: &mut dyn Store) -> Outcome {
    append(store, 1, &[(1, 0)])?;
    let (fence, rows) = store.fetch(0, 0).ok_or("the first relay does not get the lease")?;
    same!(store.fetch(1, 0), None, "another relay, while the lease lasts");
    same!(store.fetch(0, fence), Some((fence, rows.clone())), "its holder, again");
    holds!(store.mark(0, fence, rows[0]), "the holder cannot mark rows");
    same!(store.fetch(0, fence), Some((fence, vec![])), "rows after they are marked");
    Ok(())
}

fn lease_fence(store: &mut dyn Store) -> Outcome {
    append(store, 1, &[(1, 0)])?;
    let (old, rows) = store.fetch(0, 0).ok_or("the first relay does not get the lease")?;
    store.let_lease_end();
    let (new, same_rows) = store.fetch(1, 0).ok_or("a lease that has ended is not free")?;
    same!(same_rows, rows, "rows of the next holder");
    holds!(new > old, "token {new} of the next holder is not greater than {old}");
    holds!(!store.mark(0, old, rows[0]), "a mark under an old token is accepted");
    same!(store.fetch(1, new), Some((new, rows.clone())), "rows after a mark under an old token");
    holds!(store.mark(1, new, rows[0]), "the holder cannot mark rows");
    same!(store.fetch(0, old), None, "the holder before, while the next lease lasts");
    Ok(())
}

/// Two appends, each of which reads two streams and writes one: the one that the other does not.
fn skewed() -> [Write; 2] {
    [(1, 1), (2, 2)].map(|(command, writes)| Write {
        events: vec![writes],
        ..write(command, &[(1, 0), (2, 0)])
    })
}

fn checks_read(store: &mut dyn Store) -> Outcome {
    let [first, second] = skewed().map(|write| store.begin(&write));
    same!(store.state(first), State::Inserted, "the first of two that read both streams");
    same!(store.state(second), State::Waiting, "the second, while the first is open");
    same!(store.commit(first), Answer::Appended, "the first");
    same!(store.state(second), State::Ended(Answer::Conflict), "the second, after the commit");
    same!(versions(store, 2), NOTHING, "the stream that the second writes");
    Ok(())
}

fn checks_written(store: &mut dyn Store) -> Outcome {
    store.obey(Rules { checks_written: true, ..Rules::default() });
    let [first, second] = skewed().map(|write| store.begin(&write));
    same!(store.state(second), State::Inserted, "the second, which writes another stream");
    same!(store.commit(first), Answer::Appended, "the first");
    same!(store.commit(second), Answer::Appended, "the second: write skew");
    same!(answer(store, &write(3, &[(1, 0)])), Answer::Conflict, "a stream that is written");
    Ok(())
}

fn expects(store: &mut dyn Store) -> Outcome {
    // Of a stream without an event, and of one that has had one, and then two.
    let cases = [
        (Expects::Version(0), [Answer::Appended, Answer::Conflict]),
        (Expects::NoStream, [Answer::Appended, Answer::Conflict]),
        (Expects::StreamExists, [Answer::Conflict, Answer::Appended]),
        (Expects::Any, [Answer::Appended, Answer::Appended]),
    ];
    for (stream, (expects, answers)) in (1..).zip(cases) {
        let first = answer(store, &expecting(10 * stream, stream, expects));
        if first == Answer::Conflict {
            append(store, 10 * stream + 1, &[(stream, 0)])?;
        }
        let second = answer(store, &expecting(10 * stream + 2, stream, expects));
        same!([first, second], answers, "appends that expect {expects:?}");
    }
    same!(versions(store, 4), [1, 2], "the stream of which nothing is expected");
    Ok(())
}

fn expects_nothing(store: &mut dyn Store) -> Outcome {
    let first = store.begin(&expecting(1, 1, Expects::Any));
    let second = store.begin(&expecting(2, 1, Expects::Any));
    same!(store.state(second), State::Waiting, "the second writer, who expects nothing either");
    // Another writer takes a position meanwhile.
    append(store, 3, &[(2, 0)])?;
    same!(store.commit(first), Answer::Appended, "the first writer");
    same!(store.state(second), State::Inserted, "the second, after the commit");
    same!(store.commit(second), Answer::Appended, "the second writer");
    let stored = store.read(1);
    same!(versions(store, 1), [1, 2], "versions without a gap");
    holds!(stored[0].1 < stored[1].1, "the stream is not in order of positions: {stored:?}");
    let again = answer(store, &expecting(2, 1, Expects::Any));
    same!(again, Answer::AlreadyDone, "a copy of an append that expects nothing");
    Ok(())
}

/// An append of an event with a tag to a stream, whose command has found so many events with it.
fn tagged(command: u32, stream: u32, (tag, found): (u32, u32)) -> Write {
    let (kind, found) = (EventKind::Tagged(tag), Some((tag, found)));
    Write { kind, found, ..expecting(command, stream, Expects::Any) }
}

fn tags(store: &mut dyn Store) -> Outcome {
    let first = store.begin(&tagged(1, 1, (7, 0)));
    let second = store.begin(&tagged(2, 2, (7, 0)));
    let elsewhere = store.begin(&tagged(3, 3, (8, 0)));
    same!(store.state(first), State::Inserted, "the first writer of a tag");
    same!(store.state(second), State::Waiting, "the second, which writes another stream");
    same!(store.state(elsewhere), State::Inserted, "a writer of another tag");
    same!(store.commit(first), Answer::Appended, "the first writer");
    same!(store.state(second), State::Ended(Answer::Conflict), "the second, after the commit");
    same!(store.commit(elsewhere), Answer::Appended, "the writer of another tag");
    same!(answer(store, &tagged(4, 2, (7, 0))), Answer::Conflict, "a condition that is too old");
    same!(answer(store, &tagged(5, 2, (7, 1))), Answer::Appended, "one that counts the first");
    same!((versions(store, 1), versions(store, 2)), (vec![1], vec![1]), "the streams");
    Ok(())
}

/// How long rows are kept, in milliseconds. A script must be done with what it does before in less.
const KEPT_MS: u64 = 3000;

const FORGETS: Rules = Rules { checks_written: false, keeps_ms: Some(KEPT_MS), ends: Ends::Kept };

fn records_kept(store: &mut dyn Store) -> Outcome {
    store.obey(FORGETS);
    let any = expecting(1, 1, Expects::Any);
    same!(answer(store, &any), Answer::Appended, "a command");
    store.pass(0);
    same!(answer(store, &any), Answer::AlreadyDone, "a copy while its outcome is kept");
    store.pass(2 * KEPT_MS);
    holds!(!store.is_settled(1), "the outcome is still there");
    // A copy that comes now is a new command: it is open while what is old is removed once more.
    let copy = store.begin(&any);
    store.pass(2 * KEPT_MS);
    same!(store.commit(copy), Answer::Appended, "a copy after that");
    same!(versions(store, 1), [1, 2], "the stream");
    Ok(())
}

fn outbox_kept(store: &mut dyn Store) -> Outcome {
    store.obey(FORGETS);
    append(store, 1, &[(1, 0)])?;
    let (fence, sent) = store.fetch(0, 0).ok_or("the first relay does not get the lease")?;
    holds!(store.mark(0, fence, sent[0]), "the holder cannot mark rows");
    append(store, 2, &[(2, 0)])?;
    let unsent = store.read(2)[0].1;
    store.send_again(1);
    let again = store.fetch(0, fence).ok_or("the holder does not keep the lease")?;
    same!(again, (fence, vec![sent[0], unsent]), "rows while the first is kept");
    holds!(store.mark(0, fence, sent[0]), "the holder cannot mark rows");
    store.pass(2 * KEPT_MS);
    store.send_again(2);
    let (_, rest) = store.fetch(0, fence).ok_or("a lease that has ended is not free")?;
    same!(rest, [unsent], "rows when the first is old: one that was not sent is not removed");
    Ok(())
}

/// An append that ends a stream.
fn ending(command: u32, stream: u32, version: u32) -> Write {
    Write { kind: EventKind::Ending, ..write(command, &[(stream, version)]) }
}

fn stream_ended(store: &mut dyn Store) -> Outcome {
    store.obey(Rules { ends: Ends::Refused, ..Rules::default() });
    append(store, 1, &[(1, 0)])?;
    same!(answer(store, &ending(2, 1, 1)), Answer::Appended, "the end");
    for (command, expects) in (3..).zip([Expects::Any, Expects::Version(2), Expects::NoStream]) {
        let late = answer(store, &expecting(command, 1, expects));
        same!(late, Answer::Conflict, "an append after the end that expects {expects:?}");
    }
    same!(versions(store, 1), [1, 2], "the stream");
    Ok(())
}

fn stream_begins_again(store: &mut dyn Store) -> Outcome {
    store.obey(Rules { ends: Ends::Continued, ..Rules::default() });
    append(store, 1, &[(1, 0)])?;
    same!(answer(store, &ending(2, 1, 1)), Answer::Appended, "the end");
    same!(versions(store, 1), NOTHING, "what a decision reads after the end");
    let exists = answer(store, &expecting(3, 1, Expects::StreamExists));
    same!(exists, Answer::Conflict, "an append to a stream that is to exist");
    same!(answer(store, &expecting(4, 1, Expects::NoStream)), Answer::Appended, "the next life");
    same!(versions(store, 1), [3], "its first version, which continues");
    let twice = answer(store, &expecting(5, 1, Expects::NoStream));
    same!(twice, Answer::Conflict, "a second beginning");
    Ok(())
}
