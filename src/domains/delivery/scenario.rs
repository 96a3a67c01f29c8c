//! The language of scenario files: the restaurants and couriers, and the actions of customers.

use arrayvec::ArrayVec;
use serde::{Deserialize, Serialize};

use super::clock::TimeOfDay;
use super::customers::{Action, LONGEST_WAIT, Meal};
use super::event::{DropOff, ITEMS_MAX, Item, Items};
use super::ids::{OrderId, RestaurantId};
use super::outcome::{Outcome, Wait};
use super::setup::{Delivery, PROVIDER_NAME, Setup};
use crate::domains::past::moment;
use crate::kernel::{Instant, Span};
use crate::model::{AsOf, Named, Version};
use crate::scenario::{Complaints, Ids, LongWait, Place, ScenarioDomain};

/// The reference for the currency of all amounts.
const PRICES: &str = "the first price is";

/// What can follow `domain:`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliveryFile {
    Delivery(Setup),
}

/// What can follow `does:` or stand in a `mix`. Without an order it is about the order that the customer
/// created last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum ScriptAction {
    /// Orders portions of dishes.
    Order {
        from: String,
        items: Vec<(u32, String)>,
        /// Where the food is left. `Hand` by default.
        #[serde(default = "hand")]
        left: DropOff,
        /// Another customer of the script, who gets the food. The customer by default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        receiver: Option<String>,
    },
    /// Requests the erasure of their personal data.
    EraseMe,
    /// Orders a dish that the seed chooses.
    OrderSomething,
    /// Orders a dish that the seed chooses, and cancels after some time.
    OrderAndRegret,
    /// Wants the food to be left elsewhere.
    Leave { at: DropOff },
    /// Cancels, also for a smaller refund than expected.
    Cancel {
        #[serde(default)]
        order: Option<u32>,
    },
    /// Cancels, but only if everything is given back.
    CancelIfFree {
        #[serde(default)]
        order: Option<u32>,
    },
    /// A courier's telephone reports positions until the food is delivered.
    Drive {
        order: u32,
        /// The most reports.
        updates: u32,
        every: Span,
    },
    /// Queries an order: 1 for `o-1`.
    LookUp {
        #[serde(default)]
        order: Option<u32>,
    },
    /// Follows an order until it is delivered or cancelled.
    Follow {
        #[serde(default)]
        order: Option<u32>,
    },
    /// Queries an order as of a version, a time of day, a time of the run, or now.
    AsOf {
        #[serde(default)]
        order: Option<u32>,
        /// The number of events of the order to include.
        #[serde(default)]
        version: Option<u32>,
        /// The time of day, at most a day after the start.
        #[serde(default)]
        time: Option<TimeOfDay>,
        /// The time since the start of the run.
        #[serde(default)]
        at: Option<Span>,
    },
    /// Queries an order after its first event, then after the second, and so on to the last.
    History {
        #[serde(default)]
        order: Option<u32>,
    },
    /// Queries who has changed what of an order.
    Audit {
        #[serde(default)]
        order: Option<u32>,
    },
    /// Queries the customer's own orders.
    MyOrders,
    /// Queries what a restaurant has to do.
    Dashboard { of: String },
    /// Queries the figures of the hour that begins at this time of day.
    Figures { from: TimeOfDay },
    /// A query that the seed chooses.
    Browse,
}

const fn hand() -> DropOff {
    DropOff::Hand
}

/// How many calls of one saga, one after another, its default quiet phase allows for.
const ATTEMPTS: u64 = 60;
/// How long it takes at most until a saga that finds no courier gives up and an operator has looked at it.
const UNTIL_GIVEN_UP: Span = Span::from_secs(40 * 60);

impl ScenarioDomain for Delivery {
    const TEMPLATE: Option<&'static str> = Some(include_str!("template.ron"));

    type Setup = DeliveryFile;
    type ScriptAction = ScriptAction;
    type Outcome = Outcome;
    type Wait = Wait;
    type Properties = super::properties::DeliveryProperties;

    fn build(
        setup: &DeliveryFile,
        customers: u32,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Self> {
        let DeliveryFile::Delivery(setup) = setup;
        let before = complaints.count();
        restaurants(setup, place, complaints);
        let currency = setup.prices().next().map(|(_, price)| price.currency);
        if let (Some(limit), Some(currency)) = (setup.payment.limit, currency) {
            let here = place.field("payment").field("limit");
            currency.must_be_of(limit, "limit", PRICES, here, complaints);
        }
        for (name, span) in setup.spans() {
            let hint = "write it like \"15m\" or \"2.5s\"";
            complaints.not_zero(place.field(name), &span, hint);
        }
        if complaints.count() > before {
            return None;
        }
        // A set-up needs a customer, even if none acts.
        let setup = Setup { customers: customers.max(1), ..setup.clone() };
        complaints.check(Self::new(setup), place)
    }

    fn waits(&self) -> Vec<LongWait> {
        let setup = &self.tables.setup;
        let wait = |field, span, times| LongWait { field, span, times };
        let longest = |of: fn(&super::Restaurant) -> Span| {
            self.restaurants().iter().map(of).max().unwrap_or(Span::ZERO)
        };
        vec![
            wait("domain.confirm_within", setup.confirm_within, 1),
            wait("domain.ready_within", setup.ready_within, 1),
            wait("domain.deliver_within", setup.deliver_within, 2),
            wait("domain.think", setup.think, 2),
            wait("domain.saga_patience", setup.saga_patience, ATTEMPTS),
            wait("domain.payment.latency", setup.payment.latency, ATTEMPTS),
            wait("domain.couriers.latency", setup.couriers.latency, ATTEMPTS),
            wait("domain.couriers.to_restaurant", setup.couriers.to_restaurant, 4),
            wait("domain.couriers.to_customer", setup.couriers.to_customer, 1),
            wait("domain.couriers.fleet", UNTIL_GIVEN_UP, 4),
            wait("domain.restaurants.accepts", longest(|it| it.accepts), 1),
            wait("domain.restaurants.starts", longest(|it| it.starts), 1),
            wait("domain.restaurants.cooks", longest(|it| it.cooks), 1),
            wait("domain.restaurants.latency", longest(|it| it.latency), ATTEMPTS),
        ]
    }

    fn pauses(&self, action: &Action) -> Span {
        match action {
            Action::Drive { updates, every, .. } => every.times(u64::from(*updates)),
            Action::Follow { .. } => LONGEST_WAIT,
            _ => Span::ZERO,
        }
    }

    fn resolve_among(
        &self,
        customers: &[String],
        line: &ScriptAction,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Action> {
        let mut action = self.resolve(line, place, complaints)?;
        if let (ScriptAction::Order { receiver: Some(name), .. }, Action::Order { receiver, .. }) =
            (line, &mut action)
        {
            let place = place.field("receiver");
            complaints.needs_personal_data(self.tables.setup.personal_data, &place);
            *receiver = complaints.customer(place, name, customers)?;
        }
        Some(action)
    }

    fn resolve(
        &self,
        action: &ScriptAction,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Action> {
        let random = matches!(action, ScriptAction::OrderSomething | ScriptAction::OrderAndRegret);
        if random && self.restaurants().is_empty() {
            complaints.add(place.clone(), "there is nothing to order", "add a restaurant");
            return None;
        }
        let mut names = Resolver { delivery: self, place, complaints };
        Some(match action {
            ScriptAction::Order { from, items, left, receiver: _ } => {
                let restaurant = names.restaurant("from", from)?;
                let items = names.items(restaurant, items)?;
                let meal = Some(Meal { restaurant, items });
                let receiver = Named::NONE;
                Action::Order { meal, drop_off: *left, regret: false, receiver }
            }
            ScriptAction::OrderSomething | ScriptAction::OrderAndRegret => {
                let regret = matches!(action, ScriptAction::OrderAndRegret);
                let (drop_off, receiver) = (DropOff::Hand, Named::NONE);
                Action::Order { meal: None, drop_off, regret, receiver }
            }
            ScriptAction::EraseMe => Action::EraseMe,
            ScriptAction::Leave { at } => Action::Leave { at: *at },
            ScriptAction::Cancel { order } => {
                Action::Cancel { order: names.order(order)?, insists: true }
            }
            ScriptAction::CancelIfFree { order } => {
                Action::Cancel { order: names.order(order)?, insists: false }
            }
            ScriptAction::Drive { order, updates, every } => {
                let hint = "remove the action if it is not needed";
                if *updates == 0 {
                    complaints.not_zero(place.field("updates"), updates, hint);
                    return None;
                }
                let order = names.order(&Some(*order))??;
                Action::Drive { order, nth: 0, updates: *updates, every: *every }
            }
            ScriptAction::LookUp { order } => Action::LookUp { order: names.order(order)? },
            ScriptAction::Follow { order } => Action::Follow { order: names.order(order)? },
            ScriptAction::AsOf { order, version, time, at } => {
                let order = names.order(order)?;
                let at = names.moment(*version, *time, *at)?;
                Action::AsOf { order, at }
            }
            ScriptAction::History { order } => {
                Action::History { order: names.order(order)?, from: Version(1) }
            }
            ScriptAction::Audit { order } => Action::Audit { order: names.order(order)? },
            ScriptAction::MyOrders => Action::MyOrders,
            ScriptAction::Dashboard { of } => Action::Dashboard(names.restaurant("of", of)?),
            ScriptAction::Figures { from } => {
                Action::Figures { hour: self.tables.setup.begins.hour_of(*from) }
            }
            ScriptAction::Browse => Action::Browse,
        })
    }
}

/// Resolves the names in one action.
struct Resolver<'a> {
    delivery: &'a Delivery,
    place: &'a Place,
    complaints: &'a mut Complaints,
}

impl Resolver<'_> {
    fn restaurant(&mut self, field: &str, id: &str) -> Option<RestaurantId> {
        let found = self.delivery.restaurant_named(id);
        if found.is_none() {
            let all = self.delivery.restaurants().iter();
            let known: Vec<&str> = all.map(|restaurant| restaurant.id.as_str()).collect();
            self.complaints.unknown(self.place.field(field), "restaurant", id, &known);
        }
        found
    }

    /// `Some(None)` if there is no number.
    fn order(&mut self, number: &Option<u32>) -> Option<Option<OrderId>> {
        let Some(number) = *number else { return Some(None) };
        let number = self.complaints.from_one(self.place.field("order"), number, "order", "o-1")?;
        Some(Some(OrderId(number)))
    }

    fn moment(
        &mut self,
        version: Option<u32>,
        time: Option<TimeOfDay>,
        at: Option<Span>,
    ) -> Option<AsOf> {
        let Some(time) = time else { return moment(version, at, self.place, self.complaints) };
        if version.is_some() || at.is_some() {
            let says = "`version`, `time` and `at` cannot be combined";
            self.complaints.add(self.place.clone(), says, "keep one of them");
            return None;
        }
        let begins = self.delivery.tables.setup.begins;
        Some(AsOf::Instant(Instant::ZERO + begins.until(time)))
    }

    /// Looks up dishes by their ids on the menu, with their prices.
    fn items(&mut self, restaurant: RestaurantId, wanted: &[(u32, String)]) -> Option<Items> {
        let place = self.place.field("items");
        if wanted.len() > ITEMS_MAX {
            let (most, count) = (ITEMS_MAX, wanted.len());
            let says = format!("an order can have at most {most} items, but this one has {count}");
            self.complaints.add(place, says, "split it into several orders");
            return None;
        }
        let menu = &self.delivery.restaurants()[restaurant.index()].menu;
        let mut list = ArrayVec::new();
        for (index, (quantity, id)) in wanted.iter().enumerate() {
            match self.delivery.dish_named(restaurant, id) {
                Some(dish) => {
                    let price = menu[dish.index()].price.minor;
                    list.push(Item { dish, quantity: *quantity, price });
                }
                None => {
                    let known: Vec<_> = menu.iter().map(|dish| dish.id.as_str()).collect();
                    self.complaints.unknown(place.item(index), "dish", id, &known);
                }
            }
        }
        let found = list.len() == wanted.len();
        found.then_some(Items { list, currency: self.delivery.currency() })
    }
}

/// Checks the ids of services and dishes, and the prices.
fn restaurants(setup: &Setup, place: &Place, complaints: &mut Complaints) {
    let mut services = Ids::of("service", "roma");
    let couriers = (&setup.couriers.id, place.field("couriers").field("id"));
    let here = |index: usize| place.field("restaurants").item(index).field("id");
    let kitchens = setup.restaurants.iter().enumerate().map(|(index, it)| (&it.id, here(index)));
    for (id, here) in [couriers].into_iter().chain(kitchens) {
        if id == PROVIDER_NAME {
            complaints.add(here, "the payment provider has this id", "choose another one");
        } else {
            services.check(id, here, complaints);
        }
    }
    let currency = setup.prices().next().map(|(_, price)| price.currency);
    for (index, restaurant) in setup.restaurants.iter().enumerate() {
        let here = place.field("restaurants").item(index);
        let mut dishes = Ids::of("dish", "pizza");
        for (index, dish) in restaurant.menu.iter().enumerate() {
            let here = here.field("menu").item(index);
            dishes.check(&dish.id, here.field("id"), complaints);
            if let Some(currency) = currency {
                currency.must_be_of(dish.price, "price", PRICES, here.field("price"), complaints);
            }
        }
    }
}
