//! The rows, each with the id that it has in `docs/semantics.md`.

pub mod broker;
pub mod cache;
pub mod consumers;
pub mod delays;
pub mod held;
pub mod inbox;
pub mod store;

/// What a row says if its expectations are not met.
pub type Outcome = Result<(), String>;

/// A row of the page as a script over something that is fresh.
pub struct Row<T: ?Sized> {
    /// Its id.
    pub id: &'static str,
    /// The steps, and what is expected after each.
    pub run: fn(&mut T) -> Outcome,
}

impl<T: ?Sized> Clone for Row<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Row<T> {}

/// Rows from functions: each with its id.
macro_rules! rows {
    ($($id:literal => $run:expr),* $(,)?) => { &[$($crate::suite::Row { id: $id, run: |it| $run(it) }),*] };
}
pub(crate) use rows;

/// Returns an error unless two values are equal.
macro_rules! same {
    ($left:expr, $right:expr, $($what:tt)+) => {{
        let (left, right) = (&$left, &$right);
        if left != right {
            return Err(format!("{}: {left:?}, expected {right:?}", format_args!($($what)+)));
        }
    }};
}
pub(crate) use same;

/// Returns an error unless this is so.
macro_rules! holds {
    ($condition:expr, $($what:tt)+) => {
        if !$condition {
            return Err(format!($($what)+));
        }
    };
}
pub(crate) use holds;
