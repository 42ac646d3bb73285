"use strict";
// A contender without arithmetic: node contender-double.cjs '{"ms": 1, "losses": [1], "dies": "now"|"later"}'. It logs its turns to $TURNS.
const fs = require("node:fs");
const readline = require("node:readline");

const { name, ms, losses, dies } = JSON.parse(process.argv[2]);
if (dies === "now") {
  process.stderr.write("Error: out of luck\n    at somewhere\n");
  process.exit(3);
}
process.stdout.write("a line that is not of the protocol\n");
process.stdout.write(`${JSON.stringify({ ready: { losses, about: { kind: name } } })}\n`);
let turns = 0;
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const times = Number(line.split(" ")[1]);
  fs.appendFileSync(process.env.TURNS, `${name} ${times}\n`);
  if (dies === "later" && ++turns === 3) process.kill(process.pid, "SIGKILL");
  else process.stdout.write(`${JSON.stringify({ turn: { ms: Array(times).fill(ms), rss_mb: 10 * ms } })}\n`);
});
