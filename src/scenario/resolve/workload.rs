//! The workloads: how many customers there are, when they act, and what they do.

use crate::kernel::{Instant, Span};
use crate::model::{CustomerId, Names};
use crate::platform::{Intensity, Loop, Spacing, Workload};
use crate::scenario::domain::ScenarioDomain;
use crate::scenario::file::File;
use crate::scenario::place::{Complaints, Place};
use crate::scenario::rate::Rate;
use crate::scenario::workload::{Arrivals, WorkloadEntry, Workloads};

/// The most workloads in a file.
const WORKLOADS_MAX: usize = u8::MAX as usize;
/// A workload in which each arrival is a new customer has this many times the standard deviation of their number
/// more customers than are to be expected: no run gets there by chance.
const DEVIATIONS: u64 = 8;
/// And this many more, for bursts that a campaign adds.
const MORE: u64 = 64;
const CUSTOMERS_MAX: &str = "at most 4,294,967,295";

/// When the customers of one workload act.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    turns: Loop,
    /// The first of them.
    first: CustomerId,
    customers: u32,
}

/// The loads of the workloads of a file, in order; `None` for one with errors. All customers together, with those of
/// the script.
pub(super) fn loads<D: ScenarioDomain>(
    file: &File<D>,
    names: &Names,
    complaints: &mut Complaints,
) -> (Vec<Option<Load>>, u32) {
    let place = Place::top().field("workload");
    let Some(workloads) = &file.workload else { return (Vec::new(), scripted(names)) };
    if let Workloads::Many(entries) = workloads {
        let hint = "add a workload, or remove the field";
        if entries.is_empty() {
            complaints.add(place.clone(), "this list of workloads is empty", hint);
        }
        if entries.len() > WORKLOADS_MAX {
            let says = format!("there are {} workloads", entries.len());
            complaints.add(place, says, format!("at most {WORKLOADS_MAX}"));
            return (vec![None; entries.len()], u32::MAX);
        }
    }
    let mut next = scripted(names);
    let loads = workloads.entries().map(|(place, entry)| {
        let (turns, customers) = load(entry, &place, complaints)?;
        let first = CustomerId(next);
        next = next.checked_add(customers).unwrap_or_else(|| {
            let message = "the script and the workload together have too many customers";
            let place = if entry.customers.is_some() { place.field("customers") } else { place };
            complaints.add(place, message, CUSTOMERS_MAX);
            u32::MAX
        });
        Some(Load { turns, first, customers })
    });
    let loads = loads.collect();
    (loads, next)
}

fn scripted(names: &Names) -> u32 {
    u32::try_from(names.customers.len()).unwrap_or(u32::MAX)
}

/// When the customers of a workload act, and how many there are.
fn load<D: ScenarioDomain>(
    entry: &WorkloadEntry<D>,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<(Loop, u32)> {
    let before = complaints.count();
    if let Some(customers) = &entry.customers {
        let hint = "write how many customers arrive, or remove the workload";
        complaints.not_zero(place.field("customers"), customers, hint);
    }
    let hint = "write for how long customers arrive, like \"10s\"";
    complaints.not_zero(place.field("lasts"), &entry.lasts, hint);
    let turns = match (entry.rate, entry.think) {
        (Some(rate), None) => open(entry, rate, place, complaints),
        (None, Some(think)) => closed(entry, think, place, complaints),
        (Some(_), Some(_)) => {
            let says = "this workload has both a `rate` and a time to `think`";
            let hint = "keep `rate` for customers that arrive at a rate, or `think` for a fixed \
                        number of customers that act again and again";
            complaints.add(place.field("think"), says, hint);
            None
        }
        (None, None) => {
            let says = "this workload has neither a `rate` nor a time to `think`";
            let hint = "write `rate: \"50/s\"` for customers that arrive at a rate, or \
                        `think: \"2s\"` for a fixed number of customers that act again and again";
            complaints.add(place.clone(), says, hint);
            None
        }
    };
    let turns = turns.filter(|_| complaints.count() == before)?;
    let customers = match (entry.customers, turns) {
        (Some(customers), _) => customers,
        (None, Loop::Open { intensity, .. }) => most(intensity, entry.lasts, place, complaints)?,
        (None, Loop::Closed { .. }) => return None,
    };
    Some((turns, customers))
}

/// How many customers there can be if each arrival is a new one.
fn most(
    intensity: Intensity,
    lasts: Span,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<u32> {
    let expected = intensity.expected(lasts);
    let most = expected.saturating_add(DEVIATIONS * expected.isqrt() + MORE);
    let most = u32::try_from(most).ok();
    if most.is_none() {
        let says = "more customers arrive in this workload than can be numbered";
        let hint =
            format!("{CUSTOMERS_MAX}: lower the `rate`, or write how many `customers` return");
        complaints.add(place.field("rate"), says, hint);
    }
    most
}

fn open<D: ScenarioDomain>(
    entry: &WorkloadEntry<D>,
    rate: Rate,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<Loop> {
    let arrivals = place.field("arrivals");
    let from = rate.frequency();
    let (intensity, spacing) = match entry.arrivals {
        Arrivals::Even => (Intensity::Steady(from), Spacing::Groups(1)),
        Arrivals::Poisson => (Intensity::Steady(from), Spacing::Independent),
        Arrivals::Burst { of } => {
            if of < 2 {
                let hint = "write at least 2, or use `Even`";
                complaints.add(arrivals.field("of"), "a burst has several customers", hint);
                return None;
            }
            (Intensity::Steady(from), Spacing::Groups(of))
        }
        Arrivals::Ramp { to } => {
            let to = to.frequency();
            if to.is_as_often_as(from) {
                let says = "this ramp ends at the rate at which it begins";
                complaints.add(arrivals.field("to"), says, "write another rate, or use `Poisson`");
                return None;
            }
            (Intensity::Ramp { from, to, over: entry.lasts }, Spacing::Independent)
        }
        Arrivals::OnSale { half_life } => {
            let hint = "write after how long the rate is half of what it was, like \"10s\"";
            complaints.not_zero(arrivals.field("half_life"), &half_life, hint);
            (Intensity::Decay { from, half_life }, Spacing::Independent)
        }
    };
    Some(Loop::Open { intensity, spacing, returning: entry.customers.is_some() })
}

fn closed<D: ScenarioDomain>(
    entry: &WorkloadEntry<D>,
    think: Span,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<Loop> {
    let hint = "write how long a customer pauses on average, like \"2s\"";
    complaints.not_zero(place.field("think"), &think, hint);
    if entry.customers.is_none() {
        let says = "a workload with a time to `think` has a fixed number of customers";
        complaints.add(place.clone(), says, "write `customers: 100`");
    }
    if entry.arrivals != Arrivals::Even {
        let says = "`arrivals` says how customers arrive at a `rate`, and this workload has none";
        let hint = "write `rate` instead of `think`, or remove `arrivals`";
        complaints.add(place.field("arrivals"), says, hint);
    }
    Some(Loop::Closed { think })
}

/// The workloads of a file. Those whose loads have errors are left out; their actions are checked.
pub(super) fn workloads<D: ScenarioDomain>(
    file: &File<D>,
    loads: &[Option<Load>],
    (domain, names): (&D, &Names),
    complaints: &mut Complaints,
) -> Vec<Workload<D>> {
    let entries = file.workload.iter().flat_map(Workloads::entries).zip(loads);
    let resolved = entries.filter_map(|((place, entry), load)| {
        let mix = mix(entry, &place.field("mix"), (domain, names), complaints);
        let Load { turns, first, customers } = (*load)?;
        let from = Instant::ZERO + entry.from;
        Some(Workload { first, customers, turns, from, until: from + entry.lasts, mix })
    });
    resolved.collect()
}

fn mix<D: ScenarioDomain>(
    entry: &WorkloadEntry<D>,
    place: &Place,
    (domain, names): (&D, &Names),
    complaints: &mut Complaints,
) -> Vec<(u32, D::Action)> {
    let mut mix = Vec::new();
    for (index, (weight, line)) in entry.mix.iter().enumerate() {
        let item = place.item(index);
        if *weight == 0 {
            let hint = "remove the action if it is not wanted";
            complaints.add(item.item(0), "the weight must be greater than zero", hint);
        }
        let does = item.item(1);
        let action = domain.resolve_among(&names.customers, line, &does, complaints);
        mix.extend(action.map(|action| (*weight, action)));
    }
    if entry.mix.is_empty() {
        let hint = "add actions with weights, like `mix: [(9, Browse), (1, Book)]`";
        complaints.add(place.clone(), "`mix` must not be empty", hint);
    }
    let total: u64 = entry.mix.iter().map(|(weight, _)| u64::from(*weight)).sum();
    if total > u64::from(u32::MAX) {
        let hint = "at most 4,294,967,295; only the proportions matter";
        complaints.add(place.clone(), "the sum of the weights is too large", hint);
    }
    mix
}
