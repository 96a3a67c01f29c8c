//! The checker of histories against that of stateright, on random histories.
//!
//! A history is made by letting operations take effect one after the other at random moments between their calls
//! and their returns, so that it is linearizable. In half of the histories an answer is then changed. Some answers
//! never come.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use jetlag::linearizability::models::{
    Amount, Assign, Balance, Money, Place, Places, Quantity, Register, Said, Value, Variable,
};
use jetlag::linearizability::{History, Judgement, Limits, Model};
use stateright::semantics::register::{Register as TheirRegister, RegisterOp, RegisterRet};
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

struct Registers;

impl Both for Registers {
    type Ours = Register;
    type Theirs = TheirRegister<u64>;

    fn ours() -> Register {
        Register(0)
    }

    fn theirs() -> TheirRegister<u64> {
        TheirRegister(0)
    }

    fn operation(random: &mut Random) -> RegisterOp<u64> {
        match random.below(2) {
            0 => RegisterOp::Write(random.below(4)),
            _ => RegisterOp::Read,
        }
    }

    fn other(operation: &RegisterOp<u64>, random: &mut Random) -> RegisterRet<u64> {
        match operation {
            RegisterOp::Write(_) => RegisterRet::WriteOk,
            RegisterOp::Read => RegisterRet::ReadOk(random.below(4)),
        }
    }

    fn input(operation: &RegisterOp<u64>) -> Value {
        match operation {
            RegisterOp::Write(value) => Value::Write(*value),
            RegisterOp::Read => Value::Read,
        }
    }

    fn output(_: &RegisterOp<u64>, answer: &RegisterRet<u64>) -> u64 {
        match answer {
            RegisterRet::WriteOk => 0,
            RegisterRet::ReadOk(value) => *value,
        }
    }
}

/// Three places, written once more: whether each owner who has had one still has it.
#[derive(Clone, Default)]
struct Shop(BTreeMap<u32, bool>);

#[derive(Clone, Debug)]
enum Shopping {
    Take(u32),
    GiveBack(u32),
    Left,
}

#[derive(Clone, Debug, PartialEq)]
enum Sold {
    Done,
    Full,
    Left(u32),
    No,
}

impl Shop {
    fn left(&self) -> u32 {
        3 - self.0.values().filter(|has| **has).count() as u32
    }
}

impl SequentialSpec for Shop {
    type Op = Shopping;
    type Ret = Sold;

    fn invoke(&mut self, op: &Shopping) -> Sold {
        match *op {
            Shopping::Take(owner) if self.0.contains_key(&owner) => Sold::No,
            Shopping::Take(_) if self.left() == 0 => Sold::Full,
            Shopping::Take(owner) => {
                self.0.insert(owner, true);
                Sold::Done
            }
            Shopping::GiveBack(owner) if self.0.get(&owner) == Some(&true) => {
                self.0.insert(owner, false);
                Sold::Done
            }
            Shopping::GiveBack(_) => Sold::No,
            Shopping::Left => Sold::Left(self.left()),
        }
    }

    fn is_valid_step(&mut self, op: &Shopping, ret: &Sold) -> bool {
        match ret {
            // That an operation is refused for another reason says nothing.
            Sold::No => true,
            Sold::Full => self.left() == 0,
            Sold::Done | Sold::Left(_) => self.invoke(op) == *ret,
        }
    }
}

impl Both for Shop {
    type Ours = Places;
    type Theirs = Self;

    fn ours() -> Places {
        Places::of(3)
    }

    fn theirs() -> Self {
        Self::default()
    }

    fn operation(random: &mut Random) -> Shopping {
        let owner = random.below(6) as u32;
        match random.below(5) {
            0..3 => Shopping::Take(owner),
            3 => Shopping::GiveBack(owner),
            _ => Shopping::Left,
        }
    }

    fn other(operation: &Shopping, random: &mut Random) -> Sold {
        match operation {
            Shopping::Left => Sold::Left(random.below(4) as u32),
            Shopping::Take(_) if random.below(2) == 0 => Sold::Full,
            Shopping::Take(_) | Shopping::GiveBack(_) => Sold::Done,
        }
    }

    fn input(operation: &Shopping) -> Place {
        match *operation {
            Shopping::Take(owner) => Place::Take { owner },
            Shopping::GiveBack(owner) => Place::GiveBack { owner },
            Shopping::Left => Place::Left(0),
        }
    }

    fn output(_: &Shopping, answer: &Sold) -> Said<Place> {
        match answer {
            Sold::Done => Said::Done,
            Sold::Full => Said::Refused(Place::Full),
            Sold::Left(left) => Said::Refused(Place::Left(*left)),
            Sold::No => Said::Refused(Place::Offered),
        }
    }
}

/// A balance, written once more.
#[derive(Clone)]
struct Purse(i64);

#[derive(Clone, Debug)]
enum Paying {
    Add(i64),
    Take(i64),
    Balance,
}

impl SequentialSpec for Purse {
    type Op = Paying;
    /// Whether it was done, and the balance if it was not or if that was the question.
    type Ret = Option<i64>;

    fn invoke(&mut self, op: &Paying) -> Option<i64> {
        match *op {
            Paying::Add(amount) => self.0 += amount,
            Paying::Take(amount) if amount <= self.0 => self.0 -= amount,
            Paying::Take(_) | Paying::Balance => return Some(self.0),
        }
        None
    }
}

impl Both for Purse {
    type Ours = Balance;
    type Theirs = Self;

    fn ours() -> Balance {
        let mut balance = Balance::missing();
        balance.apply(&Money::Open(2));
        balance
    }

    fn theirs() -> Self {
        Self(2)
    }

    fn operation(random: &mut Random) -> Paying {
        let amount = 1 + random.below(3) as i64;
        match random.below(3) {
            0 => Paying::Add(amount),
            1 => Paying::Take(amount),
            _ => Paying::Balance,
        }
    }

    fn other(operation: &Paying, random: &mut Random) -> Option<i64> {
        match operation {
            Paying::Add(_) => None,
            Paying::Take(_) if random.below(2) == 0 => None,
            Paying::Take(amount) => Some(random.below(*amount as u64) as i64),
            Paying::Balance => Some(random.below(6) as i64),
        }
    }

    fn input(operation: &Paying) -> Money {
        match *operation {
            Paying::Add(amount) => Money::Add(amount),
            Paying::Take(amount) => Money::Take(amount),
            Paying::Balance => Money::Holds(-1),
        }
    }

    fn output(_: &Paying, answer: &Option<i64>) -> Said<Money> {
        answer.map_or(Said::Done, |balance| Said::Refused(Money::Holds(balance)))
    }
}

/// An amount and what holders have of it, written once more.
#[derive(Clone)]
struct Stock {
    there: i64,
    held: BTreeMap<u64, i64>,
}

#[derive(Clone, Debug)]
enum Stocking {
    Write(i64),
    Add(i64),
    Take(i64),
    TakeFor(u64, i64),
    /// All that a holder has, or so much of it.
    GiveBack(u64, Option<i64>),
    Look,
}

#[derive(Clone, Debug, PartialEq)]
enum Stocked {
    Done,
    TooLittle,
    There(i64),
}

impl SequentialSpec for Stock {
    type Op = Stocking;
    type Ret = Stocked;

    fn invoke(&mut self, op: &Stocking) -> Stocked {
        match *op {
            Stocking::Write(there) => self.there = there,
            Stocking::Add(amount) => self.there += amount,
            Stocking::TakeFor(holder, _) if self.held.contains_key(&holder) => {}
            Stocking::Take(amount) | Stocking::TakeFor(_, amount) if self.there < amount => {
                return Stocked::TooLittle;
            }
            Stocking::Take(amount) => self.there -= amount,
            Stocking::TakeFor(holder, amount) => {
                self.there -= amount;
                self.held.insert(holder, amount);
            }
            Stocking::GiveBack(holder, part) => {
                let held = self.held.remove(&holder).unwrap_or_default();
                let back = part.unwrap_or(held).min(held);
                self.there += back;
                if held > back {
                    self.held.insert(holder, held - back);
                }
            }
            Stocking::Look => return Stocked::There(self.there),
        }
        Stocked::Done
    }

    fn is_valid_step(&mut self, op: &Stocking, ret: &Stocked) -> bool {
        match (op, ret) {
            // A holder who has some may be told that there is no more of it.
            (Stocking::Take(amount) | Stocking::TakeFor(_, amount), Stocked::TooLittle) => {
                self.there < *amount
            }
            _ => self.invoke(op) == *ret,
        }
    }
}

impl Both for Stock {
    type Ours = Amount;
    type Theirs = Self;

    fn ours() -> Amount {
        Amount::of(3, 1)
    }

    fn theirs() -> Self {
        Self { there: 3, held: BTreeMap::new() }
    }

    fn operation(random: &mut Random) -> Stocking {
        let amount = 1 + random.below(2) as i64;
        let holder = random.below(3);
        match random.below(12) {
            0 => Stocking::Write(amount),
            1 => Stocking::Add(amount),
            2 | 3 => Stocking::Take(amount),
            4..7 => Stocking::TakeFor(holder, amount),
            7 => Stocking::GiveBack(holder, Some(amount)),
            8 | 9 => Stocking::GiveBack(holder, None),
            _ => Stocking::Look,
        }
    }

    fn other(operation: &Stocking, random: &mut Random) -> Stocked {
        match operation {
            Stocking::Take(_) | Stocking::TakeFor(..) if random.below(2) == 0 => Stocked::TooLittle,
            Stocking::Look => Stocked::There(random.below(5) as i64),
            _ => Stocked::Done,
        }
    }

    fn input(operation: &Stocking) -> Quantity {
        match *operation {
            Stocking::Write(there) => Quantity::Write(there),
            Stocking::Add(amount) => Quantity::Add(amount),
            Stocking::Take(amount) => Quantity::Take(amount, None),
            Stocking::TakeFor(holder, amount) => Quantity::Take(amount, Some(holder)),
            Stocking::GiveBack(holder, amount) => Quantity::GiveBack(holder, amount),
            Stocking::Look => Quantity::Is(-1),
        }
    }

    fn output(operation: &Stocking, answer: &Stocked) -> Said<Quantity> {
        match (operation, answer) {
            (_, Stocked::There(there)) => Said::Refused(Quantity::Is(*there)),
            (Stocking::Take(amount) | Stocking::TakeFor(_, amount), Stocked::TooLittle) => {
                Said::Refused(Quantity::Short(*amount))
            }
            (_, Stocked::Done | Stocked::TooLittle) => Said::Done,
        }
    }
}

/// A variable of three values, written once more.
#[derive(Clone)]
struct Cell(u64);

#[derive(Clone, Debug)]
enum Setting {
    Write(u64),
    Swap(u64, u64),
    Read,
}

#[derive(Clone, Debug, PartialEq)]
enum Was {
    Done,
    Another,
    Value(u64),
}

impl SequentialSpec for Cell {
    type Op = Setting;
    type Ret = Was;

    fn invoke(&mut self, op: &Setting) -> Was {
        match *op {
            Setting::Write(value) => self.0 = value,
            Setting::Swap(from, _) if from != self.0 => return Was::Another,
            Setting::Swap(_, to) => self.0 = to,
            Setting::Read => return Was::Value(self.0),
        }
        Was::Done
    }
}

fn text(value: u64) -> Arc<str> {
    value.to_string().into()
}

impl Both for Cell {
    type Ours = Variable;
    type Theirs = Self;

    fn ours() -> Variable {
        Variable::of(text(0))
    }

    fn theirs() -> Self {
        Self(0)
    }

    fn operation(random: &mut Random) -> Setting {
        match random.below(3) {
            0 => Setting::Write(random.below(3)),
            1 => Setting::Swap(random.below(3), random.below(3)),
            _ => Setting::Read,
        }
    }

    fn other(operation: &Setting, random: &mut Random) -> Was {
        match operation {
            Setting::Swap(..) if random.below(2) == 0 => Was::Another,
            Setting::Read => Was::Value(random.below(3)),
            Setting::Write(_) | Setting::Swap(..) => Was::Done,
        }
    }

    fn input(operation: &Setting) -> Assign {
        match *operation {
            Setting::Write(value) => Assign::Write(text(value)),
            Setting::Swap(from, to) => Assign::Swap([text(from)].into(), text(to)),
            Setting::Read => Assign::Is("".into()),
        }
    }

    fn output(operation: &Setting, answer: &Was) -> Said<Assign> {
        match (operation, answer) {
            (_, Was::Value(value)) => Said::Refused(Assign::Is(text(*value))),
            (Setting::Swap(from, _), Was::Another) => {
                Said::Refused(Assign::IsNoneOf([text(*from)].into()))
            }
            (_, Was::Done | Was::Another) => Said::Done,
        }
    }
}

#[test]
fn histories_of_registers_are_judged_alike() {
    agree::<Registers>(20_000);
}

#[test]
fn histories_of_places_are_judged_alike() {
    agree::<Shop>(20_000);
}

#[test]
fn histories_of_balances_are_judged_alike() {
    agree::<Purse>(20_000);
}

#[test]
fn histories_of_amounts_are_judged_alike() {
    agree::<Stock>(20_000);
}

#[test]
fn histories_of_variables_are_judged_alike() {
    agree::<Cell>(20_000);
}
