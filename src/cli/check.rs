//! `jetlag check`: the properties of a history of any platform.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::format::Document;
use super::output::{Color, result};
use crate::harness::{Harness, Trouble, shown, unusable};
use crate::history::{self, Checked, Conclusion, Input, Map, PROPERTIES, Unjudged};
use crate::report::{checked, checked_json};
use crate::scenario::hint;

/// The history, and what is asked of it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The history, as one file or one for each table; `-` is standard input
    ///
    /// The lines of one file are in the order in which things happened. Of several files no order is known.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A file that says what the columns of the tables mean
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Fail unless this property can be observed
    ///
    /// Can be given several times, or with several ids separated by commas.
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = property)]
    require: Vec<&'static str>,
    /// Do not judge this property
    ///
    /// Can be given several times, or with several ids separated by commas.
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = property)]
    except: Vec<&'static str>,
    /// The platform was at work when the history was exported: do not judge what must hold at the end
    #[arg(long)]
    in_progress: bool,
    /// How many violations of each property are shown
    #[arg(long, value_name = "N", default_value_t = 10)]
    show: u64,
    /// How the result is printed
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Document,
}

/// The size of the pieces in which files are read.
const BUFFER: usize = 1 << 18;

impl Args {
    pub(super) fn run(self, _: &Harness, color: Color) -> Result<Exit, Trouble> {
        let map = match &self.map {
            None => Map::default(),
            Some(path) => load(path)?,
        };
        let inputs = self.inputs(&map)?;
        let history = history::check(inputs, &map, self.in_progress, self.show);
        let history = history.map_err(|unjudged| match unjudged {
            Unjudged::Line(diagnostic) => Trouble::new(diagnostic.to_string()),
            Unjudged::Io(name, error) => Trouble::io("read", Path::new(&name), &error),
        })?;
        let Self { require: required, except: excepted, .. } = self;
        let all = Checked { history, required, excepted };
        result(match self.format {
            Document::Human => checked(&all, &color.palette()),
            Document::Json => checked_json(&all),
        })?;
        Ok(match all.conclusion() {
            Conclusion::Held => Exit::Held,
            Conclusion::Violated => Exit::Failed,
            Conclusion::NotJudged => Exit::NoVerdict,
        })
    }

    /// The files, open.
    fn inputs(&self, map: &Map) -> Result<Vec<Input<'static>>, Trouble> {
        let is_input = |path: &PathBuf| path.as_os_str() == "-";
        if self.files.iter().filter(|path| is_input(path)).count() > 1 {
            return Err(Trouble::new("standard input can be read once"));
        }
        let name = |path: &PathBuf| match is_input(path) {
            true => "standard input".to_owned(),
            false => shown(path).to_string(),
        };
        let names: Vec<String> = self.files.iter().map(name).collect();
        for (number, name) in names.iter().enumerate() {
            if names[..number].contains(name) {
                return Err(Trouble::new(format!("{name} is given twice")));
            }
        }
        if let Some(file) = map.unused(&names) {
            let message = format!("the map describes `{file}`, which is not among the files");
            return Err(Trouble::new(message).hint("name it, or remove its table from the map"));
        }
        let open = |(path, name): (&PathBuf, String)| {
            let text: Box<dyn BufRead> = if is_input(path) {
                Box::new(BufReader::with_capacity(BUFFER, io::stdin()))
            } else {
                let metadata = path.metadata().map_err(|error| unusable(path, &error))?;
                if metadata.is_dir() {
                    let message = format!("{name} is a folder");
                    return Err(Trouble::new(message).hint("name the files in it"));
                }
                let file = File::open(path).map_err(|error| unusable(path, &error))?;
                Box::new(BufReader::with_capacity(BUFFER, file))
            };
            Ok(Input { name, text })
        };
        self.files.iter().zip(names).map(open).collect()
    }
}

fn load(path: &Path) -> Result<Map, Trouble> {
    let bytes = std::fs::read(path).map_err(|error| unusable(path, &error))?;
    Map::load(&shown(path).to_string(), &bytes).map_err(|wrong| {
        let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        Trouble::new(wrong.join("\n\n"))
    })
}

/// A property that can be judged of a history.
fn property(id: &str) -> Result<&'static str, String> {
    let known = PROPERTIES.iter().find(|known| **known == id);
    known.copied().ok_or_else(|| {
        let hint = hint(id, PROPERTIES).unwrap_or_default();
        format!("no property of a history has this id; {hint}")
    })
}
