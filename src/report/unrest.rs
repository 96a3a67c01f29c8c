//! The verdict on a run that did not come to rest: the limit it reached, what is pending, what to change.

use std::fmt::Write;

#[cfg(feature = "cli")]
use super::object::{list, object};
use super::palette::{Paint, Palette};
use super::table::{Side, Table};
use crate::kernel::{Instant, Span};
use crate::model::{counted, grouped};
use crate::session::{
    AwaitedLock, BusyNode, PendingMessages, PendingTimer, Recent, RunOutcome, Unrest, UnrestKind,
    Verdict,
};

/// How many items of one kind are printed.
const ITEMS_MAX: usize = 6;

/// The block of text about a run that did not come to rest. A run that is stuck can be violated all the same.
pub(super) fn unrest(run: &RunOutcome, palette: &Palette, out: &mut String) {
    let is_open = run.verdict() == Verdict::Open;
    let word = palette.doubtful.on(if is_open { "NO VERDICT" } else { "NOT AT REST" });
    let Some(unrest) = &run.unrest else {
        let unchecked = if run.stop.is_final() { "" } else { "; nothing was checked at rest" };
        let _ = writeln!(out, "\n{word}  {}{unchecked}", run.stop);
        return;
    };
    let _ = writeln!(out, "\n{word}  {}; {}", unrest.says, unrest.kind.says());
    let plain = Paint::default();
    let mut table = Table::new(&[Side::Left, Side::Left]);
    for (title, items) in sections(unrest) {
        for (index, item) in items.into_iter().enumerate() {
            let title = if index == 0 { title } else { "" };
            table.row(vec![(title.to_owned(), &palette.faint), (item, &plain)]);
        }
    }
    table.write(2, out);
}

/// The verdict as lines without colour, for formats that hold a text.
#[cfg(feature = "cli")]
pub(super) fn plain(unrest: &Unrest) -> String {
    let mut text = format!("{}; {}", unrest.says, unrest.kind.says());
    for (title, items) in sections(unrest) {
        for item in items {
            let _ = write!(text, "\n{title}: {item}");
        }
    }
    text
}

/// Each part with its title; empty parts have no items.
fn sections(unrest: &Unrest) -> [(&'static str, Vec<String>); 5] {
    let pending = &unrest.pending;
    let deadlocks = pending.locks.iter().filter(|lock| lock.is_deadlock);
    let repeats = unrest.kind != UnrestKind::WaitsForTimer;
    let recent = if repeats { pending.recent.as_slice() } else { &[] };
    let omitted = |count: u64| {
        let more = count.saturating_sub(ITEMS_MAX as u64);
        (more > 0).then(|| format!("{} more", grouped(more)))
    };
    let first = |items: Vec<String>, count: u64| {
        items.into_iter().take(ITEMS_MAX).chain(omitted(count)).collect::<Vec<_>>()
    };
    let count = |len: usize| len as u64;
    let timers: Vec<_> = pending.timers.iter().map(|timer| self::timer(timer, unrest.at)).collect();
    let messages: Vec<_> =
        pending.messages.iter().map(|it| self::messages(it, unrest.at)).collect();
    let mut waits: Vec<String> = first(messages, count(pending.messages.len()));
    waits.extend(first(timers, pending.timer_count));
    let busy = pending.busy.iter().map(|BusyNode { node, work }| format!("{node}: {work}"));
    let recent_count = count(recent.len());
    [
        ("deadlock", deadlocks.map(lock).collect()),
        ("pending", waits),
        ("busy", first(busy.collect(), count(pending.busy.len()))),
        ("last 100", first(recent.iter().map(self::recent).collect(), recent_count)),
        ("change", unrest.change.clone()),
    ]
}

fn timer(timer: &PendingTimer, now: Instant) -> String {
    let PendingTimer { who, what, due } = timer;
    format!("timer: {who}, {what}, {}", when(*due, now))
}

fn messages(messages: &PendingMessages, now: Instant) -> String {
    let PendingMessages { what, from, to, count, due } = messages;
    let count = counted(*count, "message");
    format!("{count}: {what}, {from} → {to}, {}", when(*due, now))
}

fn recent(recent: &Recent) -> String {
    let Recent { what, from, to, count } = recent;
    if from == to {
        format!("{count} × {what} at {to}")
    } else {
        format!("{count} × {what}, {from} → {to}")
    }
}

fn lock(lock: &AwaitedLock) -> String {
    let AwaitedLock { lock, holder, waiting, .. } = lock;
    format!("{holder} holds {lock}; {waiting} waits for it")
}

/// `due at 24h00m00s (22h from now)`, cut to whole seconds.
fn when(due: Instant, now: Instant) -> String {
    if due == Instant::MAX {
        return "due at the end of time".to_owned();
    }
    let at = Instant::ZERO + Span::from_secs(due.since(Instant::ZERO).as_nanos() / 1_000_000_000);
    if due < now {
        format!("due at {at} ({} ago)", roughly(now.since(due)))
    } else {
        format!("due at {at} ({} from now)", roughly(due.since(now)))
    }
}

/// The largest unit that it has one of, rounded.
fn roughly(span: Span) -> String {
    let units =
        [("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000)];
    let unit = units.into_iter().find(|(_, size)| span.as_nanos() >= *size);
    unit.map_or("less than 1ms".to_owned(), |(unit, size)| {
        format!("{}{unit}", (span.as_nanos() + size / 2) / size)
    })
}

/// The verdict as a JSON object.
#[cfg(feature = "cli")]
pub(crate) fn json(unrest: &Unrest) -> impl serde::Serialize {
    UnrestDoc(unrest)
}

#[cfg(feature = "cli")]
object!(UnrestDoc(unrest: Unrest) {
    kind: unrest.kind.name(),
    says: unrest.says,
    at_ns: unrest.at.as_nanos(),
    messages: list(&unrest.pending.messages, MessagesDoc),
    timers: list(&unrest.pending.timers, TimerDoc),
    timer_count: unrest.pending.timer_count,
    busy: list(&unrest.pending.busy, BusyDoc),
    recent: list(&unrest.pending.recent, RecentDoc),
    locks: list(&unrest.pending.locks, LockDoc),
    change: unrest.change,
});

#[cfg(feature = "cli")]
object!(MessagesDoc(messages: PendingMessages) {
    message: messages.what,
    from: messages.from,
    to: messages.to,
    count: messages.count,
    due_ns: messages.due.as_nanos(),
});

#[cfg(feature = "cli")]
object!(TimerDoc(timer: PendingTimer) {
    who: timer.who,
    what: timer.what,
    due_ns: timer.due.as_nanos(),
});

#[cfg(feature = "cli")]
object!(BusyDoc(busy: BusyNode) {
    node: busy.node,
    work: busy.work,
});

#[cfg(feature = "cli")]
object!(RecentDoc(recent: Recent) {
    message: recent.what,
    from: recent.from,
    to: recent.to,
    count: recent.count,
});

#[cfg(feature = "cli")]
object!(LockDoc(lock: AwaitedLock) {
    lock: lock.lock,
    holder: lock.holder,
    waiting: lock.waiting,
    deadlock: lock.is_deadlock,
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Pending;

    fn waiting() -> Unrest {
        let timer = PendingTimer {
            who: "s-1".to_owned(),
            what: "end of hold".to_owned(),
            due: Instant::ZERO + Span::from_secs(86_400),
        };
        let busy = BusyNode { node: "timers".to_owned(), work: "9 timers set".to_owned() };
        let pending = Pending {
            timers: vec![timer; 8],
            timer_count: 9,
            busy: vec![busy],
            waits_for_timer: true,
            ..Pending::default()
        };
        Unrest {
            kind: UnrestKind::WaitsForTimer,
            says: "the run did not come to rest within 2h of quiet".to_owned(),
            at: Instant::ZERO + Span::from_secs(7_200),
            pending,
            change: vec!["`phases: (quiet: \"25h\")`".to_owned()],
        }
    }

    #[test]
    fn a_verdict_says_what_is_pending_and_what_to_change() {
        let plain = sections(&waiting());
        let [deadlock, pending, busy, recent, change] = plain.map(|(_, items)| items);
        assert_eq!((deadlock.len(), recent.len()), (0, 0), "nothing repeats while it waits");
        assert_eq!(pending.len(), ITEMS_MAX + 1);
        assert_eq!(pending[0], "timer: s-1, end of hold, due at 24h00m00s (22h from now)");
        assert_eq!(pending[ITEMS_MAX], "3 more");
        assert_eq!(busy, ["timers: 9 timers set"]);
        assert_eq!(change, ["`phases: (quiet: \"25h\")`"]);
    }

    #[test]
    fn a_deadlock_names_who_holds_what() {
        let lock = AwaitedLock {
            lock: "b-1".to_owned(),
            holder: "request 1 of ana".to_owned(),
            waiting: "request 1 of ben".to_owned(),
            is_deadlock: true,
        };
        let kind = UnrestKind::Deadlock;
        let unrest = Unrest { kind, ..waiting() };
        let pending = Pending { locks: vec![lock], ..unrest.pending };
        let [(title, items), ..] = sections(&Unrest { pending, ..unrest });
        assert_eq!(title, "deadlock");
        assert_eq!(items, ["request 1 of ana holds b-1; request 1 of ben waits for it"]);
    }

    #[test]
    fn a_time_is_given_exactly_and_roughly() {
        let at = |seconds| Instant::ZERO + Span::from_secs(seconds);
        assert_eq!(when(at(86_400), at(7_260)), "due at 24h00m00s (22h from now)");
        assert_eq!(when(at(59), at(0)), "due at 59.000s (59s from now)");
        assert_eq!(when(at(0), at(120)), "due at 0.000s (2m ago)");
        assert_eq!(when(Instant::MAX, at(0)), "due at the end of time");
    }
}
