//! What may go wrong, when, where and how often: the faults of a run.
//!
//! ```text
//!   FaultPlan: what is scripted ──┐
//!             what may be drawn ─┼─▶ FaultInjector ──▶ a fault at its place, with its size; or 0
//!   what a capsule forces ───────┘       └─────▶ FaultLedger: asked for, fired, seen
//! ```
//!
//! Every fault is a choice like any other: it is drawn at a site of its own, about something, and 0
//! means that nothing happens. A seed decides for each run which of the allowed faults exist in it at
//! all, how often they come and how many there may be. When the calm begins all of it ends.

use super::choice::{Choices, Ratio, Site, Space};
use super::name::{Actor, Entity, Kind, NodeId};
use super::time::{Instant, Span};

/// How often a fault comes in this run, if it exists in it at all; about each fault.
pub(crate) const FAULT_RATE: Site = Site::new(1, "fault.rate");
/// How many faults are drawn in this run at most.
pub(crate) const FAULT_BUDGET: Site = Site::new(2, "fault.budget");
/// How few of the allowed faults exist in this run.
pub(crate) const FAULT_KINDS: Site = Site::new(36, "fault.kinds");
/// How many opportunities are let pass before a fault can come; about each fault.
pub(crate) const FAULT_SKIP: Site = Site::new(37, "fault.skip");
/// Whether a fault is for some nodes only, and for which; about each fault.
pub(crate) const FAULT_REACH: Site = Site::new(38, "fault.reach");

/// One in so many: the rates at which a fault can come. Some have an opportunity or two in a run, and
/// others hundreds.
const RATES: [u32; 7] = [1, 3, 12, 50, 200, 800, 3200];
/// How many opportunities a fault may let pass, if it does not come from the beginning.
const SKIPS: [u64; 4] = [5, 20, 80, 320];
/// What is drawn for a node, from 0, if a fault that is for some nodes only is for that one.
const FEW: u64 = 6;

/// A way in which something can go wrong.
#[derive(Clone, Copy, Debug, Eq)]
pub struct Fault {
    /// Where it is drawn.
    pub site: Site,
    /// What it is called in scenario files.
    pub name: &'static str,
    /// What it belongs to: `Link`, `Node`, `Store`.
    pub family: &'static str,
    /// What it happens to.
    pub scope: Scope,
    /// What its size means.
    pub unit: Unit,
    /// The sizes in which it is drawn; the first is what a script gets that names none.
    pub sizes: &'static [u64],
    /// What happens.
    pub says: &'static str,
    /// What of the real world it stands for.
    pub stands_for: &'static str,
}

/// What a fault happens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// A message on its way from one node to another.
    Link,
    /// Two nodes, in both directions.
    Pair,
    /// A node.
    Node,
}

/// What the size of a fault means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Nothing: it happens or it does not.
    Once,
    /// How often.
    Times,
    /// How long, in microseconds.
    Span,
    /// How long, in microseconds, and it lasts: what is scripted without saying how long lasts until
    /// its end.
    Lasting,
}

impl PartialEq for Fault {
    fn eq(&self, other: &Self) -> bool {
        self.site == other.site
    }
}

impl std::hash::Hash for Fault {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.site.index().hash(state);
    }
}

/// A scripted fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScriptedFault {
    /// Which.
    pub fault: &'static Fault,
    /// From when on.
    pub from: Instant,
    /// Until when; to the end of the chaos if that is earlier.
    pub until: Instant,
    /// At which node, or from which; any if `None`.
    pub node: Option<NodeId>,
    /// To which node; any if `None`.
    pub to: Option<NodeId>,
    /// Only about messages of this kind.
    pub kind: Option<Kind>,
    /// How large, if not as large as usual.
    pub size: Option<u64>,
    /// So many opportunities are let pass first.
    pub skip: u64,
    /// It happens no more often than this.
    pub times: u64,
}

/// What may be drawn by seed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fuzz {
    /// Which faults.
    pub faults: Vec<&'static Fault>,
    /// How many in one run at most.
    pub budget: u32,
}

/// All that may go wrong in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultPlan {
    /// What is scripted.
    pub scripted: Vec<ScriptedFault>,
    /// What may be drawn.
    pub fuzz: Fuzz,
    /// From when on nothing goes wrong any more.
    pub recovery_from: Instant,
}

impl Default for FaultPlan {
    /// Nothing, ever.
    fn default() -> Self {
        Self { scripted: Vec::new(), fuzz: Fuzz::default(), recovery_from: Instant::MAX }
    }
}

/// A fault that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fired {
    /// Which.
    pub fault: &'static Fault,
    /// To whom, or to which kind of message between whom.
    pub actor: Actor,
    /// About what.
    pub entity: Entity,
    /// How large it was.
    pub size: u64,
}

/// How often a fault fired at a node, and how often somebody noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Which fault.
    pub fault: &'static Fault,
    /// At which node, or from which.
    pub node: NodeId,
    /// How often it fired.
    pub fired: u64,
    /// How often a handler met with what it did.
    pub seen: u64,
}

/// What became of all that was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultLedger {
    /// Faults that fired, by fault and node.
    pub accounts: Vec<Account>,
    /// How often each scripted fault fired, in order of the script.
    pub scripted: Vec<u64>,
    /// How many opportunities each of them met with, in the same order.
    pub met: Vec<u64>,
}

/// A fault that an occurrence brings to its handler, and at which node it fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The site of the fault, which is never 0; 0 if there is none.
    site: u8,
    node: NodeId,
}

impl Mark {
    pub(super) const NONE: Self = Self { site: 0, node: NodeId(0) };

    pub(super) const fn of(fault: &Fault, node: NodeId) -> Self {
        Self { site: fault.site.index(), node }
    }

    /// Marks what is not marked yet.
    pub(super) fn add(&mut self, fault: &Fault, node: NodeId) {
        if self.site == 0 {
            *self = Self::of(fault, node);
        }
    }
}

/// The weather of one run.
#[derive(Clone, Debug)]
pub(super) struct FaultInjector {
    /// The sites at which something other than 0 can come out.
    sites: u128,
    scripted: Vec<(ScriptedFault, Progress)>,
    rates: Vec<FaultRate>,
    budget: u64,
    pub(super) recovery_from: Instant,
    accounts: Vec<Account>,
    /// Faults whose only trace is that somebody waits in vain: at whom they fired, and who may notice.
    silent: Vec<(&'static Fault, NodeId, [NodeId; 2])>,
    /// What fired during the present occurrence.
    pub(super) news: Vec<Fired>,
}

/// How one fault behaves in this run.
#[derive(Clone, Debug)]
struct FaultRate {
    site: Site,
    rate: Ratio,
    /// So many opportunities are still let pass.
    skip: u64,
    /// If it is for some nodes only: of which nodes it is known by now whether it is for them.
    picky: Option<Vec<(NodeId, bool)>>,
}

/// How far a scripted fault is.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    met: u64,
    fired: u64,
}

impl Default for FaultInjector {
    fn default() -> Self {
        Self::new(&FaultPlan::default(), &mut Choices::default())
    }
}

impl FaultInjector {
    /// The weather of a run: a seed decides what of the forecast's fuzz there is to it.
    pub(super) fn new(faults: &FaultPlan, choices: &mut Choices) -> Self {
        let mut sites = choices.forced_sites();
        let rates = rates(&faults.fuzz.faults, choices);
        sites |= rates.iter().fold(0, |sites, rate| sites | 1 << rate.site.index());
        let most = u64::from(faults.fuzz.budget);
        let budget =
            choices.draw(FAULT_BUDGET, Actor::node(NodeId(0)), Entity(0), Space::up_to(most));
        for scripted in &faults.scripted {
            sites |= 1 << scripted.fault.site.index();
        }
        let scripted = faults.scripted.iter().map(|scripted| (*scripted, Progress::default()));
        Self {
            sites,
            scripted: scripted.collect(),
            rates,
            budget,
            recovery_from: faults.recovery_from,
            accounts: Vec::new(),
            silent: Vec::new(),
            news: Vec::new(),
        }
    }

    /// Whether the fault can come at all.
    #[inline]
    pub(super) const fn may(&self, fault: &Fault) -> bool {
        self.sites >> fault.site.index() & 1 == 1
    }

    /// Whether any of these faults can come.
    #[inline]
    pub(super) const fn any_of(&self, sites: u128) -> bool {
        self.sites & sites != 0
    }

    /// Draws whether `fault` happens here and now: how large it is, and until when it was scripted.
    pub(super) fn strike(
        &mut self,
        fault: &'static Fault,
        actor: Actor,
        entity: Entity,
        now: Instant,
        choices: &mut Choices,
    ) -> (u64, Option<Instant>) {
        if now >= self.recovery_from {
            return (0, None);
        }
        // Every spell counts the opportunity; the first that takes it has it.
        let mut taken = None;
        for (candidate, progress) in &mut self.scripted {
            let here = candidate.fault == fault && candidate.covers(actor, now);
            if here && progress.is_on(candidate) && taken.is_none() {
                taken = Some((*candidate, progress));
            }
        }
        let size = taken.as_ref().map(|(scripted, _)| scripted.size_now(now, self.recovery_from));
        let rate = self.rates.iter_mut().find(|rate| rate.site == fault.site);
        let chance = match rate {
            Some(rate) if self.budget > 0 => rate.chance(node_of(fault, actor), choices),
            Some(_) | None => Ratio::NEVER,
        };
        let space = Space::sized(chance, fault.sizes);
        let size = choices.draw_fault(fault.site, actor, entity, space, size);
        let mut until = None;
        if size > 0 {
            match taken {
                Some((scripted, progress)) => {
                    progress.fired += 1;
                    until = Some(match (fault.unit, scripted.size) {
                        (Unit::Lasting, Some(_)) => now + Span::from_micros(size),
                        (Unit::Lasting | Unit::Once | Unit::Times | Unit::Span, _) => {
                            scripted.until
                        }
                    });
                }
                None => self.budget = self.budget.saturating_sub(1),
            }
            self.account(fault, actor).fired += 1;
            self.news.push(Fired { fault, actor, entity, size });
        }
        (size, until)
    }

    fn account(&mut self, fault: &'static Fault, actor: Actor) -> &mut Account {
        let node = node_of(fault, actor);
        let known = |account: &Account| account.fault == fault && account.node == node;
        let place = self.accounts.iter().position(known).unwrap_or_else(|| {
            self.accounts.push(Account { fault, node, fired: 0, seen: 0 });
            self.accounts.len() - 1
        });
        &mut self.accounts[place]
    }

    /// A handler met with what a fault did.
    pub(super) fn seen(&mut self, mark: Mark) {
        let meant = |account: &&mut Account| {
            account.fault.site.index() == mark.site && account.node == mark.node
        };
        if let Some(account) = self.accounts.iter_mut().find(meant) {
            account.seen = account.fired.min(account.seen + 1);
        }
    }

    /// A fault that fired at `node` shows when one of `witnesses` has waited long enough.
    pub(super) fn shows_late(
        &mut self,
        fault: &'static Fault,
        node: NodeId,
        witnesses: [NodeId; 2],
    ) {
        if !self.silent.contains(&(fault, node, witnesses)) {
            self.silent.push((fault, node, witnesses));
        }
    }

    /// `witness` has waited long enough.
    pub(super) fn waited(&mut self, witness: NodeId) {
        if self.silent.is_empty() {
            return;
        }
        let shown = |(_, _, witnesses): &mut (_, _, [NodeId; 2])| witnesses.contains(&witness);
        for (fault, node, _) in self.silent.extract_if(.., shown).collect::<Vec<_>>() {
            self.seen(Mark::of(fault, node));
        }
    }

    /// What became of all that was asked for.
    pub(super) fn ledger(&self) -> FaultLedger {
        let mut accounts = self.accounts.clone();
        accounts.sort_unstable_by_key(|account| (account.fault.site, account.node));
        let scripted = self.scripted.iter().map(|(_, progress)| progress.fired).collect();
        let met = self.scripted.iter().map(|(_, progress)| progress.met).collect();
        FaultLedger { accounts, scripted, met }
    }
}

/// At which node a fault happens, or from which.
const fn node_of(fault: &Fault, actor: Actor) -> NodeId {
    match fault.scope {
        Scope::Link | Scope::Pair => actor.from,
        Scope::Node => actor.to,
    }
}

/// Which faults there are in this run, and how each behaves.
///
/// What a run can bear of faults is little. If all of them were there in every run, those with the most
/// opportunities would use it up before the others had their first: messages are lost hundreds of times
/// before a payment can fail. So many runs have few faults, some faults come late, and some come to few
/// nodes.
fn rates(faults: &[&'static Fault], choices: &mut Choices) -> Vec<FaultRate> {
    let nobody = Actor::node(NodeId(0));
    let sparsest = u64::from(faults.len().max(1).ilog2().saturating_sub(2).min(3));
    let sparse = choices.draw(FAULT_KINDS, nobody, Entity(0), Space::up_to(sparsest));
    let count = RATES.len() as u64;
    let absent = count * ((2 << sparse) - 1);
    let mut rates = Vec::new();
    for fault in faults {
        let about = Entity(u64::from(fault.site.index()));
        let drawn = choices.draw(FAULT_RATE, nobody, about, Space::up_to(absent + count - 1));
        let Some(rate) = drawn.checked_sub(absent) else { continue };
        let rate = Ratio { times: 1, of: RATES[rate as usize] };
        let early = SKIPS.len() as u64;
        let late = choices.draw(FAULT_SKIP, nobody, about, Space::up_to(2 * early - 1));
        let skip = late.checked_sub(early).map_or(0, |late| SKIPS[late as usize]);
        let picky = choices.draw(FAULT_REACH, nobody, about, Space::up_to(1)) > 0;
        let picky = picky.then(Vec::new);
        rates.push(FaultRate { site: fault.site, rate, skip, picky });
    }
    rates
}

impl FaultRate {
    /// How likely the fault is at `node` now. An opportunity counts only where the fault can come.
    fn chance(&mut self, node: NodeId, choices: &mut Choices) -> Ratio {
        if !self.reaches(node, choices) {
            return Ratio::NEVER;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return Ratio::NEVER;
        }
        self.rate
    }

    fn reaches(&mut self, node: NodeId, choices: &mut Choices) -> bool {
        let Some(known) = &mut self.picky else { return true };
        if let Some((_, reached)) = known.iter().find(|(other, _)| *other == node) {
            return *reached;
        }
        let about = Entity(u64::from(self.site.index()));
        let drawn = choices.draw(FAULT_REACH, Actor::node(node), about, Space::up_to(FEW));
        known.push((node, drawn == FEW));
        drawn == FEW
    }
}

impl Progress {
    /// Counts one opportunity; whether it is taken.
    fn is_on(&mut self, scripted: &ScriptedFault) -> bool {
        self.met += 1;
        self.met > scripted.skip && self.fired < scripted.times
    }
}

impl ScriptedFault {
    fn covers(&self, actor: Actor, now: Instant) -> bool {
        if now < self.from || now >= self.until || self.kind.is_some_and(|kind| kind != actor.kind)
        {
            return false;
        }
        let is = |wanted: Option<NodeId>, node| wanted.is_none_or(|wanted| wanted == node);
        let along = is(self.node, actor.from) && is(self.to, actor.to);
        let against = is(self.node, actor.to) && is(self.to, actor.from);
        match self.fault.scope {
            Scope::Node => is(self.node, actor.to),
            Scope::Link if self.to.is_some() => along,
            Scope::Link | Scope::Pair => along || against,
        }
    }

    /// How large it is if it happens now: what lasts, lasts until its end.
    fn size_now(&self, now: Instant, recovery_from: Instant) -> u64 {
        let usual = self.fault.sizes[0];
        let whole = |span: Span| span.as_micros().max(1);
        match self.fault.unit {
            Unit::Once | Unit::Times | Unit::Span => self.size.unwrap_or(usual),
            Unit::Lasting => {
                let end = self.until.min(recovery_from);
                let left = if end == Instant::MAX { usual } else { whole(end.since(now)) };
                self.size.map_or(left, |size| size.min(left))
            }
        }
    }
}
