//! The work that is measured: PHOLD and a ring of messages.

use jetlag::internals::kernel::{
    Budget, Choices, Context, Delivery, Entity, Holds, Instant, Kernel, Kind, Link, Links, Model,
    NodeId, Overrides, Payload, Policy, Simulation, Span, Stop,
};

/// How many nodes there are.
pub(crate) const NODES: u16 = 10;

/// With what the kernel keeps beside it a payload takes 104 bytes while it is pending.
#[derive(Clone, Copy)]
pub(crate) struct Parcel {
    pub(crate) kind: u16,
    pub(crate) entity: u64,
    pub(crate) goods: [u64; 8],
}

impl Parcel {
    pub(crate) fn new(entity: u64) -> Self {
        Self { kind: 1, entity, goods: [entity; 8] }
    }
}

impl Payload for Parcel {
    fn kind(&self) -> Kind {
        Kind(self.kind)
    }

    fn entity(&self) -> Entity {
        Entity(self.entity)
    }
}

/// Integer delays, even between a nanosecond and a second: as cheap as chance can be.
#[derive(Clone)]
pub(crate) struct Delays(pub(crate) u64);

impl Delays {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let bits = mixed ^ (mixed >> 31);
        1 + ((u128::from(bits) * 1_000_000_000) >> 64) as u64
    }
}

/// Sets one timer for each that fires.
pub(crate) struct Phold(Delays);

impl Model for Phold {
    type Payload = Parcel;

    fn handle(&mut self, delivery: Delivery<Parcel>, context: &mut Context<'_, Parcel>) {
        let delay = self.0.next();
        let mut parcel = delivery.payload;
        parcel.goods[0] ^= delay;
        context.timer(Span::from_nanos(delay), parcel);
    }

    fn idle(&self) -> bool {
        false
    }
}

/// Passes each message on to the next node.
pub(crate) struct Ring;

impl Model for Ring {
    type Payload = Parcel;

    fn handle(&mut self, delivery: Delivery<Parcel>, context: &mut Context<'_, Parcel>) {
        context.send(NodeId((delivery.to.0 + 1) % NODES), delivery.payload);
    }

    fn idle(&self) -> bool {
        false
    }
}

fn kernel(policy: Policy) -> Kernel<Parcel> {
    let link = Link { base: Span::from_micros(100), jitter: Span::from_micros(50), ordered: false };
    let links = Links::new(usize::from(NODES), link);
    Kernel::new(links, Choices::new(policy, Overrides::default()), Holds::default())
}

/// A budget that stops after `occurrences` and for nothing else.
fn budget(occurrences: u64) -> Budget {
    Budget { occurrences, until: Instant::MAX, pending: u64::MAX, ..Budget::default() }
}

/// So many timers, each of which sets one more when it fires.
pub(crate) fn phold(pending: u64) -> Simulation<Phold> {
    let mut kernel = kernel(Policy::Benign);
    let mut delays = Delays(pending);
    for nth in 0..pending {
        let delay = Span::from_nanos(delays.next());
        kernel.context(NodeId((nth % 10) as u16)).timer(delay, Parcel::new(nth));
    }
    Simulation { kernel, model: Phold(delays) }
}

/// So many messages on their way around the nodes.
pub(crate) fn ring(seed: u64, in_flight: u16) -> Simulation<Ring> {
    let mut kernel = kernel(Policy::seeded(seed));
    for node in 0..in_flight {
        let next = NodeId((node + 1) % NODES);
        kernel.context(NodeId(node)).send(next, Parcel::new(u64::from(node)));
    }
    Simulation { kernel, model: Ring }
}

/// Runs for so many occurrences.
pub(crate) fn advance<M: Model>(simulation: &mut Simulation<M>, occurrences: u64) {
    let goal = simulation.kernel.steps() + occurrences;
    assert_eq!(simulation.run(&budget(goal)), Stop::OutOfOccurrences);
}
