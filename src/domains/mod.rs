//! The systems that the platform is put to work for, and the one place that names them all.
//!
//! Code that works for every domain is written once, as a [`Visitor`], and compiled for each.

use crate::platform::Domain;
use crate::scenario::{Diagnostic, Probe, Scenario, ScenarioDomain};

pub mod accounts;
pub mod flights;
pub mod money;
pub mod orders;

use accounts::Accounts;
use flights::Flights;
use orders::Orders;

/// The names of all domains, as scenario files call them.
pub const NAMES: &[&str] = &[Flights::NAME, Orders::NAME, Accounts::NAME];

/// A scenario of one of the domains.
#[derive(Clone, Debug, PartialEq)]
pub enum AnyScenario {
    /// Plane tickets from several vendors.
    Flights(Scenario<Flights>),
    /// Orders of a shop, with a payment provider and a carrier.
    Orders(Scenario<Orders>),
    /// Accounts of a bank.
    Accounts(Scenario<Accounts>),
}

/// What can be done with a scenario of any domain.
///
/// ```
/// use std::sync::Arc;
/// use jetlag::domains::{self, Visitor};
/// use jetlag::scenario::{Scenario, ScenarioDomain, template};
/// use jetlag::session::{self, Options};
///
/// /// Counts the events of one run.
/// struct Events;
/// impl Visitor for Events {
///     type Output = u64;
///     fn visit<D: ScenarioDomain>(self, scenario: Scenario<D>) -> u64 {
///         session::run(&Arc::new(scenario.plan), &Options::default()).events
///     }
/// }
/// let scenario = domains::load("last_seat.ron", template("last seat").as_bytes()).unwrap();
/// assert!(scenario.visit(Events) > 0);
/// ```
pub trait Visitor {
    /// What comes of it.
    type Output;

    /// Does it.
    fn visit<D: ScenarioDomain>(self, scenario: Scenario<D>) -> Self::Output;
}

/// What can be said of a domain without a scenario.
pub trait Tour {
    /// Comes by a domain.
    fn visit<D: ScenarioDomain>(&mut self);
}

/// Comes by all domains, in the order of [`NAMES`].
pub fn tour(tour: &mut impl Tour) {
    tour.visit::<Flights>();
    tour.visit::<Orders>();
    tour.visit::<Accounts>();
}

/// Reads a scenario of whatever domain. `path` is only named in diagnostics.
///
/// # Errors
///
/// All that is wrong with it, in order of lines.
///
/// ```
/// use jetlag::domains;
/// let text = r#"( name: "nothing", domain: Flights(vendors: []), seed: 7 )"#;
/// assert_eq!(domains::load("trips.ron", text.as_bytes()).unwrap().name(), "nothing");
///
/// let text = r#"( name: "nothing", domain: Flights(vendors: []), sed: 7 )"#;
/// let wrong = domains::load("trips.ron", text.as_bytes()).unwrap_err();
/// assert_eq!(
///     wrong[0].to_string().lines().next(),
///     Some("trips.ron:1:50: there is no field `sed` here"),
/// );
/// ```
pub fn load(path: &str, bytes: &[u8]) -> Result<AnyScenario, Vec<Diagnostic>> {
    let probe = Probe::new(path, bytes)?;
    match probe.domain() {
        Flights::NAME => probe.load().map(AnyScenario::Flights),
        Orders::NAME => probe.load().map(AnyScenario::Orders),
        Accounts::NAME => probe.load().map(AnyScenario::Accounts),
        _ => Err(probe.unknown_domain(NAMES)),
    }
}

impl AnyScenario {
    /// Hands the scenario to someone who works for every domain.
    pub fn visit<V: Visitor>(self, visitor: V) -> V::Output {
        match self {
            Self::Flights(scenario) => visitor.visit(scenario),
            Self::Orders(scenario) => visitor.visit(scenario),
            Self::Accounts(scenario) => visitor.visit(scenario),
        }
    }

    /// What the scenario is called.
    pub fn name(&self) -> &str {
        match self {
            Self::Flights(scenario) => scenario.name(),
            Self::Orders(scenario) => scenario.name(),
            Self::Accounts(scenario) => scenario.name(),
        }
    }

    /// What happens in it.
    pub fn about(&self) -> &str {
        match self {
            Self::Flights(scenario) => scenario.about(),
            Self::Orders(scenario) => scenario.about(),
            Self::Accounts(scenario) => scenario.about(),
        }
    }

    /// Its domain.
    pub const fn domain(&self) -> &'static str {
        match self {
            Self::Flights(_) => Flights::NAME,
            Self::Orders(_) => Orders::NAME,
            Self::Accounts(_) => Accounts::NAME,
        }
    }

    /// The scenario with every default filled in, as a text that reads back to the same scenario.
    pub fn show(&self) -> String {
        match self {
            Self::Flights(scenario) => scenario.show(),
            Self::Orders(scenario) => scenario.show(),
            Self::Accounts(scenario) => scenario.show(),
        }
    }
}
