//! Which lines of a story are shown.

use super::ReplayError;
use crate::session::RunOutcome;
use crate::trace::{EntityKind, Line, Story, mentions};

/// The lines of a story that are shown: those that fit one name of each list that is not empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Names of entities and event types that a line is about, as the story prints them.
    pub about: Vec<String>,
    /// Names of customers that act or are concerned.
    pub who: Vec<String>,
    /// Names of nodes that act or are concerned.
    pub node: Vec<String>,
    /// The event types of the domain, so that a type can be told from a misspelt name.
    pub event_types: Vec<&'static str>,
}

impl Filter {
    /// Whether all lines are shown.
    pub fn is_empty(&self) -> bool {
        self.about.is_empty() && self.who.is_empty() && self.node.is_empty()
    }

    /// Whether a line is shown.
    pub(super) fn admits(&self, line: &Line) -> bool {
        let any = |names: &[String], fits: fn(&Line, &str) -> bool| {
            names.is_empty() || names.iter().any(|name| fits(line, name))
        };
        any(&self.about, is_about) && any(&self.who, is_of) && any(&self.node, is_at)
    }

    /// The options, as they are written on the command line.
    pub(super) fn options(&self) -> String {
        let lists = [("--about", &self.about), ("--who", &self.who), ("--node", &self.node)];
        let each = lists.into_iter().flat_map(|(option, names)| {
            names.iter().map(move |name| format!("{option} {}", crate::model::quoted(name)))
        });
        each.collect::<Vec<_>>().join(" ")
    }

    /// Checks that each name occurs in the run.
    pub(super) fn check(&self, story: &Story, outcome: &RunOutcome) -> Result<(), ReplayError> {
        let known = Known::of(story, outcome, &self.event_types);
        let lists = [
            ("--about", &self.about, &known.entities),
            ("--who", &self.who, &known.customers),
            ("--node", &self.node, &known.nodes),
        ];
        for (option, names, known) in lists {
            if let Some(name) = names.iter().find(|name| !known.contains(name)) {
                let (name, known) = (name.clone(), known.clone());
                return Err(ReplayError::UnknownName { option, name, known });
            }
        }
        Ok(())
    }
}

/// Whether a line is about an entity, or mentions an event type.
fn is_about(line: &Line, name: &str) -> bool {
    let is_entity = || line.about.iter().any(|entity| entity.name == name);
    line.speaker.name == name || is_entity() || mentions(&line.text, name)
}

/// Whether a customer acts in a line or is concerned.
fn is_of(line: &Line, name: &str) -> bool {
    let is_concerned = || {
        let mut customers = line.about.iter().filter(|it| it.kind == EntityKind::Customer);
        customers.any(|customer| customer.name == name)
    };
    line.speaker.role == CUSTOMER && line.speaker.name == name || is_concerned()
}

/// Whether a node, all nodes of a kind, or what lives on a node acts in a line or is concerned.
fn is_at(line: &Line, name: &str) -> bool {
    let is_concerned = || {
        let mut nodes = line.about.iter().filter(|it| it.kind == EntityKind::Node);
        nodes.any(|node| node.name == name)
    };
    let is_customers = || name == CUSTOMERS && line.speaker.role == CUSTOMER;
    line.speaker.name == name || line.speaker.role == name || is_customers() || is_concerned()
}

/// The role of a customer, and the node on which customers live.
const CUSTOMER: &str = "customer";
const CUSTOMERS: &str = "customers";

/// The names that occur in a run, each list sorted.
struct Known {
    entities: Vec<String>,
    customers: Vec<String>,
    nodes: Vec<String>,
}

impl Known {
    fn of(story: &Story, outcome: &RunOutcome, event_types: &[&str]) -> Self {
        let mut entities: Vec<String> = event_types.iter().map(|name| (*name).to_owned()).collect();
        let (mut customers, mut nodes) = (Vec::new(), outcome.nodes.clone());
        for line in story.lines() {
            let speaker = &line.speaker;
            entities.push(speaker.name.clone());
            match speaker.role {
                CUSTOMER => customers.push(speaker.name.clone()),
                // The kind of several nodes, such as `api` of `api-1`.
                role => nodes.push(role.to_owned()),
            }
            for entity in &line.about {
                entities.push(entity.name.clone());
                if entity.kind == EntityKind::Customer {
                    customers.push(entity.name.clone());
                }
            }
        }
        for names in [&mut entities, &mut customers, &mut nodes] {
            names.sort_unstable();
            names.dedup();
        }
        Self { entities, customers, nodes }
    }
}
