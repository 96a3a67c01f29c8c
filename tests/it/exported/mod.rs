//! What `jetlag export --as rust-test` writes, compiled and run as it is. `export/rust_test.rs` compares each file
//! with what the command writes now.

mod concurrent_withdrawals;
mod in_order_apply;

/// The runs below fail, and so must their tests: among them `assert!` demands the opposite.
macro_rules! assert {
    ($held:expr, $($says:tt)+) => {
        core::assert!(!$held, $($says)+)
    };
}

mod captured_twice;
mod captured_twice_shrunk;
