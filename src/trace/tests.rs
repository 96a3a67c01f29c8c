//! Stories of hand-made records, in the words of a toy domain.

use std::sync::Arc;

use super::{Brevity, Causes, Detail, Importance, Line, Narrator, Speaker, Story, Trace};
use crate::kernel::{
    Actor, CRASH_BETWEEN, Cause, Fault, Fired, Instant, NodeId, PAUSE, Span, Step,
};
use crate::model::{
    Abort, Answer, AppendOutcome, AsOf, CacheAnswer, CacheKey, CommandId, CommandOutcome,
    CustomerId, EffectId, Expected, Fact, Names, Ordinal, Owed, Position, Record, RequestId,
    RowKey, Token, Version, ViewId, Vocabulary,
};
use crate::platform::Role;
use crate::testing::{Add, BelowZero, Counting, Query, Row, added, counter, plan};

const ANA: RequestId = RequestId { customer: CustomerId(0), nth: 1 };
const BEN: RequestId = RequestId { customer: CustomerId(1), nth: 1 };
const ADD: Add = Add { counter: 1, amount: 5 };

/// Records by step, cause, time in microseconds and fact; all of one node, and no step with parts.
fn trace(facts: Vec<(u64, u64, u64, Fact<Counting>)>) -> Trace<Counting> {
    let at = |step| Cause::from(Step(step));
    let parts = facts.into_iter().map(|(step, cause, us, fact)| (at(step), at(cause), us, fact));
    trace_of_parts(parts.collect())
}

/// Records by part of a step, cause, time in microseconds and fact; all of one node.
fn trace_of_parts(facts: Vec<(Cause, Cause, u64, Fact<Counting>)>) -> Trace<Counting> {
    let mut causes = Causes::default();
    let mut records = Vec::new();
    for (what, cause, us, fact) in facts {
        causes.note(what, cause);
        let (step, part, cause) = (what.step(), what.part(), cause.step());
        let at = Instant::ZERO + Span::from_micros(us);
        records.push(Record { step, part, cause, at, node: NodeId(0), fact });
    }
    Trace { records, causes }
}

fn story(trace: &Trace<Counting>, detail: Detail) -> Story {
    let plan = plan();
    let names = Names { customers: vec!["ana".to_owned(), "ben".to_owned()] };
    let vocabulary = Vocabulary { domain: &plan.domain, names: &names };
    let nodes = ["store".to_owned()];
    Story::tell(Narrator { vocabulary, nodes: &nodes, roles: &[Role::EventStore] }, trace, detail)
}

fn command(request: RequestId) -> CommandId {
    CommandId::Request(request)
}

fn sends(request: RequestId) -> Fact<Counting> {
    Fact::Commanded { request, command: ADD, resend: false }
}

fn asks(request: RequestId) -> Fact<Counting> {
    Fact::Queried { request, query: Query::Total(1), owed: Owed::Nothing, resend: false }
}

fn told(request: RequestId, verdict: CommandOutcome<Counting>) -> Fact<Counting> {
    Fact::Told { request, owed: Owed::Nothing, answer: Answer::Command(ADD, verdict) }
}

#[test]
fn columns_are_aligned_and_a_step_is_printed_once() {
    let accepted = CommandOutcome::Accepted(Token { stream: counter(1), version: Version(1) });
    let trace = trace(vec![
        (1, 0, 0, sends(ANA)),
        (9, 1, 4_350_000, Fact::Stored(added(1, 1, 1))),
        (
            9,
            1,
            4_350_000,
            Fact::Aborted { command: command(BEN), first: None, why: Abort::AlreadyDone },
        ),
        (120, 9, 12_000_001, told(ANA, accepted)),
    ]);
    assert_eq!(
        story(&trace, Detail::Story).page().to_string(),
        "  1         0.000s     ana    sends Add 5 to k-1\n\
         \x20 9 ← 1     4.350s     store  stores k-1 v0 → v1 @1: Added 1\n\
         \x20                      store  rolls back request 1 of ben: already settled\n\
         120 ← 9    12.000001s  ana    accepted: Add 5 to k-1 → k-1 v1\n"
    );
}

#[test]
fn a_cause_is_the_nearest_ancestor_that_has_a_line() {
    let allocated = || Fact::Allocated { command: command(ANA), first: Position(1), count: 1 };
    let mut trace = trace(vec![
        (1, 0, 0, sends(ANA)),
        (2, 1, 10, allocated()),
        (4, 3, 20, Fact::Stored(added(1, 1, 1))),
    ]);
    // Step 3 has no fact; the chain still holds.
    trace.causes.note(Step(3).into(), Step(2).into());
    let shown = story(&trace, Detail::Story);
    assert!(shown.page().to_string().contains("4 ← 1"), "{}", shown.page());
    assert_eq!(shown.path_to(Step(4)), [Step(1), Step(4)]);
    let everything = story(&trace, Detail::Everything);
    assert!(everything.page().to_string().contains("4 ← 2"), "{}", everything.page());
}

/// The commands of two customers are stored in steps 3 and 4, and a page with both events arrives in step 5;
/// each event is delivered in a step of its own.
fn paged() -> Trace<Counting> {
    let at = |step| Cause::from(Step(step));
    let part = |part| Cause::new(Step(5), part);
    let (anas, bens) = (added(1, 1, 1), added(2, 1, 2));
    let publishes = |event: &Arc<_>| Fact::Published { event: Arc::clone(event), again: false };
    let delivers =
        |event: &Arc<_>| Fact::Delivered { queue: 0, event: Arc::clone(event), redelivered: true };
    let mut trace = trace_of_parts(vec![
        (at(1), at(0), 0, sends(ANA)),
        (at(2), at(0), 0, sends(BEN)),
        (at(3), at(1), 30, Fact::Stored(Arc::clone(&anas))),
        (at(4), at(2), 40, Fact::Stored(Arc::clone(&bens))),
        (part(1), at(3), 50, publishes(&anas)),
        (part(2), at(4), 50, publishes(&bens)),
        (at(6), part(1), 60, delivers(&anas)),
        (at(7), part(2), 70, delivers(&bens)),
    ]);
    // The relay was notified of the first event.
    trace.causes.note(at(5), at(3));
    trace
}

#[test]
fn what_a_page_brings_is_caused_by_what_each_entry_is_about() {
    let story = story(&paged(), Detail::Story);
    assert_eq!(story.path_to(Step(6)), [1, 3, 6].map(Step));
    assert_eq!(story.path_to(Step(7)), [2, 4, 7].map(Step));
    let page = story.page().to_string();
    assert!(page.contains("7 ← 4") && !page.contains("publishes"), "{page}");
}

#[test]
fn lines_of_one_step_have_causes_of_their_own() {
    let story = story(&paged(), Detail::Everything);
    let page = story.page().to_string();
    assert!(
        page.contains(
            "5 ← 3  0.000050s  store  publishes Added k-1 v1\n\
             \x20 ← 4             store  publishes Added k-2 v1\n\
             6 ← 5"
        ),
        "{page}"
    );
    let texts = |lines: &mut dyn Iterator<Item = &Line>| -> Vec<String> {
        lines.map(|line| line.text.clone()).collect()
    };
    let led_to = |step| texts(&mut story.led_to(Step(step)));
    assert_eq!(led_to(7).last().map(String::as_str), Some("publishes Added k-2 v1"));
    assert!(!led_to(7).iter().any(|text| text.contains("k-1 v1")), "{:?}", led_to(7));
    assert_eq!(story.path_to(Step(5)), [1, 2, 3, 4, 5].map(Step), "the causes of all lines");
    let second = &story.at(Step(5))[1];
    assert_eq!(texts(&mut story.leads_to(second)), ["stores k-2 v0 → v1 @2: Added 1"]);
}

#[test]
fn a_line_belongs_to_the_conversation_of_what_it_names_or_of_its_cause() {
    let at = |step| Cause::from(Step(step));
    let effect = EffectId { saga: counter(3), version: Version(1), nth: 0 };
    let (saga, due) = (effect.saga, Instant::ZERO);
    let trace = trace_of_parts(vec![
        (at(1), at(0), 0, sends(ANA)),
        (at(2), at(0), 0, sends(BEN)),
        (at(3), at(2), 10, Fact::TimerSet { saga, timer: 1, due }),
        (at(4), at(1), 20, Fact::Acked { queue: 0, position: Position(1) }),
        (at(5), at(4), 30, Fact::SagaCommanded { effect, command: ADD, again: false }),
        (at(5), at(4), 30, asks(BEN)),
        (Cause::new(Step(5), 1), at(3), 30, Fact::TimerFired { saga, timer: 1, due }),
        (at(6), at(0), 40, Fact::Restarted),
    ]);
    let story = story(&trace, Detail::Everything);
    let of: Vec<_> = story.lines().iter().map(|line| line.correlation.as_deref()).collect();
    let (ana, ben) = (Some("request 1 of ana"), Some("request 1 of ben"));
    assert_eq!(of, [ana, ben, ben, ana, ana, ben, ben, None]);
}

fn fault(fault: &'static Fault) -> Fact<Counting> {
    let actor = Actor::node(NodeId(0));
    Fact::Fault(Fired { fault, actor, entity: counter(1).into(), size: 1_000_000, until: None })
}

#[test]
fn messages_of_a_node_that_crashes_are_lost() {
    let effect = EffectId { saga: counter(3), version: Version(2), nth: 0 };
    let commands = || Fact::SagaCommanded { effect, command: ADD, again: false };
    let trace = trace(vec![
        (1, 0, 0, fault(&CRASH_BETWEEN)),
        (1, 0, 0, Fact::Stored(added(1, 1, 1))),
        (1, 0, 0, commands()),
        (2, 1, 10, fault(&PAUSE)),
        (2, 1, 10, commands()),
    ]);
    let story = story(&trace, Detail::Story);
    let lines: Vec<_> = story.lines().iter().map(|line| line.text.as_str()).collect();
    assert_eq!(
        lines,
        [
            "! CrashBetween, 1.000s",
            "stores k-1 v0 → v1 @1: Added 1",
            "sends Add 5 to k-1, lost in the crash",
            "! Pause, 1.000s",
            "sends Add 5 to k-1",
        ]
    );
}

#[test]
fn a_story_omits_routine_but_no_trouble() {
    let position = Position(1);
    let token = Token { stream: counter(1), version: Version(1) };
    let event = || added(1, 1, 1);
    let applied = || Fact::Applied {
        view: ViewId(0),
        event: event(),
        checkpoint: Ordinal(1),
        upto: position,
    };
    let routine = [
        Fact::Inserted { command: command(ANA) },
        Fact::Committed { command: command(ANA), first: Position(1) },
        Fact::Acknowledged { command: command(ANA), outcome: AppendOutcome::Appended },
        Fact::Published { event: event(), again: false },
        Fact::Routed { position, queues: 0 },
        Fact::Marked { upto: position },
        Fact::Delivered { queue: 0, event: event(), redelivered: false },
        Fact::Acked { queue: 0, position },
        Fact::Leased { fence: 1, until: Instant::ZERO },
        Fact::Subscribed { queue: 0, prefetch: 10 },
        Fact::CachePinned { key: CacheKey::Row(ViewId(0), RowKey(1)), token },
        applied(),
    ];
    let trouble = [
        Fact::Acknowledged { command: command(ANA), outcome: AppendOutcome::Unknown },
        Fact::Published { event: event(), again: true },
        Fact::Delivered { queue: 0, event: event(), redelivered: true },
        Fact::Requeued { queue: 0, position },
        Fact::DeadLettered { queue: 1, position },
        Fact::Buffered { view: ViewId(0), stream: counter(1), version: Version(2) },
        Fact::Skipped { view: ViewId(0), stream: counter(1), version: Version(1) },
        Fact::Blocked { command: command(BEN), stream: Some(counter(1)), behind: command(ANA) },
        Fact::Leased { fence: 2, until: Instant::ZERO },
    ];
    let steps = (1..).zip(routine.into_iter().chain(trouble));
    let mut facts: Vec<_> = steps.map(|(step, fact)| (step, 0, step, fact)).collect();
    // A view that is far behind is not routine.
    facts.push((99, 0, 3_000_000, applied()));
    let trace = trace(facts);
    let texts: Vec<String> =
        story(&trace, Detail::Story).lines().iter().map(|line| line.text.clone()).collect();
    assert_eq!(
        texts,
        [
            "learns of request 1 of ana: outcome unknown",
            "republishes Added k-1 v1",
            "redelivers Added k-1 v1 from the queue of Totals",
            "requeues @1 in the queue of Totals",
            "dead-letters @1 of the queue of sagas",
            "holds back k-1 v2: its predecessor is missing",
            "skips k-1 v1: already applied",
            "blocks request 1 of ben: request 1 of ana writes k-1",
            "grants outbox lease 2 until 0.000s",
            "applies Added k-1 v1, 3.000s behind",
        ]
    );
    assert_eq!(story(&trace, Detail::Everything).lines().len(), trace.records.len());
}

#[test]
fn two_hundred_waiters_are_three_lines_and_a_count() {
    let key = CacheKey::Row(ViewId(0), RowKey(1));
    let get = |nth: u64| {
        let request = RequestId { customer: CustomerId(nth as u32), nth: 1 };
        (nth, 0, nth, Fact::CacheGet { key, request, answer: CacheAnswer::Wait })
    };
    let mut facts: Vec<_> = (1..=200).map(get).collect();
    let row = Some(Row { total: 5, version: Version(1) });
    let answer = Answer::Shown(Query::Total(1), row);
    facts.push((201, 7, 201, Fact::Told { request: ANA, owed: Owed::Nothing, answer }));
    let story = story(&trace(facts), Detail::Story);
    let page = story.brief(Brevity::default()).to_string();
    let lines: Vec<&str> = page.lines().collect();
    assert_eq!(lines.len(), 5, "{page}");
    assert_eq!(lines[2].trim(), "3        0.000003s  store  wait: total 1, c-4 waits for the load");
    assert_eq!(lines[3].trim(), "… 197 more like it, steps 4 to 200");
    // Step 7 is omitted, so there is no line to refer to.
    assert_eq!(lines[4].trim(), "201 ← …    0.000201s  ana    sees the total of k-1: 5 as of v1");
}

#[test]
fn the_middle_of_a_long_story_is_omitted_and_counted() {
    // Two kinds of lines alternate, so that there are no repetitions to count.
    let fact = |step: u64| if step.is_multiple_of(2) { sends(ANA) } else { asks(BEN) };
    let trace = trace((1..=2000).map(|step| (step, 0, step, fact(step))).collect());
    let story = story(&trace, Detail::Story);
    let brief = |first, last| story.brief(Brevity { first, last }).to_string();
    let page = brief(3, 2);
    let lines: Vec<&str> = page.lines().collect();
    assert_eq!(lines.len(), 6);
    assert_eq!(lines[3].trim(), "… 1,995 lines, up to step 1998 …");
    assert!(lines[4].starts_with("1999 "));
    assert_eq!(brief(1000, 999).lines().count(), 2000, "a gap of one line would save nothing");
}

#[test]
fn the_middle_keeps_a_few_lines_of_each_kind_of_trouble() {
    let fact = |step: u64| match step {
        50 | 60 | 61 | 70 | 80 => fault(&PAUSE),
        65 => Fact::Restarted,
        _ if step.is_multiple_of(2) => sends(ANA),
        _ => asks(BEN),
    };
    let trace = trace((1..=100).map(|step| (step, 0, step, fact(step))).collect());
    let page = story(&trace, Detail::Story).brief(Brevity { first: 2, last: 1 }).to_string();
    // Two, four notable ones between four gaps, and one.
    assert_eq!(page.lines().count(), 11, "{page}");
    assert_eq!(page.matches("! Pause").count(), 3, "{page}");
    assert_eq!(page.matches("restarts").count(), 1, "{page}");
    let left_out: Vec<&str> = page.lines().filter(|line| line.contains("lines, up to")).collect();
    assert_eq!(left_out.len(), 4, "{page}");
    assert!(left_out[0].contains("47 lines, up to step 49"), "{page}");
    assert!(left_out[3].contains("34 lines, up to step 99"), "{page}");
}

#[test]
fn a_neighbourhood_refers_to_causes_outside_of_it() {
    let fact = || Fact::Subscribed { queue: 0, prefetch: 10 };
    let facts = (1..=50).map(|step| (step, u64::from(step == 40), step, fact()));
    let story = story(&trace(facts.collect()), Detail::Everything);
    let page = story.around(Step(40), 2).to_string();
    let steps: Vec<&str> = page.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(steps, ["38", "39", "40", "41", "42"]);
    assert!(page.contains("40 ← 1 "), "{page}");
}

#[test]
fn sagas_and_consumers_appear_under_their_own_names() {
    let saga = crate::model::StreamId { category: crate::model::Category(1), number: 3 };
    let effect = EffectId { saga, version: Version(2), nth: 0 };
    let due = Instant::ZERO + Span::from_secs(1);
    let trace = trace(vec![
        (1, 0, 0, Fact::SagaCommanded { effect, command: ADD, again: true }),
        (2, 1, 5, Fact::SagaTold { effect, command: ADD, verdict: CommandOutcome::Unknown }),
        (3, 0, 9, Fact::TimerFired { saga, timer: 4, due }),
        (4, 0, 9, Fact::Subscribed { queue: 1, prefetch: 100 }),
    ]);
    let story = story(&trace, Detail::Everything);
    let lines: Vec<_> =
        story.lines().iter().map(|line| format!("{} {}", line.speaker.name, line.text)).collect();
    assert_eq!(
        lines,
        [
            "s-3 resends Add 5 to k-1",
            "s-3 outcome unknown: Add 5 to k-1",
            "store fires the timer of s-3, due at 1.000s: timer 4",
            "sagas subscribes to its queue, prefetch 100",
        ]
    );
}

#[test]
fn a_line_has_as_data_what_its_text_says() {
    let (saga, accepted) = (counter(3), Token { stream: counter(1), version: Version(1) });
    let conflict = Abort::Conflict {
        stream: counter(2),
        expected: Expected::Exact(Version(0)),
        actual: Version(1),
    };
    let effect = CommandId::Effect(EffectId { saga, version: Version(2), nth: 0 });
    let trace = trace(vec![
        (1, 0, 0, sends(ANA)),
        (2, 1, 10, Fact::Aborted { command: effect, first: None, why: conflict }),
        (3, 1, 20, told(ANA, CommandOutcome::Accepted(accepted))),
        (4, 3, 30, told(BEN, CommandOutcome::Refused(BelowZero))),
    ]);
    let story = story(&trace, Detail::Story);
    let data = |line: &Line| {
        let about = line.about.iter().map(|it| format!("{:?} {}", it.kind, it.name)).collect();
        let Speaker { name, role } = line.speaker.clone();
        (name, role, about, line.cause, line.importance)
    };
    let line = |name: &str, role, about: &[&str], cause, importance| {
        let about: Vec<String> = about.iter().map(|it| (*it).to_owned()).collect();
        (name.to_owned(), role, about, cause, importance)
    };
    assert_eq!(
        story.lines().iter().map(data).collect::<Vec<_>>(),
        [
            line("ana", "customer", &["Stream k-1"], None, Importance::News),
            line(
                "store",
                "store",
                &["Stream k-2", "Stream k-3"],
                Some(Step(1)),
                Importance::Trouble
            ),
            line("ana", "customer", &["Stream k-1"], Some(Step(1)), Importance::News),
            line("ben", "customer", &["Stream k-1"], Some(Step(3)), Importance::Rejection),
        ]
    );
}

#[test]
fn an_empty_run_is_an_empty_page() {
    let story = story(&trace(Vec::new()), Detail::Everything);
    assert!(story.page().is_empty());
    assert_eq!(story.brief(Brevity::default()).to_string(), "");
}

#[test]
fn a_read_as_of_a_version_or_time_states_the_version_found() {
    let (request, stream) = (ANA, counter(1));
    let recalled =
        |as_of, version| Fact::Recalled { request, stream, as_of, version: Version(version) };
    let token = Token { stream, version: Version(3) };
    let (query, owed) = (Query::Total(1), Owed::Pinned(token));
    let asks = Fact::Queried { request, query, owed, resend: false };
    let past = AsOf::Instant(Instant::ZERO + Span::from_millis(20));
    let facts = [
        asks,
        recalled(AsOf::Now, 3),
        recalled(AsOf::Version(Version(2)), 2),
        recalled(AsOf::Version(Version(9)), 3),
        recalled(past, 1),
    ];
    let facts = (1..).zip(facts).map(|(step, fact)| (step, step - 1, step, fact)).collect();
    let story = story(&trace(facts), Detail::Story).brief(Brevity::default()).to_string();
    for line in [
        "asks for the total of k-1, at least k-1 v3, session pinned",
        "reads k-1 as of now from the store: v3",
        "reads k-1 as of v2 from the store",
        "reads k-1 as of v9 from the store: only v3 exists",
        "reads k-1 as of 0.020s from the store: v1",
    ] {
        assert!(story.contains(line), "{line} in\n{story}");
    }
}
