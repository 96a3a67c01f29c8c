//! A load: all workers for a while, then until all work is done.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;

use super::bus::Bus;
use super::chaos::Chaos;
use super::follower::Follower;
use super::history::{self, History};
use super::mistake::Mistake;
use super::projector::Projector;
use super::relay::Relay;
use super::session::Session;
use super::writer::{self, Writer};
use crate::postgres::Database;
use crate::proxy::Proxy;

/// How long a worker sleeps that has nothing to do.
pub(super) const IDLE: Duration = Duration::from_millis(5);
/// How long a lease lasts.
pub(super) const LEASE: Duration = Duration::from_millis(400);
/// How long the work after the load may make no progress, at least.
const STANDSTILL: Duration = Duration::from_secs(2);
/// How often each message that is left has been delivered without progress when no more is expected.
const DELIVERIES: u64 = 4;

/// What a load is.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How long writers write at most.
    pub lasts: Duration,
    /// After so many accepted commands they stop.
    pub appends_max: u64,
    /// How many writers there are.
    pub writers: usize,
    /// How many relays, projectors and followers there are, of each.
    pub others: usize,
    /// How many seats a show has.
    pub capacity: u64,
    /// A connection is cut in the course of one of so many statements; 0 for never.
    pub cut_one_in: u32,
    /// A worker crashes at one of so many steps; 0 for never.
    pub crash_one_in: u32,
    /// One of so many transactions stays open for a while; 0 for none.
    pub dawdle_one_in: u32,
    /// Whether a commit waits for the disk.
    pub is_durable: bool,
    /// What is done wrong.
    pub mistake: Option<Mistake>,
    /// What is drawn follows from it, but for what threads do to each other.
    pub seed: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            lasts: Duration::from_secs(3),
            appends_max: u64::MAX,
            writers: 8,
            others: 2,
            capacity: 40,
            cut_one_in: 100,
            crash_one_in: 200,
            dawdle_one_in: 10,
            is_durable: true,
            mistake: None,
            seed: 1,
        }
    }
}

/// What happened, in figures.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// How long writers wrote.
    pub lasted: Duration,
    /// How long the work took that was left.
    pub drained: Duration,
    /// Accepted commands.
    pub appends: u64,
    /// Transactions that met another version.
    pub conflicts: u64,
    /// Transactions that ended with the connection.
    pub unknown: u64,
    /// Messages that relays published.
    pub published: u64,
    /// Events that projectors applied.
    pub applied: u64,
    /// Deliveries that projectors had before.
    pub duplicates: u64,
    /// Events that followers applied.
    pub followed: u64,
    /// Steps that an old token was too late for.
    pub fenced: u64,
    /// Connections that were cut.
    pub cuts: u64,
    /// Workers that crashed.
    pub crashes: u64,
}

/// What all workers share.
pub(super) struct Shared<'a> {
    pub(super) history: &'a History,
    pub(super) bus: Bus,
    pub(super) chaos: Chaos,
    pub(super) capacity: u64,
    mistake: Option<Mistake>,
    is_over: AtomicBool,
    /// The first show that may have seats.
    pub(super) on_sale: AtomicU64,
    /// How many shows there are.
    pub(super) shows: AtomicU64,
    pub(super) appends: AtomicU64,
    pub(super) conflicts: AtomicU64,
    pub(super) unknown: AtomicU64,
    pub(super) published: AtomicU64,
    pub(super) applied: AtomicU64,
    pub(super) duplicates: AtomicU64,
    /// Deliveries to projectors, whatever came of them.
    pub(super) deliveries: AtomicU64,
    pub(super) followed: AtomicU64,
    pub(super) fenced: AtomicU64,
}

impl<'a> Shared<'a> {
    fn new(plan: &Plan, history: &'a History) -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            history,
            bus: Bus::new(plan.seed),
            chaos: Chaos::new(plan.cut_one_in, plan.crash_one_in, plan.dawdle_one_in),
            capacity: plan.capacity,
            mistake: plan.mistake,
            is_over: AtomicBool::new(false),
            on_sale: zero(),
            shows: zero(),
            appends: zero(),
            conflicts: zero(),
            unknown: zero(),
            published: zero(),
            applied: zero(),
            duplicates: zero(),
            deliveries: zero(),
            followed: zero(),
            fenced: zero(),
        }
    }

    /// Whether this is done wrong.
    pub(super) fn has(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    /// What moves as long as work is done: all but deliveries that have to come again.
    fn progress(&self) -> u64 {
        let all = [&self.published, &self.applied, &self.duplicates, &self.followed];
        all.iter().map(|it| at(it)).sum()
    }
}

fn at(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// Runs a load, and returns its figures and the file of its history.
pub fn run(server: SocketAddr, plan: &Plan, folder: &Path) -> io::Result<(Figures, PathBuf)> {
    let database = Database::fresh(server);
    let mut client = database.connect();
    if !plan.is_durable {
        database.let_commits_be_lost();
    }
    for script in [history::MIGRATION, plan.mistake.map_or("", Mistake::migration)] {
        client.batch_execute(script).map_err(io::Error::other)?;
    }
    let history = History::default();
    let shared = Shared::new(plan, &history);
    let proxies: Vec<_> = (0..plan.writers + 3 * plan.others).map(|_| Proxy::to(server)).collect();
    let random = |nth: usize| Rng::with_seed(plan.seed.wrapping_mul(1000) + nth as u64);
    let (killer, named) = channel();
    let session = |nth: usize| {
        let to = (&database, proxies[nth].address());
        Session::new(to, nth, (&shared.chaos, killer.clone()), random(500 + nth))
    };
    let workers: Vec<_> = (0..proxies.len()).map(|nth| (session(nth), random(nth))).collect();
    // The killer ends when there is no one left who could name a connection.
    drop(killer);
    let mut workers = workers.into_iter();
    let mut figures = Figures::default();
    thread::scope(|scope| {
        let (shared, began) = (&shared, Instant::now());
        let mut next = || workers.next().expect("there is one for each");
        let writers: Vec<_> = (0..plan.writers)
            .map(|nth| {
                let (session, random) = next();
                let writer = Writer { nth, shared, session, random };
                let (until, appends_max) = (began + plan.lasts, plan.appends_max);
                scope.spawn(move || writer.run(until, appends_max))
            })
            .collect();
        for nth in 0..plan.others {
            let (session, random) = next();
            scope.spawn(move || Relay { nth, shared, session, random }.run());
            let (session, random) = next();
            scope.spawn(move || Projector { nth, shared, session, random }.run());
            let (session, random) = next();
            scope.spawn(move || Follower { nth, shared, session, random }.run());
        }
        let (proxies, mut its_random) = (&proxies, random(499));
        scope.spawn(move || shared.chaos.kill(&named, proxies, &mut its_random));
        while began.elapsed() < plan.lasts && at(&shared.appends) < plan.appends_max {
            thread::sleep(IDLE);
        }
        shared.chaos.end();
        for writer in writers {
            writer.join().expect("a writer does not panic");
        }
        figures.lasted = began.elapsed();
        drain(shared, &mut client);
        shared.is_over.store(true, Ordering::SeqCst);
        figures.drained = began.elapsed() - figures.lasted;
    });
    figures.appends = at(&shared.appends);
    figures.conflicts = at(&shared.conflicts);
    figures.unknown = at(&shared.unknown);
    figures.published = at(&shared.published);
    figures.applied = at(&shared.applied);
    figures.duplicates = at(&shared.duplicates);
    figures.followed = at(&shared.followed);
    figures.fenced = at(&shared.fenced);
    figures.cuts = at(&shared.chaos.cuts);
    figures.crashes = at(&shared.chaos.crashes);
    let shows = at(&shared.shows);
    drop(shared);
    let shows = (0..shows).map(writer::stream);
    let file = history.export(&mut client, folder, shows, plan.capacity)?;
    Ok((figures, file))
}

/// Waits until all work is done, or until nothing moves any more although there is work.
fn drain(shared: &Shared<'_>, client: &mut postgres::Client) {
    let now = || (shared.progress(), at(&shared.deliveries), Instant::now());
    let mut last = now();
    loop {
        let query = "SELECT (SELECT count(*) FROM jetlag.outbox WHERE sent_at IS NULL),
            (SELECT coalesce(max(position), 0) FROM jetlag.events)
                - (SELECT coalesce(max(position), 0) FROM jetlag.cursors)";
        let row = client.query_one(query, &[]).expect("the database answers");
        let (unsent, ahead): (i64, i64) = (row.get(0), row.get(1));
        let queued = shared.bus.len() as u64;
        if (unsent, ahead, queued) == (0, 0, 0) {
            return;
        }
        let (progress, deliveries, time) = now();
        let is_tried = deliveries - last.1 >= queued * DELIVERIES;
        if progress != last.0 {
            last = (progress, deliveries, time);
        } else if unsent == 0 && ahead <= 0 && is_tried && last.2.elapsed() > STANDSTILL {
            return;
        }
        thread::sleep(IDLE);
    }
}
