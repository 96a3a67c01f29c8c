//! Everything that is tested from outside of the library, in one binary: each one more would link the
//! library and all domains again. The scenarios have one of their own, because they make their own list of
//! tests.

mod aims;
mod budgets;
mod campaign_json;
mod campaigns;
mod capsules;
mod cases;
mod causes;
mod cli;
mod coverage;
mod docs;
mod erasure;
mod faults;
mod formats;
mod guide;
mod hostile;
mod interrupts;
mod invalid_scenarios;
mod kernel;
mod observations;
mod outages;
mod pasted;
mod phases;
mod progress;
mod replay_json;
mod replays;
mod scenario_language;
mod schedules;
mod settings;
mod shards;
mod shell;
mod steering;
mod unsayable;
mod usage;
mod walls;
