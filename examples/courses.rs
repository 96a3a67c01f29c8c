//! Students who enrol in courses: a rule about two things at once, without a stream for either of them.
//!
//! A course has so many places, and a student takes so many courses. Each enrolment is a stream of its own, tagged with
//! its course and its student. To enrol, a student's command reads the enrolments of the course and those of the
//! student by their tags, and is stored if there is no further one by then.
//!
//! `cargo run --example courses` runs its scenarios, `cargo test --example courses` its tests.

use std::collections::BTreeMap;
use std::process::ExitCode;

use jetlag::prelude::*;
use serde::{Deserialize, Serialize};

/// The only category of streams: an enrolment.
const ENROLMENT: Category = Category(0);

/// The school, as a scenario sets it up: `domain: Courses(courses: 2, places: 10, at_most: 3)`.
#[derive(Clone, Debug, PartialEq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum School {
    Courses {
        /// How many courses there are, counted from 1.
        courses: u32,
        /// The places of each course.
        places: u32,
        /// How many courses a student takes at most.
        at_most: u32,
    },
}

/// What a student does, as a scenario writes it: `does: Enrol(course: 1)`.
#[derive(Clone, Debug, PartialEq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Action {
    Enrol { course: u32 },
}

/// A student in a course.
#[derive(Clone, Copy, Debug, PartialEq, Hash)]
struct Enrolment {
    course: u32,
    student: CustomerId,
}

impl Enrolment {
    fn course(self) -> Tag {
        Tag { kind: 0, number: self.course }
    }

    fn student(self) -> Tag {
        Tag { kind: 1, number: self.student.0 }
    }
}

/// Enrols a student in a course.
#[derive(Clone, Copy, Debug, PartialEq, Hash)]
struct Enrol(Enrolment);

#[derive(Clone, Copy, Debug, PartialEq, Hash)]
enum Event {
    Enrolled(Enrolment),
}
event_names! { Event { Enrolled } }

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Rejection {
    AlreadyEnrolled,
    CourseFull,
    TooManyCourses,
}

impl School {
    /// The stream of a place. Courses have 1,000 students at most.
    fn stream(place: Enrolment) -> StreamId {
        StreamId { category: ENROLMENT, number: place.course * 1_000 + place.student.0 }
    }
}

/// A state is a number of enrolments: in a stream, or of those with a tag.
impl Domain for School {
    const NAME: &'static str = "Courses";
    const CATEGORIES: &'static [&'static str] = &["enrolment"];
    const TAGS: &'static [&'static str] = &["course", "student"];
    const VIEWS: &'static [View] = &[View::of("Enrolments", ENROLMENT)];
    event_names!(Event);

    type Command = Enrol;
    type Event = Event;
    type State = u32;
    type Rejection = Rejection;
    type Query = RowKey;
    type Row = StreamRow<u32>;
    type Action = Action;
    type ClientState = ();
    type Sagas = NoSagas;
    type Services = NoServices;
    type Privacy = NoPersonalData;
    type Schemas = OneSchema;

    fn streams(&self, Enrol(place): &Enrol) -> Streams {
        Streams::from_iter([Self::stream(*place)])
    }

    fn tags(&self, _: StreamId, Event::Enrolled(place): &Event) -> Tags {
        Tags::from_iter([place.course(), place.student()])
    }

    fn models(&self, Enrol(place): &Enrol) -> Vec<DecisionModel<Self>> {
        let model = |tag| DecisionModel { query: Tags::from_iter([tag]), blank: 0 };
        vec![model(place.course()), model(place.student())]
    }

    fn blank(&self, _: StreamId) -> u32 {
        0
    }

    fn decide(&self, read: &Folded<'_, u32>, Enrol(place): &Enrol, _: Instant) -> Decision<Self> {
        let Self::Courses { places, at_most, .. } = *self;
        let enrolments = |tag| *read.model(Tags::from_iter([tag]));
        if *read.state(Self::stream(*place)) > 0 {
            Err(Rejection::AlreadyEnrolled)
        } else if enrolments(place.course()) >= places {
            Err(Rejection::CourseFull)
        } else if enrolments(place.student()) >= at_most {
            Err(Rejection::TooManyCourses)
        } else {
            Ok(vec![(Self::stream(*place), Event::Enrolled(*place))])
        }
    }

    fn evolve(&self, enrolments: &mut u32, Event::Enrolled(_): &Event) {
        *enrolments += 1;
    }

    fn is_legal_transition(&self, enrolments: &u32, Event::Enrolled(_): &Event) -> bool {
        *enrolments == 0
    }

    fn project(&self, _: ViewId, _: RowKey, row: &mut Option<Self::Row>, stored: &Stored<Event>) {
        StreamRow::project(self, row, stored);
    }

    fn shows(&self, _: ViewId, _: RowKey, row: &Self::Row) -> Vec<Token> {
        vec![row.token]
    }

    fn lookup(&self, _: CustomerId, key: &RowKey) -> Lookup<Self> {
        Lookup::Row(ViewId(0), *key)
    }

    fn act(&self, student: CustomerId, (): &mut (), action: &Action, _: u64) -> Vec<Ask<Self>> {
        let Action::Enrol { course } = *action;
        vec![Ask::Command(Enrol(Enrolment { course, student }))]
    }
}

impl ScenarioDomain for School {
    const COMMAND: &'static str = "cargo run --example courses --";
    type Setup = Self;
    type ScriptAction = Action;
    type Outcome = Outcome<Rejection>;
    type Wait = Wait;
    type Properties = Limits;

    fn build(setup: &Self, _: u32, _: &Place, _: &mut Complaints) -> Option<Self> {
        Some(setup.clone())
    }

    fn resolve(&self, action: &Action, place: &Place, to: &mut Complaints) -> Option<Action> {
        let (Self::Courses { courses, .. }, Action::Enrol { course }) = (self, action);
        if !(1..=*courses).contains(course) {
            let hint = format!("courses are counted from 1 to {courses}");
            to.add(place.field("course"), format!("there is no course {course}"), hint);
            return None;
        }
        Some(action.clone())
    }
}

static LIMITS: Property = Property {
    id: "limits",
    when: When::Always,
    says: "no course has more students than places, and no student takes more courses than they may",
};

/// The steps of the enrolments with each tag.
#[derive(Clone, Debug, Default)]
struct Limits(BTreeMap<Tag, Vec<Step>>);

impl Checker<School> for Limits {
    const PROPERTIES: &'static [Property] = &[LIMITS];

    fn observe(&mut self, record: &Record<School>, checks: &mut Checks<'_, School>) {
        let Fact::Stored(stored) = &record.fact else { return };
        let Event::Enrolled(enrolment) = stored.event;
        let School::Courses { places, at_most, .. } = *checks.words.domain;
        for (tag, most) in [(enrolment.course(), places), (enrolment.student(), at_most)] {
            let steps = self.0.entry(tag).or_default();
            steps.push(record.step);
            let holds = steps.len() <= most as usize;
            checks.that(&LIMITS, holds, steps.iter().copied(), |_| {
                let what = School::TAGS[usize::from(tag.kind)];
                format!(
                    "{what} {} has {} enrolments, and {most} are allowed",
                    tag.number,
                    steps.len()
                )
            });
        }
    }
}

fn harness() -> Harness {
    Harness::of::<School>("examples/courses")
}

fn main() -> ExitCode {
    harness().main_or(&["run"])
}

#[test]
fn no_course_and_no_student_has_too_many_with_and_without_faults() {
    harness().check();
    harness().fuzz().runs(300).check();
}

/// The property that a run with a defect violates first.
#[cfg(test)]
fn violated(defect: &str) -> Option<&'static str> {
    let defects = format!("defects: [\"{defect}\"], fails: \"limits\",\n    fuzz:");
    let ron = include_str!("courses/last_place.ron").replace("fuzz:", &defects);
    let scenario = harness().load("last_place.ron", ron.as_bytes()).expect("a scenario");
    let run = |seed| scenario.run(&RunRequest::of_seed(seed));
    (0..20).find_map(|seed| Some(run(seed).violations.first()?.property))
}

#[test]
fn a_condition_that_is_not_locked_is_found() {
    assert_eq!(violated("condition-not-locked"), Some("limits"));
}

#[test]
fn a_condition_that_leaves_out_a_tag_is_found() {
    assert_eq!(violated("condition-leaves-out-tag"), Some("limits"));
}
