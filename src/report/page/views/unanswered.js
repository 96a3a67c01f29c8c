// Why a saga does not wait for an answer any more.
export const UNANSWERED = { lost: 'lost in a crash', again: 'asked again' };
