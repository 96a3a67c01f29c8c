//! Where a command writes: results to standard output, notes to standard error.

use std::fmt::Display;
use std::io::{self, BufWriter, ErrorKind, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

use crate::harness::Trouble;
use crate::report::{Paint, Palette};

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always, also into files and pipes.
    Always,
    /// Never.
    Never,
}

impl Color {
    fn choice(self, stream: &impl anstream::stream::RawStream) -> ColorChoice {
        match self {
            Self::Auto => AutoStream::choice(stream),
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        }
    }

    /// The colours of what goes to standard output.
    pub(super) fn palette(self) -> Palette {
        match self.choice(&io::stdout()) {
            ColorChoice::Never => Palette::default(),
            ColorChoice::Auto | ColorChoice::Always | ColorChoice::AlwaysAnsi => colours(),
        }
    }
}

fn colours() -> Palette {
    let paint = |style: Style| Paint {
        on: style.render().to_string(),
        off: style.render_reset().to_string(),
    };
    Palette {
        good: paint(AnsiColor::Green.on_default()),
        bad: paint(AnsiColor::Red.on_default().bold()),
        doubtful: paint(AnsiColor::Yellow.on_default()),
        faint: paint(Style::new().dimmed()),
        strong: paint(Style::new().bold()),
    }
}

/// Writes a result to standard output.
///
/// Whoever stops reading has seen enough: a broken pipe is not an error.
///
/// # Errors
///
/// When standard output cannot be written to, as when a disk is full.
pub(super) fn result(text: impl Display) -> Result<(), Trouble> {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = write!(out, "{text}").and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Trouble::new(format!("cannot write to standard output: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a note to standard error; if that is closed there is nobody left to tell.
pub(super) fn note(text: impl Display) {
    let mut err = io::stderr().lock();
    let _ = writeln!(err, "{text}").and_then(|()| err.flush());
}
