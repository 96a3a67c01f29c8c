//! The search against every order of short histories.

use proptest::collection::vec;
use proptest::prelude::*;

use super::models::{
    Amount, Assign, Balance, Money, Phase, Phases, Place, Places, Quantity, Register, Said, Status,
    Value, Variable, written,
};
use super::search::{Outcome, search};
use super::{Effect, End, Handle, History, Judgement, Limits, Model, Operation};

type Op<M> = Operation<M, usize>;

/// An operation as it is drawn: its answer, if any, when it is called, and how long it takes.
type DrawnOf<M> = (<M as Model>::Input, Option<<M as Model>::Output>, u8, u8);

/// Operations with unique moments, in the order of their calls.
fn history<M: Model>(drawn: Vec<DrawnOf<M>>) -> Vec<Op<M>> {
    // Calls at even, returns at odd moments, apart by their places.
    let moment = |at: u8, place: usize, odd: u64| (u64::from(at) * 64 + place as u64) * 2 + odd;
    let make = |(place, (input, output, at, lasts)): (usize, DrawnOf<M>)| {
        let call = moment(at, place, 0);
        let returned = moment(at.saturating_add(lasts), place, 1);
        let end = output.map_or(End::Open, |output| End::Returned(returned, output));
        Operation { call, end, input, label: place }
    };
    let mut all: Vec<Op<M>> = drawn.into_iter().enumerate().map(make).collect();
    all.sort_by_key(|one| one.call);
    all
}

/// Tries every order of the operations, with every set of those that were not answered.
fn has_an_order<M: Model>(first: &M, all: &[Op<M>], order: &mut Vec<usize>) -> bool {
    let answered = |place: &usize| all[*place].output().is_some();
    if (0..all.len()).filter(answered).all(|place| order.contains(&place))
        && is_order(first, all, order)
    {
        return true;
    }
    (0..all.len()).any(|place| {
        if order.contains(&place) {
            return false;
        }
        order.push(place);
        let found = has_an_order(first, all, order);
        order.pop();
        found
    })
}

/// Whether an order is that of the moments at which operations can have taken effect, and explains the answers.
fn is_order<M: Model>(first: &M, all: &[Op<M>], order: &[usize]) -> bool {
    let mut state = first.clone();
    order.iter().enumerate().all(|(nth, place)| {
        let one = &all[*place];
        let in_time = order[nth + 1..].iter().all(|later| all[*later].returned() > one.call);
        let effect = state.effect(&one.input, one.output());
        if effect == Effect::Writes {
            state.apply(&one.input);
        }
        in_time && effect != Effect::Impossible
    })
}

/// What a history says that is judged while it happens.
fn judged<M: Model>(first: &M, all: &[Op<M>]) -> bool {
    let mut moments: Vec<(u64, usize, bool)> = Vec::new();
    for (place, one) in all.iter().enumerate() {
        moments.push((one.call, place, true));
        if one.output().is_some() {
            moments.push((one.returned(), place, false));
        }
    }
    moments.sort_unstable();
    // Four operations without an answer on an amount that is not known lead to more states than are kept usually.
    let limits = Limits { states: 10_000, ..Limits::default() };
    let mut history = History::new(first.clone(), limits);
    let mut handles: Vec<Option<Handle>> = vec![None; all.len()];
    let mut settled: Vec<usize> = Vec::new();
    for (at, place, is_call) in moments {
        let one = &all[place];
        if is_call {
            let handle = history.call(at, one.input.clone(), one.label);
            handles[place] = Some(handle);
            if one.output().is_none() {
                history.abandon(handle);
            }
        } else {
            let handle = handles[place].expect("it was called");
            history.returns(handle, at, one.output().expect("it returned").clone());
        }
        match history.settle() {
            Judgement::Contradicted(found) => {
                let found: Vec<usize> = found.operations.iter().map(|one| one.label).collect();
                is_smallest(first, all, &settled, &found);
                return false;
            }
            Judgement::Undecided => panic!("a short history is decided"),
            Judgement::Pending => {}
            Judgement::Explained => {
                settled =
                    all.iter().filter(|one| one.returned() <= at).map(|one| one.label).collect();
            }
        }
    }
    true
}

/// The operations of a contradiction contradict each other together with all that was settled before, and not
/// without one of them.
fn is_smallest<M: Model>(first: &M, all: &[Op<M>], settled: &[usize], found: &[usize]) {
    let until = all.iter().filter(|one| found.contains(&one.label)).map(Op::returned).max();
    let without = |left_out: Option<usize>| {
        let known = |one: &Op<M>| {
            let is_found = found.contains(&one.label) && Some(one.label) != left_out;
            is_found || settled.contains(&one.label)
        };
        let open = |one: &Op<M>| match known(one) {
            true => one.clone(),
            false => Operation { end: End::Open, ..one.clone() },
        };
        let called = all.iter().filter(|one| Some(one.call) <= until);
        has_an_order(first, &called.map(open).collect::<Vec<_>>(), &mut Vec::new())
    };
    assert!(!without(None), "it is no contradiction");
    assert!(found.iter().all(|label| without(Some(*label))), "it can be smaller");
}

/// The verdicts of the search, of a history that is judged while it happens, and of every order.
fn agree<M: Model>(first: &M, all: &[Op<M>]) -> bool {
    let every = has_an_order(first, all, &mut Vec::new());
    let Outcome::Ends(ends) = search(first.clone(), &all.iter().collect::<Vec<_>>(), u64::MAX)
    else {
        panic!("there is no limit")
    };
    assert_eq!(!ends.is_empty(), every, "the search says otherwise than every order");
    assert_eq!(judged(first, all), every, "a history in parts says otherwise than every order");
    every
}

type Drawn<I, O> = Vec<(I, Option<O>, u8, u8)>;

fn drawn<I: Strategy, O: Strategy>(
    input: I,
    output: O,
) -> impl Strategy<Value = Drawn<I::Value, O::Value>>
where
    I::Value: Clone,
    O::Value: Clone,
{
    vec((input, prop::option::weighted(0.8, output), 0_u8..10, 0_u8..6), 0..=6)
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0_u64..3).prop_map(Value::Write),
        Just(Value::Read),
        (0_u64..3, 0_u64..3).prop_map(|(from, to)| Value::Swap(from, to)),
    ]
}

fn place() -> impl Strategy<Value = Place> {
    let owner = 0_u32..4;
    prop_oneof![
        4 => owner.clone().prop_map(|owner| Place::Take { owner }),
        1 => owner.clone().prop_map(|owner| Place::TakeOnce { owner }),
        3 => owner.clone().prop_map(|owner| Place::GiveBack { owner }),
        1 => owner.clone().prop_map(|owner| Place::GiveBackOnce { owner }),
        1 => (0_u32..3).prop_map(Place::Left),
        1 => owner.prop_map(|owner| Place::RoomFor { owner }),
    ]
}

fn refused<A>(instead: impl Strategy<Value = A>) -> impl Strategy<Value = Said<A>>
where
    A: Clone + std::fmt::Debug,
{
    prop_oneof![3 => Just(None), 1 => instead.prop_map(Some)]
        .prop_map(|instead| instead.map_or(Said::Done, Said::Refused))
}

fn money() -> impl Strategy<Value = Money> {
    prop_oneof![
        1 => (0_i64..3).prop_map(Money::Open),
        3 => (1_i64..3).prop_map(Money::Add),
        3 => (1_i64..3).prop_map(Money::Take),
        1 => Just(Money::Close),
        1 => (0_u32..2).prop_map(|id| Money::AgreeFrom(id, 1)),
        1 => (0_u32..2).prop_map(Money::Send),
        1 => (0_u32..2).prop_map(Money::TakeBack),
        1 => (0_i64..3).prop_map(Money::Holds),
    ]
}

/// A move has a number of its own.
fn agreed_once<O>(mut all: Drawn<Money, O>) -> Drawn<Money, O> {
    let mut seen: Vec<u32> = Vec::new();
    all.retain(|(act, ..)| match act {
        Money::AgreeFrom(id, _) if seen.contains(id) => false,
        Money::AgreeFrom(id, _) => {
            seen.push(*id);
            true
        }
        _ => true,
    });
    all
}

/// What is done to an amount, mostly for one of two holders.
fn quantity() -> impl Strategy<Value = Quantity> {
    let holder = || 0_u64..2;
    prop_oneof![
        1 => (0_i64..3).prop_map(Quantity::Write),
        2 => (1_i64..3).prop_map(Quantity::Add),
        2 => (1_i64..3).prop_map(|amount| Quantity::Take(amount, None)),
        4 => (1_i64..3, holder()).prop_map(|(amount, holder)| Quantity::Take(amount, Some(holder))),
        3 => (holder(), prop::option::weighted(0.2, 1_i64..3))
            .prop_map(|(holder, amount)| Quantity::GiveBack(holder, amount)),
        2 => (0_i64..3).prop_map(Quantity::Is),
    ]
}

/// Takes of one and what gives them back, which wait for each other only if they are for one holder.
fn ticket() -> impl Strategy<Value = Quantity> {
    prop_oneof![
        3 => (0_u64..3).prop_map(|holder| Quantity::Take(1, Some(holder))),
        2 => (0_u64..3).prop_map(|holder| Quantity::GiveBack(holder, None)),
        1 => (0_i64..3).prop_map(Quantity::Is),
    ]
}

fn assign() -> impl Strategy<Value = Assign> {
    let value = || (0_u8..3).prop_map(|value| std::sync::Arc::from(value.to_string()));
    let values = move || vec(value(), 1..3).prop_map(std::sync::Arc::from);
    prop_oneof![
        value().prop_map(Assign::Write),
        value().prop_map(Assign::Is),
        (values(), value()).prop_map(|(from, to)| Assign::Swap(from, to)),
    ]
}

fn phase() -> impl Strategy<Value = Phase> {
    let phases = || vec(0_u8..4, 1..3).prop_map(|phases| Phases::of(&phases));
    prop_oneof![
        2 => (phases(), 1_u8..4)
            .prop_map(|(from, to)| Phase::Move { from, to, certain: true }),
        1 => phases().prop_map(Phase::Is),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn short_histories_of_registers_are_judged_as_by_every_order(all in drawn(value(), 0_u64..3)) {
        agree(&Register(0), &history(all));
    }

    #[test]
    fn short_histories_of_places_are_judged_as_by_every_order(
        all in drawn(place(), refused(Just(Place::Full))),
        places in 1_u32..3,
    ) {
        agree(&Places::of(places), &history(all));
    }

    #[test]
    fn short_histories_of_balances_are_judged_as_by_every_order(
        all in drawn(money(), refused(prop_oneof![Just(Money::Lacks(1, 2)), Just(Money::IsClosed)])),
        opened in any::<bool>(),
    ) {
        let all = agreed_once(all);
        let mut balance = Balance::missing();
        if opened {
            balance.apply(&Money::Open(1));
        }
        agree(&balance, &history(all));
    }

    #[test]
    fn short_histories_of_amounts_are_judged_as_by_every_order(
        all in drawn(quantity(), refused(prop_oneof![
            Just(Quantity::Short(1)), Just(Quantity::HasNone(0)), Just(Quantity::Is(1)),
        ])),
        there in prop::option::weighted(0.8, 0_i64..3),
    ) {
        let amount = there.map_or_else(|| Amount::unknown(1), |there| Amount::of(there, 1));
        agree(&amount, &history(all));
    }

    #[test]
    fn short_histories_of_holders_are_judged_as_by_every_order(
        all in drawn(ticket(), refused(prop_oneof![Just(Quantity::Short(1)), Just(Quantity::Is(1))])),
        there in 0_i64..3,
    ) {
        agree(&Amount::of(there, 1), &history(all));
    }

    #[test]
    fn short_histories_of_variables_are_judged_as_by_every_order(
        all in drawn(assign(), refused(Just(Assign::IsNoneOf(["1".into()].into())))),
        is_known in any::<bool>(),
    ) {
        let variable = if is_known { Variable::of("0".into()) } else { Variable::unknown() };
        agree(&variable, &history(all));
    }

    #[test]
    fn short_histories_of_life_cycles_are_judged_as_by_every_order(
        all in drawn(phase(), refused(Just(Phase::Is(Phases::of(&[3]))))),
    ) {
        agree(&Status::first(&[]), &history(all));
    }
}

#[test]
fn amounts_are_written_as_persons_do() {
    let cases =
        [(995_000, "99.50"), (70_000, "7"), (1_234, "0.1234"), (-15_000, "-1.50"), (0, "0")];
    for (amount, text) in cases {
        assert_eq!(written(amount, 10_000), text);
    }
}

/// So many operations that all overlap, on places of which there are a hundred less than takers.
fn rush(takers: u32) -> Vec<Op<Places>> {
    let op = |owner: u32| {
        let said = if owner.is_multiple_of(2) { Said::Done } else { Said::Refused(Place::Full) };
        let (call, returned) = (u64::from(owner), u64::from(10_000 + (owner * 7_919) % 10_000));
        let (input, label) = (Place::Take { owner }, owner as usize);
        Operation { call, end: End::Returned(returned, said), input, label }
    };
    (0..takers).map(op).collect()
}

#[test]
fn a_rush_on_places_takes_few_steps() {
    let all = rush(2_000);
    let places = |count: u32| search(Places::of(count), &all.iter().collect::<Vec<_>>(), 5_000_000);
    assert!(matches!(places(1_000), Outcome::Ends(ends) if ends.len() == 1));
    for wrong in [999, 1_001] {
        assert!(matches!(places(wrong), Outcome::Ends(ends) if ends.is_empty()), "{wrong} places");
    }
}

#[test]
fn a_search_that_reaches_its_limit_decides_nothing() {
    let all = rush(200);
    let found = search(Places::of(100), &all.iter().collect::<Vec<_>>(), 100);
    assert!(matches!(found, Outcome::Undecided));
    let limits = Limits { operations: 3, ..Limits::default() };
    let mut history = History::new(Places::of(9), limits);
    for owner in 0..4 {
        history.call(u64::from(owner), Place::Take { owner }, ());
    }
    assert!(matches!(history.settle(), Judgement::Undecided));
    assert!(matches!(history.settle(), Judgement::Undecided), "nothing is known from then on");
}

#[test]
fn an_operation_without_an_answer_may_take_effect_much_later_and_once() {
    let mut show = History::new(Places::of(2), Limits::default());
    let lost = show.call(1, Place::Take { owner: 1 }, "lost");
    show.abandon(lost);
    let question = |show: &mut History<Places, &'static str>, at, left| {
        let asked = show.call(at, Place::Left(left), "left");
        show.returns(asked, at + 1, Said::Done);
        show.settle()
    };
    assert!(matches!(question(&mut show, 2, 2), Judgement::Explained));
    assert!(matches!(question(&mut show, 4, 1), Judgement::Explained));
    let Judgement::Contradicted(found) = question(&mut show, 6, 2) else {
        panic!("it has taken effect")
    };
    assert_eq!((found.before.as_str(), found.operations.len()), ("1 of 2 places is taken", 1));
}

#[test]
fn a_contradiction_has_no_operation_that_does_not_matter() {
    let mut show = History::new(Places::of(1), Limits::default());
    let (mut handles, mut at) = (Vec::new(), 0);
    let mut now = || {
        at += 1;
        at
    };
    for owner in 0..5 {
        handles.push(show.call(now(), Place::Take { owner }, owner));
    }
    for (owner, handle) in handles.into_iter().enumerate() {
        let said = if owner == 1 || owner == 3 { Said::Done } else { Said::Refused(Place::Full) };
        show.returns(handle, now(), said);
    }
    let Judgement::Contradicted(found) = show.settle() else { panic!("there is one place") };
    let labels: Vec<u32> = found.operations.iter().map(|one| one.label).collect();
    assert_eq!((labels, found.left_out), (vec![1, 3], 3));
    assert_eq!(found.before, "0 of 1 places are taken");
}

#[test]
fn what_a_holder_had_before_counts_if_it_is_given_back_without_an_answer() {
    let ops = [
        (Quantity::Take(1, Some(0)), Some(Said::Done), 0, 0),
        (Quantity::GiveBack(0, None), None, 0, 0),
        (Quantity::Take(2, Some(0)), Some(Said::Done), 0, 0),
        (Quantity::Is(1), Some(Said::Done), 0, 0),
    ];
    assert!(agree(&Amount::of(3, 1), &history(ops.to_vec())), "3 - 1 + 1 - 2 is 1");
}

#[test]
fn the_last_place_may_have_been_taken_for_a_moment() {
    let ops = [
        (Place::Take { owner: 1 }, None, 0, 0),
        (Place::GiveBack { owner: 1 }, None, 0, 0),
        (Place::Take { owner: 2 }, Some(Said::Done), 0, 0),
        (Place::GiveBackOnce { owner: 1 }, Some(Said::Done), 7, 0),
    ];
    assert!(agree(&Places::of(1), &history(ops.to_vec())), "owner 1 has had it before owner 2");
}
