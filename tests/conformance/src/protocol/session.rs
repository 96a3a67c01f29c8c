//! A worker's connection, which may be cut at any moment.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use postgres::types::ToSql;
use postgres::{Client, Error, Row, Statement};

use super::chaos::Chaos;
use crate::postgres::Database;

/// The parameters of a statement.
pub(super) type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection that is made again when it is lost.
pub(super) struct Session<'a> {
    database: &'a Database,
    proxy: SocketAddr,
    /// Whose it is, and who cuts it.
    worker: usize,
    chaos: &'a Chaos,
    killer: Sender<usize>,
    random: Rng,
    client: Option<Client>,
    statements: BTreeMap<&'static str, Statement>,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        (database, proxy): (&'a Database, SocketAddr),
        worker: usize,
        (chaos, killer): (&'a Chaos, Sender<usize>),
        random: Rng,
    ) -> Self {
        let (client, statements) = (None, BTreeMap::new());
        Self { database, proxy, worker, chaos, killer, random, client, statements }
    }

    /// Runs a transaction. After an error without a code its outcome is unknown.
    pub(super) fn transaction<T>(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.execute("BEGIN")?;
        let done = act(self);
        let ended = self.execute(if done.is_ok() { "COMMIT" } else { "ROLLBACK" });
        let done = done?;
        ended.map(|()| done)
    }

    /// Runs a command without parameters.
    pub(super) fn execute(&mut self, command: &str) -> Result<(), Error> {
        let done = self.client()?.batch_execute(command);
        self.noted(done)
    }

    /// Runs a query with one row.
    pub(super) fn row(
        &mut self,
        query: &'static str,
        parameters: Parameters<'_>,
    ) -> Result<Row, Error> {
        let statement = self.statement(query)?;
        let row = self.client()?.query_one(&statement, parameters);
        self.noted(row)
    }

    /// Runs a query.
    pub(super) fn rows(
        &mut self,
        query: &'static str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Row>, Error> {
        let statement = self.statement(query)?;
        let rows = self.client()?.query(&statement, parameters);
        self.noted(rows)
    }

    /// The connection is lost with the worker.
    pub(super) fn crash(&mut self) {
        self.client = None;
        self.statements.clear();
    }

    fn client(&mut self) -> Result<&mut Client, Error> {
        if self.client.is_none() {
            self.statements.clear();
            let client = self.database.connect_through(self.proxy);
            if client.is_err() {
                thread::sleep(Duration::from_millis(5));
            }
            self.client = Some(client?);
        }
        self.chaos.threatens(self.worker, &self.killer, &mut self.random);
        Ok(self.client.as_mut().expect("it was just made"))
    }

    fn statement(&mut self, query: &'static str) -> Result<Statement, Error> {
        if let (Some(_), Some(statement)) = (&self.client, self.statements.get(query)) {
            return Ok(statement.clone());
        }
        let statement = self.client()?.prepare(query);
        let statement = self.noted(statement)?;
        self.statements.insert(query, statement.clone());
        Ok(statement)
    }

    /// Forgets a connection that is lost.
    fn noted<T>(&mut self, result: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &result
            && (error.is_closed() || error.code().is_none())
        {
            self.crash();
        }
        result
    }
}
