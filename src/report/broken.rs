//! A run that broke off, in each format.

use std::fmt::Write;

#[cfg(feature = "cli")]
use super::object::object;
use super::palette::Palette;
use crate::model::{printable, printable_lines};
#[cfg(feature = "cli")]
use crate::session::Whose;
use crate::session::{Broken, Cause, Panic, RunOutcome, Verdict};

/// Why the run broke off and whose code it was, under its figures.
pub(super) fn broken_text(run: &RunOutcome, broken: &Broken, palette: &Palette, out: &mut String) {
    let paint = if run.verdict() == Verdict::Open { &palette.doubtful } else { &palette.bad };
    let cause = broken.cause.to_string();
    let cause = printable_lines(&cause);
    // A message can have several lines.
    let _ = writeln!(out, "\n{}", paint.on(cause.replace('\n', "\n  ")));
    if let Cause::Panicked(Panic { place, whose, .. }) = &broken.cause {
        let _ = writeln!(out, "  {whose}, at {place}");
    }
    if let Some(handled) = &broken.handled {
        let _ = writeln!(out, "  {handled}");
    }
    if run.verdict() == Verdict::Bug {
        let _ = writeln!(
            out,
            "  This is a bug in Jetlag itself, not in your scenario. Please report it with these lines and \
             {}.",
            printable(&run.subject.file)
        );
    }
}

/// Whose code it was, as a word of a document.
#[cfg(feature = "cli")]
const fn whose(whose: Whose) -> &'static str {
    match whose {
        Whose::Domain => "domain",
        Whose::Shipped => "shipped_domain",
        Whose::Jetlag => "jetlag",
    }
}

#[cfg(feature = "cli")]
const fn panic(broken: &Broken) -> Option<&Panic> {
    match &broken.cause {
        Cause::Panicked(panic) => Some(panic),
        Cause::Hung { .. } | Cause::OutOfMemory { .. } | Cause::Interrupted => None,
    }
}

#[cfg(feature = "cli")]
object!(pub(crate) BrokenDoc(broken: Broken) {
    says: broken.cause.to_string(),
} {
    place: panic(broken).map(|panic| &panic.place),
    whose: panic(broken).map(|panic| whose(panic.whose)),
    step: broken.handled.as_ref().map(|handled| handled.step.0),
    node: broken.handled.as_ref().map(|handled| &handled.node),
    message: broken.handled.as_ref().map(|handled| handled.what),
});
