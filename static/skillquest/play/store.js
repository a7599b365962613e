/** What a person has chosen or typed and the server does not have yet: it survives a reload, and a lost connection. */

const FORM_KEEPING = ["csrfmiddlewaretoken", "session_id", "question_id"];

/** Keyed by person and play: two people can share a browser. */
export function openStore(person, session) {
  const name = nameOf(person, session);
  let state = load(name) ?? { drafts: {}, unsent: [], finished: false };

  function change(next) {
    state = { ...state, ...next };
    try {
      localStorage.setItem(name, JSON.stringify(state));
    } catch {} // no storage, as in some private windows: then it lives as long as the page
  }

  return {
    get unsent() {
      return state.unsent;
    },
    get isFinished() {
      return state.finished;
    },
    draft: (question) => state.drafts[question],
    keepDraft: (question, entries) => change({ drafts: { ...state.drafts, [question]: entries } }),
    isUnsent: (question) => state.unsent.some((answer) => answer.question === question),
    keep(answer) {
      change({ unsent: [...state.unsent.filter(({ question }) => question !== answer.question), answer] });
    },
    drop(question) {
      const { [question]: _, ...drafts } = state.drafts;
      change({ drafts, unsent: state.unsent.filter((answer) => answer.question !== question) });
    },
    finish: (finished) => change({ finished }),
  };
}

export function forgetPlay(person, session) {
  try {
    localStorage.removeItem(nameOf(person, session));
  } catch {}
}

/** What the learner has put into a form, as pairs of name and value. */
export function entriesOf(form) {
  return [...new FormData(form)].filter(([name]) => !FORM_KEEPING.includes(name));
}

const nameOf = (person, session) => `skillquest.play.${person}.${session}`;

function load(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}
