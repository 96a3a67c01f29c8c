//! Catches panics, with their messages and the places in the code.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

/// A panic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic {
    /// Its message.
    pub message: String,
    /// The file, line and column of the code that panicked.
    pub place: String,
    /// Whose code that is.
    pub whose: Whose,
}

/// Whose code a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Code of another crate than this one: of a domain, or of a library that it uses.
    Domain,
    /// A domain in this crate.
    Shipped,
    /// The rest of this crate.
    Jetlag,
}

/// This file as the compiler names it, below the folder of the source of this crate.
const HERE: &str = file!();
const BELOW_SOURCE: &str = "session/panics.rs";

impl Whose {
    fn file(path: &str) -> Self {
        let source = &HERE[..HERE.len() - BELOW_SOURCE.len()];
        match path.strip_prefix(source) {
            // The domain that the unit tests share is one from outside.
            Some(path) if path.starts_with("testing") => Self::Domain,
            Some(path) if path.starts_with("domains") => Self::Shipped,
            Some(_) => Self::Jetlag,
            None => Self::Domain,
        }
    }
}

thread_local! {
    /// How many calls of [`caught`] are under way.
    static CATCHING: Cell<u32> = const { Cell::new(0) };
    static LAST: RefCell<Option<Panic>> = const { RefCell::new(None) };
}

/// The result of `work`, or its panic. A panic is not printed.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    static HOOK: Once = Once::new();
    // Only a hook learns where a panic was. It passes on the panics of others.
    HOOK.call_once(|| {
        let others = take_hook();
        set_hook(Box::new(move |panic| {
            if CATCHING.get() > 0 {
                LAST.set(Some(of(panic)));
            } else {
                others(panic);
            }
        }));
    });
    CATCHING.set(CATCHING.get() + 1);
    let done = catch_unwind(AssertUnwindSafe(work));
    CATCHING.set(CATCHING.get() - 1);
    let unknown = || Panic {
        message: "a panic without a message".to_owned(),
        place: "an unknown place".to_owned(),
        whose: Whose::Domain,
    };
    done.map_err(|_| LAST.take().unwrap_or_else(unknown))
}

fn of(panic: &PanicHookInfo<'_>) -> Panic {
    let message = panic.payload_as_str().unwrap_or("a panic without a message").to_owned();
    let location = panic.location();
    Panic {
        message,
        place: location.map_or_else(|| "an unknown place".to_owned(), ToString::to_string),
        whose: location.map_or(Whose::Domain, |location| Whose::file(location.file())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_has_its_message_and_its_place() {
        let panic = caught(|| -> () { panic!("seat {} is taken", 7) }).unwrap_err();
        assert_eq!(panic.message, "seat 7 is taken");
        assert!(panic.place.contains("panics.rs:"), "{}", panic.place);
        assert_eq!(panic.whose, Whose::Jetlag);
        assert_eq!(caught(|| 3), Ok(3));
    }

    #[test]
    fn a_panic_within_another_call_is_that_calls() {
        let outer = caught(|| caught(|| -> () { panic!("inner") }).unwrap_err().message);
        assert_eq!(outer.as_deref(), Ok("inner"));
        let outer = caught(|| {
            let _ = caught(|| -> () { panic!("inner") });
            panic!("outer")
        });
        let outer: Result<(), _> = outer;
        assert_eq!(outer.unwrap_err().message, "outer");
    }

    #[test]
    fn code_belongs_to_the_domain_unless_it_is_of_this_crate() {
        let of = |below: &str| Whose::file(&HERE.replace(BELOW_SOURCE, below));
        assert_eq!(of("kernel/queue/slab.rs"), Whose::Jetlag);
        assert_eq!(of("domains/flights/booking.rs"), Whose::Shipped);
        assert_eq!(Whose::file("examples/tables.rs"), Whose::Domain);
        assert_eq!(Whose::file("/rustc/1/library/alloc/src/slice.rs"), Whose::Domain);
    }
}
