/** A gain is celebrated once, however often its page is loaded. What is kept of the play is no longer needed. */

import { celebrate } from "../celebrate.js";
import { feel } from "./feel.js";
import { forgetPlay } from "./store.js";

const result = document.querySelector("[data-result]");
const { result: session, person } = result.dataset;
const name = `skillquest.celebrated.${session}`;

forgetPlay(person, session);
if ("gain" in result.dataset && !wasCelebrated()) {
  celebrate();
  feel.gain();
}

function wasCelebrated() {
  try {
    const was = sessionStorage.getItem(name);
    sessionStorage.setItem(name, "yes");
    return was !== null;
  } catch {
    return true;
  }
}
