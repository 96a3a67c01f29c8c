//! Which shard of a campaign or an enumeration this process is: from the options, or from the environment of a job scheduler.

use super::output::note;
use crate::explore::Shard;
use crate::harness::Trouble;

/// The options for a part of a campaign or an enumeration.
#[derive(Debug, Default, clap::Args)]
pub(super) struct ShardArgs {
    /// Make one part of the runs: shard I of N, counted from 0
    ///
    /// Without this option the shard is taken from the environment of an array job of Slurm, AWS Batch,
    /// Cloud Run, Kubernetes or HyperQueue; the last two need `--shards`. `--shard 0/1` is the whole.
    #[arg(long, value_name = "I/N", conflicts_with = "shards")]
    shard: Option<Shard>,
    /// The number of shards, if the job scheduler says only which one this is
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    shards: Option<u64>,
}

/// Where the number of a shard comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// The options.
    Options,
    /// A variable of the environment.
    Variable(&'static str),
}

impl ShardArgs {
    /// The shard of this process; `None` without an option and outside of an array job. If no option says which one
    /// it is, a note does.
    ///
    /// # Errors
    ///
    /// When the environment contradicts itself or the options, or does not say how many shards there are.
    pub(super) fn shard(&self) -> Result<Option<Shard>, Trouble> {
        let text =
            |name: &str| std::env::var_os(name).map(|text| text.to_string_lossy().into_owned());
        let found = self.shard_in(&text)?;
        if let Some((shard, Origin::Variable(variable))) = found {
            note(format_args!("note: this is shard {shard}, because {variable} is set"));
        }
        Ok(found.map(|(shard, _)| shard))
    }

    /// The same in another environment.
    fn shard_in(
        &self,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Option<(Shard, Origin)>, Trouble> {
        if let Some(shard) = self.shard {
            return Ok(Some((shard, Origin::Options)));
        }
        let mut found: Option<(Shard, &'static str)> = None;
        for scheduler in SCHEDULERS {
            let Some(shard) = scheduler.shard(self.shards, environment)? else { continue };
            match found {
                Some((other, variable)) if other != shard => {
                    let message = format!(
                        "{variable} says that this is shard {other}, {} that it is {shard}",
                        scheduler.index
                    );
                    return Err(Trouble::new(message).hint(SAY_WHICH));
                }
                _ => found = found.or(Some((shard, scheduler.index))),
            }
        }
        match (found, self.shards) {
            (Some((shard, variable)), _) => Ok(Some((shard, Origin::Variable(variable)))),
            (None, None) => Ok(None),
            (None, Some(count)) => {
                let names: Vec<&str> = SCHEDULERS.iter().map(|scheduler| scheduler.index).collect();
                let message = format!(
                    "`--shards {count}` does not say which shard this is, and none of {} is set",
                    names.join(", ")
                );
                Err(Trouble::new(message).hint(SAY_WHICH))
            }
        }
    }
}

const SAY_WHICH: &str =
    "`--shard I/N` says which one it is, from 0/N on; `--shard 0/1` is the whole campaign";

/// The variables that a job scheduler sets in each job of an array.
struct Scheduler {
    /// The number of the job.
    index: &'static str,
    /// The number of jobs.
    count: Option<&'static str>,
    /// The least and the greatest number of a job, and the distance between two numbers.
    range: Option<[&'static str; 3]>,
    /// Whether the index is set also in jobs that belong to no array, so that it means nothing by itself.
    is_always_set: bool,
}

const SCHEDULERS: [Scheduler; 5] = [
    Scheduler {
        index: "SLURM_ARRAY_TASK_ID",
        count: Some("SLURM_ARRAY_TASK_COUNT"),
        range: Some(["SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_STEP"]),
        is_always_set: false,
    },
    // Kubernetes sets it in Indexed Jobs and has no variable for the number of completions.
    Scheduler { index: "JOB_COMPLETION_INDEX", count: None, range: None, is_always_set: false },
    Scheduler {
        index: "AWS_BATCH_JOB_ARRAY_INDEX",
        count: Some("AWS_BATCH_JOB_ARRAY_SIZE"),
        range: None,
        is_always_set: false,
    },
    // Cloud Run sets both in every job; a job with one task is shard 0/1.
    Scheduler {
        index: "CLOUD_RUN_TASK_INDEX",
        count: Some("CLOUD_RUN_TASK_COUNT"),
        range: None,
        is_always_set: false,
    },
    // HyperQueue sets it to 0 in a job with one task.
    Scheduler { index: "HQ_TASK_ID", count: None, range: None, is_always_set: true },
];

impl Scheduler {
    /// The shard that the variables name; `None` if they are not set.
    fn shard(
        &self,
        shards: Option<u64>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Option<Shard>, Trouble> {
        let number = |name: &str| match environment(name).filter(|text| !text.is_empty()) {
            None => Ok(None),
            Some(text) => text
                .parse::<u64>()
                .map(Some)
                .map_err(|_| Trouble::new(format!("{name} is no number: {text}")).hint(SAY_WHICH)),
        };
        let Some(id) = number(self.index)? else { return Ok(None) };
        let [min, max, step] = match self.range {
            Some([min, max, step]) => [number(min)?, number(max)?, number(step)?],
            None => [None; 3],
        };
        let (first, step) = (min.unwrap_or(0), step.unwrap_or(1).max(1));
        let spanned = max.and_then(|max| Some(max.checked_sub(first)? / step + 1));
        let counted = self.count.map(number).transpose()?.flatten();
        if let (Some(spanned), Some(counted)) = (spanned, counted)
            && spanned != counted
        {
            // A list like `--array=0,3,7`: nothing says which place in it a number has.
            let message = format!(
                "the array has {counted} jobs, which are not numbered in equal steps: {} is {id}",
                self.index
            );
            return Err(Trouble::new(message).hint(SAY_WHICH));
        }
        let known = counted.or(spanned);
        let count = match (shards, known) {
            (Some(asked), Some(known)) if asked != known => {
                let message = format!("`--shards {asked}`, but the array has {known} jobs");
                return Err(Trouble::new(message).hint(format!(
                    "to run some shards of a campaign again: `--shard \"${}/{asked}\"`",
                    self.index
                )));
            }
            (Some(count), _) | (None, Some(count)) => count,
            (None, None) if self.is_always_set => return Ok(None),
            (None, None) => {
                let message =
                    format!("{} is {id}, but the number of shards is not known", self.index);
                return Err(Trouble::new(message)
                    .hint("`--shards N` says how many shards there are")
                    .hint(SAY_WHICH));
            }
        };
        let place = id.checked_sub(first).filter(|distance| distance % step == 0);
        let shard = place.and_then(|distance| Shard::new(distance / step, count));
        shard.map(Some).ok_or_else(|| {
            let message =
                format!("{} is {id}, and there are {count} shards from {first} on", self.index);
            Trouble::new(message).hint(SAY_WHICH)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shard with these options in this environment, `NAME=VALUE …`.
    fn found(shards: Option<u64>, environment: &str) -> Result<Option<(Shard, Origin)>, String> {
        let variables: Vec<(&str, &str)> =
            environment.split(' ').filter_map(|pair| pair.split_once('=')).collect();
        let text = |name: &str| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        let args = ShardArgs { shard: None, shards };
        args.shard_in(&text).map_err(|trouble| trouble.to_string())
    }

    /// The shard as it is written; empty for a whole campaign.
    fn shard(shards: Option<u64>, environment: &str) -> String {
        match found(shards, environment) {
            Ok(Some((shard, _))) => shard.to_string(),
            Ok(None) => String::new(),
            Err(says) => says,
        }
    }

    const SLURM: &str = "SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=3 \
                         SLURM_ARRAY_TASK_STEP=1 SLURM_ARRAY_TASK_ID=";

    #[test]
    fn outside_of_an_array_job_there_is_no_shard() {
        assert_eq!(shard(None, ""), "");
        assert_eq!(shard(None, "SLURM_JOB_ID=77 HQ_TASK_ID=0"), "");
        assert_eq!(shard(None, "SLURM_ARRAY_TASK_ID="), "", "an empty variable is not set");
    }

    #[test]
    fn each_scheduler_is_known() {
        for (shards, environment, is) in [
            (None, &*format!("{SLURM}2"), "2/4"),
            (Some(4), &*format!("{SLURM}2"), "2/4"),
            (Some(4), "JOB_COMPLETION_INDEX=0", "0/4"),
            (None, "AWS_BATCH_JOB_ARRAY_INDEX=9 AWS_BATCH_JOB_ARRAY_SIZE=10", "9/10"),
            (Some(10), "AWS_BATCH_JOB_ARRAY_INDEX=9", "9/10"),
            (None, "CLOUD_RUN_TASK_INDEX=1 CLOUD_RUN_TASK_COUNT=2", "1/2"),
            (Some(3), "HQ_TASK_ID=2", "2/3"),
        ] {
            assert_eq!(shard(shards, environment), is, "{environment}");
        }
        let (_, origin) = found(Some(3), "HQ_TASK_ID=2").expect("valid").expect("a shard");
        assert_eq!(origin, Origin::Variable("HQ_TASK_ID"));
    }

    #[test]
    fn a_slurm_array_can_begin_anywhere_and_have_steps() {
        let array = |id: u64, min: u64, max: u64, step: u64, count: u64| {
            format!(
                "SLURM_ARRAY_TASK_ID={id} SLURM_ARRAY_TASK_MIN={min} SLURM_ARRAY_TASK_MAX={max} \
                 SLURM_ARRAY_TASK_STEP={step} SLURM_ARRAY_TASK_COUNT={count}"
            )
        };
        assert_eq!(shard(None, &array(1, 1, 16, 1, 16)), "0/16");
        assert_eq!(shard(None, &array(16, 1, 16, 1, 16)), "15/16");
        // `--array=1-8:3` has the jobs 1, 4 and 7; the greatest number is the one that is used or the one asked for.
        assert_eq!(shard(None, &array(7, 1, 7, 3, 3)), "2/3");
        assert_eq!(shard(None, &array(7, 1, 8, 3, 3)), "2/3");
        // `--array=0,1,7`: every job has the same answer, also those whose number would fit.
        for id in [0, 1, 7] {
            let says = shard(None, &array(id, 0, 7, 1, 3));
            assert!(says.contains("not numbered in equal steps"), "{says}");
        }
        assert_eq!(shard(Some(4), "SLURM_ARRAY_TASK_ID=3"), "3/4");
        assert_eq!(shard(None, "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MAX=4"), "3/5");
    }

    #[test]
    fn the_option_wins_over_the_environment() {
        let text = |name: &str| (name == "SLURM_ARRAY_TASK_ID").then(|| "nonsense".to_owned());
        let args = ShardArgs { shard: Some("1/3".parse().expect("a shard")), shards: None };
        let found = args.shard_in(&text).expect("the environment is not read");
        assert_eq!(found, Shard::new(1, 3).map(|shard| (shard, Origin::Options)));
    }

    #[test]
    fn contradictions_and_gaps_are_errors() {
        for (shards, environment, says) in [
            (None, "JOB_COMPLETION_INDEX=3", "the number of shards is not known"),
            (None, "AWS_BATCH_JOB_ARRAY_INDEX=3", "the number of shards is not known"),
            (None, "SLURM_ARRAY_TASK_ID=3", "the number of shards is not known"),
            (Some(4), "JOB_COMPLETION_INDEX=4", "there are 4 shards from 0 on"),
            (Some(4), "HQ_TASK_ID=4", "there are 4 shards from 0 on"),
            (Some(4), "JOB_COMPLETION_INDEX=one", "JOB_COMPLETION_INDEX is no number: one"),
            (Some(4), "HQ_TASK_ID=-1", "HQ_TASK_ID is no number"),
            (Some(5), &*format!("{SLURM}2"), "`--shards 5`, but the array has 4 jobs"),
            (Some(5), &*format!("{SLURM}2"), "`--shard \"$SLURM_ARRAY_TASK_ID/5\"`"),
            (Some(4), "", "none of SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX, "),
            (
                Some(4),
                &*format!("HQ_TASK_ID=1 {SLURM}2"),
                "SLURM_ARRAY_TASK_ID says that this is shard 2/4, HQ_TASK_ID that it is 1/4",
            ),
        ] {
            let found = shard(shards, environment);
            assert!(found.contains(says), "{environment}: {found}");
            assert!(found.contains("\n  hint: "), "{found}");
        }
        assert_eq!(shard(Some(4), &format!("HQ_TASK_ID=2 {SLURM}2")), "2/4", "they agree");
    }
}
