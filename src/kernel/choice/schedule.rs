//! How the order of deliveries is drawn.

/// How the order of deliveries is drawn, and with it all other choices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Schedule {
    /// Every choice is benign unless it is forced: the default order.
    Benign,
    /// Every message takes a random time within what its link allows.
    #[default]
    Latency,
    /// The next delivery is any of those that the links allow, all equally likely.
    RandomWalk,
    /// Partial order sampling: every delivery has a random priority, and those that race with the one that
    /// was delivered get a new one.
    Pos,
    /// Probabilistic concurrency testing: every chain of causes has a random priority, which is lowered at
    /// this number of random points less one.
    Pct(u8),
    /// The seed draws one of the others.
    Mixture,
}
