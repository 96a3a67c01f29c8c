//! The state of single nodes in words, for inspecting a run that was stopped.

use std::sync::Arc;

use super::simulation::World;
use crate::model::{Domain, Ordinal, RowKey, Strategy, Term, ViewId, Vocabulary};
use crate::platform::Role;
use crate::platform::event_store::{Reader, Surroundings};
use crate::platform::topology::{projected, view_of};

impl<D: Domain, L> World<D, L> {
    /// The state of a node, one item per line; `None` if there is no node with this name.
    pub fn describe_state(&self, name: &str) -> Option<String> {
        let node = self.map.named(name)?;
        let vocabulary = Vocabulary { domain: &self.plan.domain, names: &self.plan.names };
        let mut lines = match self.map.role(node) {
            Role::EventStore => {
                let mut lines = self.nodes.store.describe(vocabulary, &self.around_the_store());
                for view in views::<D>(Strategy::Synchronous) {
                    lines.push(vocabulary.view(view).to_owned());
                    lines.extend(rows(view, &self.nodes.store.rows(view), vocabulary));
                }
                lines
            }
            Role::Broker => self.describe_queues(vocabulary),
            Role::ReadStore => {
                projected::<D>().flat_map(|view| self.table(view, vocabulary)).collect()
            }
            Role::Projector(instance) => self.table(instance.view, vocabulary),
            Role::QueryApi(nth) => self.nodes.query_apis[usize::from(nth)]
                .tables()
                .flat_map(|(view, upto, kept)| {
                    let head = format!("{} up to event {}", vocabulary.view(view), upto.0);
                    std::iter::once(head).chain(rows(view, &kept, vocabulary))
                })
                .collect(),
            Role::Cache => self.nodes.cache.describe(vocabulary),
            Role::Orchestrator(nth) => {
                self.nodes.orchestrators[usize::from(nth)].describe(vocabulary)
            }
            Role::Timers => self.nodes.timers.describe(vocabulary),
            Role::KeyStore => self.nodes.key_store.describe(vocabulary),
            Role::Service(service) => {
                let ledger = self.nodes.services[usize::from(service.0)].ledger();
                let words = vocabulary.term(Term::Ledger(service, ledger)).to_string();
                words.lines().map(str::to_owned).collect()
            }
            Role::Customers | Role::CommandApi(_) | Role::Relay(_) | Role::Operator => Vec::new(),
        };
        lines.push(self.busy_node(node).unwrap_or_else(|| "nothing left to do".to_owned()));
        Some(lines.join("\n"))
    }

    /// The names of the nodes, and the views that read the log, with their progress.
    fn around_the_store(&self) -> Surroundings<'_> {
        let name = |view: ViewId| D::VIEWS[usize::from(view.0)].name.to_owned();
        let checkpoints = self.nodes.read_store.checkpoints();
        let projected = projected::<D>().map(|view| {
            let upto = Ordinal(checkpoints[usize::from(view.0)]);
            Reader { name: name(view), view, upto }
        });
        let apis = self.nodes.query_apis.iter().enumerate();
        let on_demand = apis.flat_map(|(nth, api)| {
            api.tables().map(move |(view, upto, _)| Reader {
                name: format!("{} at query {}", name(view), nth + 1),
                view,
                upto,
            })
        });
        let readers = projected.chain(on_demand).collect();
        Surroundings { readers, nodes: self.map.names() }
    }

    fn describe_queues(&self, vocabulary: Vocabulary<'_, D>) -> Vec<String> {
        let queues = self.nodes.broker.queued().into_iter().zip(0..);
        let name = |queue: u8| view_of::<D>(queue).map_or("sagas", |view| vocabulary.view(view));
        let queues = queues.map(|(held, queue)| format!("queue {}: {held}", name(queue)));
        let dead_letters = self.nodes.broker.dead_letters().len();
        queues.chain([format!("dead letters: {dead_letters}")]).collect()
    }

    /// The rows of a view, with its checkpoint.
    fn table(&self, view: ViewId, vocabulary: Vocabulary<'_, D>) -> Vec<String> {
        let index = usize::from(view.0);
        let checkpoint = self.nodes.read_store.checkpoints()[index];
        let mut lines = vec![format!("{} up to event {checkpoint}", vocabulary.view(view))];
        lines.extend(rows(view, &self.nodes.read_store.rows()[index], vocabulary));
        lines
    }
}

/// The views of a strategy.
fn views<D: Domain>(strategy: Strategy) -> impl Iterator<Item = ViewId> {
    let views = D::VIEWS.iter().zip(0..).filter(move |(view, _)| view.strategy == strategy);
    views.map(|(_, view)| ViewId(view))
}

/// All existing rows, one per line.
fn rows<D: Domain>(
    view: ViewId,
    rows: &[Option<Arc<D::Row>>],
    vocabulary: Vocabulary<'_, D>,
) -> Vec<String> {
    let line = |(row, key): (&Option<Arc<D::Row>>, u32)| {
        let row = vocabulary.term(Term::Row(row.as_deref()?));
        Some(format!("  {}: {row}", vocabulary.term(Term::RowOf(view, RowKey(key)))))
    };
    rows.iter().zip(0..).filter_map(line).collect()
}
