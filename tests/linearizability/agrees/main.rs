//! The checker of histories against that of stateright, on random histories.
//!
//! A history is made by letting operations take effect one after the other at random moments between their calls
//! and their returns, so that it is linearizable. In half of the histories an answer is then changed. Some answers
//! never come.

mod amounts;
mod balances;
mod places;
mod registers;
mod variables;

use std::collections::BTreeMap;
use std::fmt::Debug;

use jetlag::linearizability::{History, Judgement, Limits, Model};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};

/// Random numbers that are the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// A sequential object in the words of both checkers.
trait Both {
    type Ours: Model;
    type Theirs: SequentialSpec<Op: Clone + Debug, Ret: Clone + Debug + PartialEq> + Clone;

    fn ours() -> Self::Ours;
    fn theirs() -> Self::Theirs;
    fn operation(random: &mut Random) -> <Self::Theirs as SequentialSpec>::Op;
    /// Another answer to an operation, which may be right as well.
    fn other(
        operation: &<Self::Theirs as SequentialSpec>::Op,
        random: &mut Random,
    ) -> <Self::Theirs as SequentialSpec>::Ret;
    fn input(operation: &<Self::Theirs as SequentialSpec>::Op) -> <Self::Ours as Model>::Input;
    fn output(
        operation: &<Self::Theirs as SequentialSpec>::Op,
        answer: &<Self::Theirs as SequentialSpec>::Ret,
    ) -> <Self::Ours as Model>::Output;
}

/// An operation with its call, its effect and its return.
struct Drawn<Op, Ret> {
    operation: Op,
    times: [u64; 3],
    answer: Option<Ret>,
}

type OpOf<B> = <<B as Both>::Theirs as SequentialSpec>::Op;
type RetOf<B> = <<B as Both>::Theirs as SequentialSpec>::Ret;

fn drawn<B: Both>(random: &mut Random) -> Vec<Drawn<OpOf<B>, RetOf<B>>> {
    let count = 2 + random.below(7);
    let mut all: Vec<Drawn<OpOf<B>, RetOf<B>>> = (0..count)
        .map(|nth| {
            let operation = B::operation(random);
            let mut times = [0; 3].map(|_: u64| random.below(12));
            times.sort_unstable();
            // Every moment is used once.
            let times = [0, 1, 2].map(|which| (times[which] * 3 + which as u64) * 64 + nth);
            Drawn { operation, times, answer: None }
        })
        .collect();
    all.sort_by_key(|one| one.times[1]);
    let mut object = B::theirs();
    for one in &mut all {
        one.answer = Some(object.invoke(&one.operation));
    }
    if random.below(2) == 0 {
        let changed = random.below(count) as usize;
        all[changed].answer = Some(B::other(&all[changed].operation, random));
    }
    for one in &mut all {
        if random.below(6) == 0 {
            one.answer = None;
        }
    }
    all
}

/// The moments of a history: of which operation, and whether it is its call.
fn moments<Op, Ret>(all: &[Drawn<Op, Ret>]) -> Vec<(u64, usize, bool)> {
    let mut moments: Vec<_> =
        all.iter().enumerate().map(|(nth, one)| (one.times[0], nth, true)).collect();
    let answered = all.iter().enumerate().filter(|(_, one)| one.answer.is_some());
    moments.extend(answered.map(|(nth, one)| (one.times[2], nth, false)));
    moments.sort_unstable();
    moments
}

fn theirs<B: Both>(all: &[Drawn<OpOf<B>, RetOf<B>>]) -> bool {
    let mut tester = LinearizabilityTester::new(B::theirs());
    for (_, nth, is_call) in moments(all) {
        let one = &all[nth];
        // Each operation is that of a thread of its own.
        let taken = match is_call {
            true => tester.on_invoke(nth, one.operation.clone()),
            false => tester.on_return(nth, one.answer.clone().expect("it returns")),
        };
        taken.expect("the history is one");
    }
    tester.serialized_history().is_some()
}

fn ours<B: Both>(all: &[Drawn<OpOf<B>, RetOf<B>>]) -> bool {
    let limits = Limits { states: 10_000, ..Limits::default() };
    let mut history = History::new(B::ours(), limits);
    let mut handles = BTreeMap::new();
    for (at, nth, is_call) in moments(all) {
        let one = &all[nth];
        match &one.answer {
            answer if is_call => {
                let handle = history.call(at, B::input(&one.operation), nth);
                handles.insert(nth, handle);
                if answer.is_none() {
                    history.abandon(handle);
                }
            }
            Some(answer) => history.returns(handles[&nth], at, B::output(&one.operation, answer)),
            None => unreachable!("it does not return"),
        }
        match history.settle() {
            Judgement::Pending | Judgement::Explained => {}
            Judgement::Contradicted(_) => return false,
            Judgement::Undecided => panic!("a short history is decided"),
        }
    }
    true
}

/// Compares the verdicts on so many histories; both verdicts have to occur.
fn agree<B: Both>(histories: u64) {
    let mut explained = 0;
    for seed in 0..histories {
        let all = drawn::<B>(&mut Random(seed));
        let (ours, theirs) = (ours::<B>(&all), theirs::<B>(&all));
        assert_eq!(ours, theirs, "history {seed}");
        explained += u64::from(ours);
    }
    let contradicted = histories - explained;
    println!("{explained} explained, {contradicted} contradicted");
    assert!(explained > histories / 4 && contradicted > histories / 20);
}
