//! Output: results go to standard output, notes to standard error.

use std::fmt::Display;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

use crate::harness::Trouble;
use crate::model::printable_lines;
use crate::report::{Paint, Palette};

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always, also in files and pipes.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// The colours for standard output.
    pub(super) fn palette(self) -> Palette {
        match self {
            Self::Auto if AutoStream::choice(&io::stdout()) == ColorChoice::Never => {
                Palette::default()
            }
            Self::Auto | Self::Always => colours(),
            Self::Never => Palette::default(),
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

/// Writes a result to standard output. A closed pipe is not an error.
///
/// # Errors
///
/// When standard output cannot be written, for example to a full disk.
pub(super) fn result(text: impl Display) -> Result<(), Trouble> {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = write!(out, "{text}").and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Trouble::io("write to", Path::new("standard output"), &error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a note to standard error; ignores that it is closed.
pub(super) fn note(text: impl Display) {
    let mut err = io::stderr().lock();
    let text = text.to_string();
    let _ = writeln!(err, "{}", printable_lines(&text)).and_then(|()| err.flush());
}
