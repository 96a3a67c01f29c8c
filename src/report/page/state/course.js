// What a name says about the course of a process. Events are named in the past tense and commands in the imperative;
// the words for undoing, doubt and success are those of all domains.

const UNDOING = /undo|compensat|cancel|releas|return|refund|void|revers|abort/i;
const DOUBT = /unknown|doubt|unanswered|timed.?out/i;
const DONE = /complet|finish|settled|done$/i;

export function stepMark(name) {
  if (DOUBT.test(name)) return 'unknown';
  if (UNDOING.test(name)) return 'undone';
  if (DONE.test(name)) return 'ok';
  return 'running';
}
