"use strict";
// Runs every case, one after another, and says how each ended: a JSON object a line.
const cases = require("./cases");

const LIMIT_MS = 60000;

const said = (error) => {
  if (Array.isArray(error)) return error.map(said).join("; ");
  return error && error.message ? `${error.status ? `${error.status} ` : ""}${error.message}` : JSON.stringify(error);
};

(async () => {
  for (const [name, run] of Object.entries(cases)) {
    let timer;
    const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error("no answer in time")), LIMIT_MS); });
    const reason = await Promise.race([run(), late]).then(() => null, said).finally(() => clearTimeout(timer));
    console.log(JSON.stringify({ name, reason }));
  }
  process.exit(0);
})();
