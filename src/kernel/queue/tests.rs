//! The queue against a simple model: the least entry of a sorted map.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Pending numbers by (due, creation).
#[derive(Clone, Default)]
struct Sorted {
    pending: BTreeMap<(u64, u64), u64>,
    pushed: u64,
}

/// A queue and its model, side by side.
#[derive(Clone)]
struct Pair {
    queue: Queue<u64>,
    sorted: Sorted,
    now: u64,
}

impl Pair {
    fn new() -> Self {
        Self { queue: Queue::new(), sorted: Sorted::default(), now: 0 }
    }

    fn push(&mut self, at: u64) {
        let number = self.sorted.pushed;
        self.queue.offer(Instant::from_nanos(at), number).unwrap();
        self.sorted.pending.insert((at, number), number);
        self.sorted.pushed += 1;
    }

    /// Takes from both; they must agree.
    fn pop(&mut self) -> Option<(u64, u64)> {
        let expected = self.sorted.pending.pop_first().map(|((at, _), number)| (at, number));
        assert_eq!(self.queue.next_at().map(Instant::as_nanos), expected.map(|(at, _)| at));
        let got = self.queue.pop().map(|(at, number)| (at.as_nanos(), number));
        assert_eq!(got, expected);
        assert_eq!(self.queue.len(), self.sorted.pending.len());
        if let Some((at, _)) = got {
            self.now = self.now.max(at);
        }
        got
    }

    fn pop_many(&mut self, n: u16) {
        for _ in 0..n {
            self.pop();
        }
    }

    fn drain(&mut self) -> Vec<(u64, u64)> {
        std::iter::from_fn(|| self.pop()).collect()
    }
}

/// One thing done to a queue.
#[derive(Clone, Copy, Debug)]
enum Action {
    /// Due this long after the last one taken.
    Push(u64),
    /// This many, all due this long after the last one taken.
    Burst(u16, u64),
    /// This many, spread over a span of this many nanoseconds by a multiplicative hash.
    Spread(u16, u64),
    /// Due at the end of time.
    PushLast,
    Pop(u16),
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => (0_u64..50).prop_map(Action::Push),
        1 => Just(Action::Push(0)),
        1 => any::<u64>().prop_map(|at| Action::Push(at >> 1)),
        1 => (1_u16..400, 0_u64..20).prop_map(|(n, at)| Action::Burst(n, at)),
        2 => (1_u16..2000, 0_u32..62).prop_map(|(n, bits)| Action::Spread(n, 1 << bits)),
        1 => Just(Action::PushLast),
        4 => (1_u16..1500).prop_map(Action::Pop),
    ]
}

fn act(pair: &mut Pair, action: Action) {
    match action {
        Action::Push(after) => pair.push(pair.now.saturating_add(after)),
        Action::Burst(n, after) => (0..n).for_each(|_| pair.push(pair.now.saturating_add(after))),
        Action::Spread(n, span) => (0..u64::from(n)).for_each(|nth| {
            let after = nth.wrapping_mul(0x9E37_79B9_7F4A_7C15) % span;
            pair.push(pair.now.saturating_add(after));
        }),
        Action::PushLast => pair.push(u64::MAX),
        Action::Pop(n) => pair.pop_many(n),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn pops_come_in_the_order_of_a_stable_sort(actions in prop::collection::vec(any_action(), 0..60)) {
        let mut pair = Pair::new();
        actions.into_iter().for_each(|action| act(&mut pair, action));
        pair.drain();
    }

    #[test]
    fn a_clone_continues_like_its_original(
        before in prop::collection::vec(any_action(), 0..30),
        after in prop::collection::vec(any_action(), 0..10),
    ) {
        let mut original = Pair::new();
        before.into_iter().for_each(|action| act(&mut original, action));
        let mut fork = original.clone();
        for &action in &after {
            act(&mut original, action);
        }
        let first = original.drain();
        for &action in &after {
            act(&mut fork, action);
        }
        prop_assert_eq!(first, fork.drain());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn tens_of_thousands_come_in_order_while_others_are_pushed(
        seed: u64,
        pending in 20_000_u64..60_000,
        span_bits in 4_u32..50,
        outliers in 0_u64..5,
    ) {
        let mut pair = Pair::new();
        let mut digest = crate::kernel::Digest::default();
        digest.word(seed);
        let mut delay = |nth: u64| {
            digest.word(nth);
            digest.value() % (1 << span_bits)
        };
        (0..outliers).for_each(|nth| pair.push(u64::MAX >> nth));
        for nth in 0..pending {
            pair.push(delay(nth));
        }
        for nth in 0..pending {
            pair.pop();
            pair.push(pair.now.saturating_add(delay(nth)));
        }
        pair.drain();
    }
}

#[test]
fn a_hundred_thousand_at_one_instant_keep_the_order_of_their_creation() {
    let mut pair = Pair::new();
    pair.push(u64::MAX);
    (0..50_000).for_each(|_| pair.push(7));
    pair.pop_many(10_000);
    (0..50_000).for_each(|_| pair.push(7));
    pair.push(3);
    let drained = pair.drain();
    assert_eq!(drained.len(), 90_002);
    assert_eq!(drained[0], (3, 100_001));
}

#[test]
fn payloads_due_at_the_end_of_time_come_last() {
    let mut pair = Pair::new();
    (0..3_000).for_each(|_| pair.push(u64::MAX));
    (0..3_000).for_each(|at| pair.push(u64::MAX - at));
    (0..3_000).for_each(|at| pair.push(at));
    assert_eq!(pair.drain().len(), 9_000);
}

#[test]
fn a_queue_of_few_has_no_ladder() {
    let mut queue = Queue::new();
    (0..FEW as u64).for_each(|at| queue.offer(Instant::from_nanos(at), at).unwrap());
    assert_eq!(queue.ladder.reach(), u64::MAX);
    assert!(queue.run.is_empty());
    queue.offer(Instant::ZERO, 0).unwrap();
    assert!(queue.ladder.reach() < u64::MAX);
    while queue.pop().is_some() {}
    assert_eq!(queue.ladder.reach(), u64::MAX, "an empty ladder is unused again");
}

#[test]
fn a_key_takes_less_than_64_bytes() {
    assert_eq!(size_of::<Key>(), 16);
    let mut queue = Queue::new();
    let pending = 100_000_u64;
    for nth in 0..pending * 10 {
        if nth >= pending {
            queue.pop();
        }
        let at = queue.next_at().unwrap_or_default().as_nanos();
        let after = nth.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 30;
        queue.offer(Instant::from_nanos(at + after), ()).unwrap();
    }
    let bytes = queue.ladder.bytes() as u64;
    assert!(bytes / pending < 64, "{bytes} bytes for {pending} pending");
}

#[test]
fn what_was_due_before_comes_before_what_is_due_then() {
    let at = Instant::from_nanos;
    let mut queue = Queue::new();
    for (due, number) in [(5, 0), (7, 1), (5, 2)] {
        queue.offer(at(due), number).expect("there is room");
    }
    for number in [3, 4] {
        queue.offer_again(at(5), number).expect("there is room");
    }
    queue.offer(at(5), 5).expect("there is room");
    let order: Vec<i32> = std::iter::from_fn(|| queue.pop().map(|(_, number)| number)).collect();
    assert_eq!(order, [3, 4, 0, 2, 5, 1]);
}
