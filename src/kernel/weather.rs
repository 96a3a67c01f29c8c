//! What may go wrong, when, where and how often: the faults of a run.
//!
//! ```text
//!   Forecast: what is scripted ──┐
//!             what may be drawn ─┼─▶ Weather ──▶ a fault at its place, with its size; or 0
//!   what a capsule forces ───────┘       └─────▶ Ledger: asked for, fired, seen
//! ```
//!
//! Every fault is a choice like any other: it is drawn at a site of its own, about something, and 0
//! means that nothing happens. A seed decides for each run which of the allowed faults exist in it at
//! all, how often they come and how many there may be. When the calm begins all of it ends.

use super::choice::{Choices, Ratio, Site, Space};
use super::name::{Actor, Entity, Kind, NodeId};
use super::time::{Instant, Span};

/// How often a fault comes in this run, if it exists in it at all; about each fault.
pub const FAULT_RATE: Site = Site::new(1, "fault.rate");
/// How many faults are drawn in this run at most.
pub const FAULT_BUDGET: Site = Site::new(2, "fault.budget");

/// One in so many: the rates at which a fault can come.
const RATES: [u32; 6] = [3, 12, 50, 200, 800, 3200];

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
    /// How long, in microseconds, and it lasts: what is scripted lasts until its end.
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
pub struct Spell {
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
pub struct Forecast {
    /// What is scripted.
    pub spells: Vec<Spell>,
    /// What may be drawn.
    pub fuzz: Fuzz,
    /// From when on nothing goes wrong any more.
    pub calm_from: Instant,
}

impl Default for Forecast {
    /// Nothing, ever.
    fn default() -> Self {
        Self { spells: Vec::new(), fuzz: Fuzz::default(), calm_from: Instant::MAX }
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
pub struct Ledger {
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
pub(super) struct Weather {
    /// The sites at which something other than 0 can come out.
    sites: u128,
    spells: Vec<(Spell, Progress)>,
    rates: Vec<(Site, Ratio)>,
    budget: u64,
    pub(super) calm_from: Instant,
    accounts: Vec<Account>,
    /// Faults whose only trace is that somebody waits in vain: at whom they fired, and who may notice.
    silent: Vec<(&'static Fault, NodeId, [NodeId; 2])>,
    /// What fired during the present occurrence.
    pub(super) news: Vec<Fired>,
}

/// How far a scripted fault is.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    met: u64,
    fired: u64,
}

impl Default for Weather {
    fn default() -> Self {
        Self::new(&Forecast::default(), &mut Choices::default())
    }
}

impl Weather {
    /// The weather of a run: a seed decides what of the forecast's fuzz there is to it.
    pub(super) fn new(forecast: &Forecast, choices: &mut Choices) -> Self {
        let mut sites = choices.forced_sites();
        let mut rates = Vec::new();
        for fault in &forecast.fuzz.faults {
            let about = Entity(u64::from(fault.site.index()));
            let nobody = Actor::node(NodeId(0));
            let absent = RATES.len() as u64;
            let drawn = choices.draw(
                FAULT_RATE,
                nobody,
                about,
                Space::up_to(absent + RATES.len() as u64 - 1),
            );
            if let Some(rate) = drawn.checked_sub(absent) {
                rates.push((fault.site, Ratio { times: 1, of: RATES[rate as usize] }));
                sites |= 1 << fault.site.index();
            }
        }
        let most = u64::from(forecast.fuzz.budget);
        let budget =
            choices.draw(FAULT_BUDGET, Actor::node(NodeId(0)), Entity(0), Space::up_to(most));
        for spell in &forecast.spells {
            sites |= 1 << spell.fault.site.index();
        }
        let spells = forecast.spells.iter().map(|spell| (*spell, Progress::default()));
        Self {
            sites,
            spells: spells.collect(),
            rates,
            budget,
            calm_from: forecast.calm_from,
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
        if now >= self.calm_from {
            return (0, None);
        }
        let spell = self.spells.iter_mut().find_map(|(spell, progress)| {
            let here = spell.fault == fault && spell.covers(actor, now);
            (here && progress.is_on(spell)).then_some((*spell, progress))
        });
        let scripted = spell.as_ref().map(|(spell, _)| spell.size_now(now, self.calm_from));
        let rate = self.rates.iter().find(|(site, _)| *site == fault.site);
        let chance = match rate {
            Some((_, ratio)) if self.budget > 0 => *ratio,
            Some(_) | None => Ratio::NEVER,
        };
        let space = Space::sized(chance, fault.sizes);
        let size = choices.draw_fault(fault.site, actor, entity, space, scripted);
        let mut until = None;
        if size > 0 {
            match spell {
                Some((spell, progress)) => {
                    progress.fired += 1;
                    until = Some(spell.until);
                }
                None => self.budget = self.budget.saturating_sub(1),
            }
            self.account(fault, actor).fired += 1;
            self.news.push(Fired { fault, actor, entity, size });
        }
        (size, until)
    }

    fn account(&mut self, fault: &'static Fault, actor: Actor) -> &mut Account {
        let node = match fault.scope {
            Scope::Link | Scope::Pair => actor.from,
            Scope::Node => actor.to,
        };
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
    pub(super) fn ledger(&self) -> Ledger {
        let mut accounts = self.accounts.clone();
        accounts.sort_unstable_by_key(|account| (account.fault.site, account.node));
        let scripted = self.spells.iter().map(|(_, progress)| progress.fired).collect();
        let met = self.spells.iter().map(|(_, progress)| progress.met).collect();
        Ledger { accounts, scripted, met }
    }
}

impl Progress {
    /// Counts one opportunity; whether it is taken.
    fn is_on(&mut self, spell: &Spell) -> bool {
        self.met += 1;
        self.met > spell.skip && self.fired < spell.times
    }
}

impl Spell {
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
    fn size_now(&self, now: Instant, calm_from: Instant) -> u64 {
        let usual = self.fault.sizes[0];
        let whole = |span: Span| span.as_micros().max(1);
        match self.fault.unit {
            Unit::Once | Unit::Times | Unit::Span => self.size.unwrap_or(usual),
            Unit::Lasting => {
                let end = self.until.min(calm_from);
                let left = if end == Instant::MAX { usual } else { whole(end.since(now)) };
                self.size.map_or(left, |size| size.min(left))
            }
        }
    }
}
