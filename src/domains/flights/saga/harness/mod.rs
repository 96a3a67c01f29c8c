//! A small world around one saga: its booking, the services, a clock, and faults of messages. It is not the
//! platform: it has one process, and it is short enough to be read at once.

mod loss;

use std::collections::BTreeMap;

use crate::domains::flights::booking::{Booking, Given};
use crate::domains::flights::command::{Command, Rejection};
use crate::domains::flights::event::{Event, SagaEvent};
use crate::domains::flights::ids::{BookingId, FlightId};
use crate::domains::flights::saga::Saga;
use crate::domains::flights::setup::Flights;
use crate::domains::flights::vendors::VendorRequest;
use crate::domains::flights::{Entry, Ledger, Reply, Request};
use crate::kernel::{Digest, Instant, Span};
use crate::model::{
    CommandOutcome, Domain, Effect, Sagas, ServiceId, Services, Stimulus, Token, Version,
};
use loss::Past;

pub(super) const BOOKING: BookingId = BookingId(0);

/// How often calls and commands are troubled, and until when.
#[derive(Clone, Copy, Debug)]
pub(super) struct FaultRates {
    /// The seed of all draws.
    pub(super) seed: u64,
    /// From now on there are no faults.
    pub(super) fair_from: Instant,
    /// How many of ten calls or commands are troubled before that.
    pub(super) trouble: u64,
}

enum Occurrence {
    Customer(Command),
    Command { number: u64, command: Command },
    Answer { epoch: u32, command: Command, outcome: CommandOutcome<Flights> },
    Request { call: u64, service: ServiceId, request: Request, fails: Fails, reply: Option<Span> },
    Reply { call: u64, service: ServiceId, reply: Reply },
    Patience { epoch: u32, call: u64, service: ServiceId, request: Request },
    Timer { timer: u8, due: Instant },
    Restart,
    Loss { to: Instant },
    Lapse,
    Fault { service: ServiceId, inject: usize, random: u64 },
}

/// The moment of a step at which the orchestrator crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Death {
    /// Before it has recorded anything.
    Before,
    /// After it has recorded the step, before any effect.
    Between,
    /// After all effects.
    After,
}

/// Whether a service answers with a failure, before or after it executes the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fails {
    Not,
    Before,
    After,
}

pub(super) struct World {
    pub(super) given: Given,
    /// What was on record after each step, if some of it will be lost.
    pasts: Option<Vec<Past>>,
    pub(super) ledgers: Vec<Ledger>,
    pub(super) entries: Vec<(Instant, ServiceId, Entry)>,
    pub(super) records: Vec<SagaEvent>,
    pub(super) told: Vec<Result<(), Rejection>>,
    /// A service that gets no requests, and until when.
    muted: Option<(ServiceId, Instant)>,
    /// A service that answers five seconds late, and until when.
    pub(super) slow: Option<(ServiceId, Instant)>,
    /// How far the clock of the timers is ahead of the saga's, and that of the booking.
    pub(super) ahead: [Span; 2],
    /// Lookups lag, each by a time of its own, at most by what the service states.
    pub(super) lags: bool,
    faults: FaultRates,
    draws: u64,
    now: Instant,
    queue: BTreeMap<(Instant, u64), Occurrence>,
    scheduled: u64,
    answered: Vec<u64>,
    timers: BTreeMap<u8, Instant>,
    epoch: u32,
    /// The effects of all records, in order.
    called_for: Vec<Effect<Flights>>,
    /// The commands that took effect; a resend is recognised.
    accepted: Vec<u64>,
    /// The number of stimuli.
    pub(super) wakes: u64,
    /// The stimulus at which the orchestrator crashes, and the moment.
    death: Option<(u64, Death)>,
    down: bool,
    /// When something is due at the provider.
    lapse_at: Option<Instant>,
}

impl World {
    pub(super) fn new(flights: Flights, faults: FaultRates) -> Self {
        let ledgers = Flights::open(&flights);
        Self {
            given: Given::in_world(flights),
            pasts: None,
            ledgers,
            entries: Vec::new(),
            records: Vec::new(),
            told: Vec::new(),
            muted: None,
            slow: None,
            ahead: [Span::ZERO; 2],
            lags: false,
            faults,
            draws: 0,
            now: Instant::ZERO,
            queue: BTreeMap::new(),
            scheduled: 0,
            answered: Vec::new(),
            timers: BTreeMap::new(),
            epoch: 0,
            called_for: Vec::new(),
            accepted: Vec::new(),
            wakes: 0,
            death: None,
            down: false,
            lapse_at: None,
        }
    }

    pub(super) fn customer(&mut self, ms: u64, command: Command) {
        self.at(Instant::ZERO + Span::from_millis(ms), Occurrence::Customer(command));
    }

    pub(super) fn restart(&mut self, ms: u64) {
        self.at(Instant::ZERO + Span::from_millis(ms), Occurrence::Restart);
    }

    /// What was recorded after `to` is lost at `ms`, and the services report.
    pub(super) fn lose(&mut self, ms: u64, to: u64) {
        self.pasts.get_or_insert_default();
        let [at, to] = [ms, to].map(|ms| Instant::ZERO + Span::from_millis(ms));
        self.at(at, Occurrence::Loss { to });
    }

    /// The orchestrator crashes at the `nth` stimulus and restarts a second later.
    pub(super) fn die(&mut self, nth: u64, death: Death) {
        self.death = Some((nth, death));
    }

    /// A service gets no requests, from 3.5 seconds on.
    pub(super) fn mute(&mut self, service: ServiceId, until: Instant) {
        self.muted = Some((service, until));
    }

    /// The second vendor, which recognises no resend, makes another order for the first leg and answers.
    pub(super) fn second_order(&mut self, ms: u64) {
        let request = VendorRequest::Hold { reference: BOOKING.leg(0), flight: FlightId(1) };
        let (service, request) = (ServiceId(1), Request::Vendor(request));
        let (fails, reply, call) = (Fails::Not, Some(Span::from_millis(1)), u64::MAX);
        let occurrence = Occurrence::Request { call, service, request, fails, reply };
        self.at(Instant::ZERO + Span::from_millis(ms), occurrence);
    }

    /// A vendor's own fault.
    pub(super) fn inject(&mut self, ms: u64, service: ServiceId, inject: usize, random: u64) {
        let at = Instant::ZERO + Span::from_millis(ms);
        self.at(at, Occurrence::Fault { service, inject, random });
    }

    pub(super) fn draw(&mut self, below: u64) -> u64 {
        self.draws += 1;
        let mut digest = Digest::default();
        digest.word(self.faults.seed);
        digest.word(self.draws);
        (digest.value() >> 16) % below
    }

    pub(super) fn saga(&self) -> Saga {
        match self.given.streams.get(&BOOKING.saga()) {
            Some((_, state)) => state.saga().clone(),
            None => self.given.world.blank(BOOKING.saga()).saga().clone(),
        }
    }

    pub(super) fn booking(&self) -> Booking {
        match self.given.streams.get(&BOOKING.stream()) {
            Some((_, state)) => state.booking().clone(),
            None => self.given.world.blank(BOOKING.stream()).booking().clone(),
        }
    }

    /// Runs until no occurrence is left.
    pub(super) fn run(&mut self) {
        self.run_until(Instant::MAX);
        self.lapse_everything();
    }

    /// Runs all occurrences before `end`.
    pub(super) fn run_until(&mut self, end: Instant) {
        for _ in 0..20_000 {
            match self.queue.first_entry() {
                Some(next) if next.key().0 < end => {
                    self.now = next.key().0;
                    let occurrence = next.remove();
                    self.step(occurrence);
                    self.keep();
                }
                Some(_) | None => return,
            }
        }
        panic!("the saga does not come to rest: {:?}", self.saga());
    }

    fn step(&mut self, occurrence: Occurrence) {
        match occurrence {
            Occurrence::Customer(command) => {
                let told = self.decide(&command);
                self.told.push(told);
                self.wake(&Stimulus::Subject);
            }
            Occurrence::Command { number, command } => {
                let troubled = self.troubled();
                // Few commands are lost: the platform sends them again by itself.
                let lost = troubled && self.draw(4) == 0;
                let known = lost || self.accepted.contains(&number);
                let decided = if known { Ok(()) } else { self.decide(&command) };
                if decided.is_ok() && !lost {
                    self.accepted.push(number);
                }
                let outcome = match decided {
                    _ if troubled => CommandOutcome::Unknown,
                    Ok(()) => CommandOutcome::Accepted(Token {
                        stream: BOOKING.stream(),
                        version: Version(0),
                    }),
                    Err(rejection) => CommandOutcome::Refused(rejection),
                };
                let at = self.soon(20);
                self.at(at, Occurrence::Answer { epoch: self.epoch, command, outcome });
                if self.draw(2) == 0 {
                    self.wake(&Stimulus::Subject);
                }
            }
            Occurrence::Answer { epoch, command, outcome } => {
                if epoch == self.epoch && !self.down {
                    self.wake(&Stimulus::Answered(&command, &outcome));
                }
            }
            Occurrence::Request { call, service, request, fails, reply } => {
                let (flights, now) = (self.given.world.clone(), self.now);
                let as_of = self.truth_of(service);
                let ledger = &mut self.ledgers[usize::from(service.0)];
                let mut entries = Vec::new();
                let lookup = Flights::look_up(&flights, service, ledger, &request, as_of);
                let said = match fails {
                    Fails::Not if lookup.is_some() => lookup.expect("the answer to a lookup"),
                    Fails::Before => Flights::fail(&flights, service, ledger, &request, false, now),
                    Fails::Not => {
                        Flights::serve(&flights, service, ledger, &request, now, &mut entries)
                    }
                    Fails::After => {
                        Flights::serve(&flights, service, ledger, &request, now, &mut entries);
                        let happened = !entries.is_empty();
                        Flights::fail(&flights, service, ledger, &request, happened, now)
                    }
                };
                self.enter(service, entries);
                self.lapse();
                if let Some(after) = reply {
                    self.at(self.now + after, Occurrence::Reply { call, service, reply: said });
                }
            }
            // A webhook is sent until it is received, an answer once.
            Occurrence::Reply { call, service, reply } if self.down => {
                if call == u64::MAX {
                    let at = self.now + Span::from_secs(10);
                    self.at(at, Occurrence::Reply { call, service, reply });
                }
            }
            Occurrence::Reply { call, service, reply } => {
                self.answered.push(call);
                self.wake(&Stimulus::Replied(service, &reply));
                // A webhook whose receiver crashed is not confirmed.
                if self.down && call == u64::MAX {
                    let at = self.now + Span::from_secs(10);
                    self.at(at, Occurrence::Reply { call, service, reply });
                }
            }
            Occurrence::Patience { epoch, call, service, request } => {
                if epoch == self.epoch && !self.down && !self.answered.contains(&call) {
                    self.wake(&Stimulus::Silent(service, &request));
                }
            }
            Occurrence::Timer { timer, due } if self.down => {
                self.at(self.now + Span::from_secs(2), Occurrence::Timer { timer, due });
            }
            Occurrence::Timer { timer, due } => {
                if self.timers.get(&timer) == Some(&due) {
                    self.timers.remove(&timer);
                    self.wake(&Stimulus::Due(timer));
                }
            }
            Occurrence::Fault { service, inject, random } => {
                let ledger = &mut self.ledgers[usize::from(service.0)];
                let mut entries = Vec::new();
                (Flights::FAULTS[inject].inject)(ledger, random, self.now, &mut entries);
                self.enter(service, entries);
                self.lapse();
            }
            Occurrence::Lapse => {
                self.lapse_at = None;
                self.lapse();
            }
            Occurrence::Loss { to } => {
                self.forget(to);
                self.send_again();
                self.report(to);
                self.wake(&Stimulus::Resumed);
                self.wake(&Stimulus::Subject);
            }
            Occurrence::Restart => {
                self.epoch += 1;
                self.down = false;
                self.send_again();
                self.wake(&Stimulus::Resumed);
                self.wake(&Stimulus::Subject);
            }
        }
    }

    /// What is due at the provider happens. The vendors' unpaid orders lapse only at the end.
    fn lapse(&mut self) {
        let (provider, mut entries) = (self.given.world.provider(), Vec::new());
        let ledger = &mut self.ledgers[usize::from(provider.0)];
        let next = Flights::lapse(&self.given.world, provider, ledger, self.now, &mut entries);
        self.enter(provider, entries);
        if let Some(next) = next.filter(|next| self.lapse_at.is_none_or(|set| *next < set)) {
            self.lapse_at = Some(next);
            self.at(next, Occurrence::Lapse);
        }
    }

    /// The time whose truth a lookup shows now.
    fn truth_of(&mut self, service: ServiceId) -> Instant {
        if !self.lags {
            return self.now;
        }
        let stated = self.given.world.lookup_lag(service).as_micros();
        let lag = Span::from_micros(self.draw(stated + 1));
        Instant::ZERO + self.now.since(Instant::ZERO + lag)
    }

    fn decide(&mut self, command: &Command) -> Result<(), Rejection> {
        let [_, ahead] = self.ahead;
        let events = self.given.at(self.now + ahead).when(command.clone())?;
        self.given.apply(&events);
        Ok(())
    }

    /// Sends what is recorded and still wanted, as the orchestrator does after a restart.
    fn send_again(&mut self) {
        let (saga, flights) = (self.given.streams.get(&BOOKING.saga()).cloned(), &self.given.world);
        let Some((_, saga)) = saga.filter(|(_, saga)| !Flights::is_over(flights, saga)) else {
            return;
        };
        let mut wanted: Vec<(u64, Effect<Flights>)> = Vec::new();
        for (number, effect) in (0..).zip(&self.called_for) {
            let call = matches!(effect, Effect::Call { .. });
            if !call && Flights::still_wants(flights, &saga, effect) {
                wanted.retain(|(_, earlier)| earlier != effect);
                wanted.push((number, effect.clone()));
            }
        }
        for (number, effect) in wanted {
            self.perform(number, effect);
        }
    }

    fn wake(&mut self, stimulus: &Stimulus<'_, Flights>) {
        if self.down {
            return;
        }
        self.wakes += 1;
        let death = self.death.filter(|(nth, _)| *nth == self.wakes).map(|(_, death)| death);
        if death.is_some() {
            self.down = true;
            self.at(self.now + Span::from_secs(1), Occurrence::Restart);
        }
        if death == Some(Death::Before) {
            return;
        }
        let flights = self.given.world.clone();
        let blank = |stream| flights.blank(stream);
        let fold = |stream| match self.given.streams.get(&stream) {
            Some((_, state)) => state.clone(),
            None => blank(stream),
        };
        let (saga, subject) = (fold(BOOKING.saga()), fold(BOOKING.stream()));
        let events = Flights::react(&flights, &saga, &subject, stimulus, self.now);
        for event in events {
            self.given.apply(&[(BOOKING.saga(), event.clone())]);
            if let Event::Saga(record) = &event {
                self.records.push(record.clone());
            }
            let state = fold_after(&self.given);
            for effect in Flights::effects(&flights, &state, &event) {
                let number = self.called_for.len() as u64;
                self.called_for.push(effect.clone());
                if death != Some(Death::Between) {
                    self.perform(number, effect);
                }
            }
        }
    }

    fn perform(&mut self, number: u64, effect: Effect<Flights>) {
        match effect {
            Effect::Command(command) => {
                let at = self.soon(20);
                self.at(at, Occurrence::Command { number, command });
            }
            Effect::Call { service, request, patience } => self.call(service, request, patience),
            Effect::SetTimer(timer, due) => {
                self.timers.insert(timer, due);
                let [ahead, _] = self.ahead;
                let fires = Instant::ZERO + due.since(Instant::ZERO + ahead);
                self.at(fires.max(self.now), Occurrence::Timer { timer, due });
            }
            Effect::CancelTimer(timer) => {
                self.timers.remove(&timer);
            }
        }
    }

    /// Writes lines into a service's ledger; its webhooks follow soon, and often twice.
    fn enter(&mut self, service: ServiceId, entries: Vec<Entry>) {
        for entry in entries {
            if let Some((_, reply)) = Flights::webhook(&self.given.world, service, &entry) {
                for _ in 0..=self.draw(2) {
                    let (at, reply) = (self.soon(4_000), reply.clone());
                    self.at(at, Occurrence::Reply { call: u64::MAX, service, reply });
                }
            }
            self.entries.push((self.now, service, entry));
        }
    }

    /// Sends a request. Under faults it or its reply is slow, lost or doubled.
    fn call(&mut self, service: ServiceId, request: Request, patience: Span) {
        self.scheduled += 1;
        let (call, epoch) = (self.scheduled, self.epoch);
        let given_up = Occurrence::Patience { epoch, call, service, request: request.clone() };
        self.at(self.now + patience, given_up);
        let fate = if self.troubled() { 1 + self.draw(7) } else { 0 };
        let slow = Span::from_millis(2_000 + self.draw(4_000));
        let quick = Span::from_millis(1 + self.draw(100));
        let crawls = self.slow.is_some_and(|(who, until)| who == service && self.now < until);
        let (there, back, twice) = match fate {
            0 if crawls => (Some(quick), Some(Span::from_secs(5)), false),
            0 => (Some(quick), Some(quick), false),
            1 => (Some(slow), Some(quick), false),
            2 => (Some(quick), Some(slow), false),
            3 => (None, None, false),
            4 => (Some(quick), None, false),
            5 => (Some(quick), Some(quick), true),
            _ => (Some(quick), Some(quick), false),
        };
        let fails = match fate {
            6 => Fails::Before,
            7 => Fails::After,
            _ => Fails::Not,
        };
        let from = Instant::ZERO + Span::from_millis(3_500);
        let muted = |(who, until)| who == service && from <= self.now && self.now < until;
        let Some(there) = there.filter(|_| !self.muted.is_some_and(muted)) else { return };
        let asked = |fails, reply| {
            let request = request.clone();
            Occurrence::Request { call, service, request, fails, reply }
        };
        self.at(self.now + there, asked(fails, back));
        if twice {
            self.at(self.now + there + slow, asked(fails, Some(quick)));
        }
    }

    fn troubled(&mut self) -> bool {
        self.now < self.faults.fair_from && self.draw(10) < self.faults.trouble
    }

    fn soon(&mut self, ms: u64) -> Instant {
        self.now + Span::from_millis(1 + self.draw(ms))
    }

    fn at(&mut self, at: Instant, occurrence: Occurrence) {
        self.scheduled += 1;
        self.queue.insert((at, self.scheduled), occurrence);
    }

    /// Much later: unpaid orders have lapsed.
    fn lapse_everything(&mut self) {
        for (number, ledger) in (0..).zip(&mut self.ledgers) {
            let mut entries = Vec::new();
            let service = ServiceId(number);
            Flights::lapse(&self.given.world, service, ledger, Instant::MAX, &mut entries);
            self.entries.extend(entries.into_iter().map(|entry| (Instant::MAX, service, entry)));
        }
    }
}

fn fold_after(given: &Given) -> crate::domains::flights::state::State {
    given.streams[&BOOKING.saga()].1.clone()
}
