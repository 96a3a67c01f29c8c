//! The suite is tested too: implementations that pretend must fail it, and by the rows that say why.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jetlag_conformance::null::{NullBroker, NullCache, NullStore};
use jetlag_conformance::suite::{Row, broker, cache, store};
use libtest_mimic::Trial;

/// The rows that an implementation fails. A row that finds nothing where it looks may panic; that is no pass.
fn failing<T: ?Sized>(rows: &[Row<T>], fresh: impl Fn() -> Box<T>) -> Vec<&'static str> {
    let passes = |row: &&Row<T>| {
        let run = AssertUnwindSafe(|| (row.run)(&mut *fresh()));
        !matches!(catch_unwind(run), Ok(Ok(())))
    };
    rows.iter().filter(passes).map(|row| row.id).collect()
}

/// What each null implementation must fail.
pub fn trials() -> [Trial; 3] {
    [
        Trial::test("a_store_that_accepts_everything_fails", || {
            let failing = failing(store::ROWS, || Box::<NullStore>::default());
            assert_eq!(failing, store::ROWS.iter().map(|row| row.id).collect::<Vec<_>>());
            Ok(())
        }),
        Trial::test("a_broker_that_drops_fails", || {
            let failing = failing(broker::ROWS, || Box::<NullBroker>::default());
            // It confirms what no queue takes, as a broker does.
            let all = broker::ROWS.iter().map(|row| row.id);
            let expected: Vec<_> = all.filter(|id| *id != "mq-unroutable").collect();
            assert_eq!(failing, expected);
            Ok(())
        }),
        Trial::test("a_cache_that_never_expires_fails", || {
            let failing = failing(cache::ROWS, || Box::<NullCache>::default());
            // It excludes other readers, and does nothing else.
            let all = cache::ROWS.iter().map(|row| row.id);
            let expected: Vec<_> = all.filter(|id| *id != "redis-set-nx-px").collect();
            assert_eq!(failing, expected);
            Ok(())
        }),
    ]
}
