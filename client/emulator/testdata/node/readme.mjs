// Runs the program for node in .github/EMULATOR.md as it is shown, but for the ports.
// Run by ./run: PAGE is the path of EMULATOR.md, IDTOP that of the program.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

const deadline = setTimeout(() => {
  console.error("EMULATOR.md's program for node: not done after a minute");
  process.exit(1);
}, 60_000);

const probe = createServer().listen(0, "127.0.0.1"); // finds a free port
await once(probe, "listening");
const receiving = probe.address().port;
probe.close();

const emulator = spawn(process.env.IDTOP, [
  "emulator", "--listen", "127.0.0.1:0", "--sessions", "0",
  "--webhook", `http://127.0.0.1:${receiving}/webhook`, "--webhook-secret", "whsec_emulator",
], { stdio: ["ignore", "pipe", "inherit"] });
process.on("exit", () => emulator.kill());
const [said] = await once(createInterface({ input: emulator.stdout }), "line");
const listening = said.match(/127\.0\.0\.1:(\d+)/)[1];

const page = await readFile(process.env.PAGE, "utf8");
const [, shown] = page.match(/^```js\n([^]*?)^```$/m);
await writeFile("shown.mjs", shown.replaceAll("12111", listening).replaceAll("4242", receiving));

const program = spawn(process.execPath, ["shown.mjs"], { stdio: ["ignore", "pipe", "inherit"] });
process.on("exit", () => program.kill());
const lines = [];
for await (const line of createInterface({ input: program.stdout })) {
  lines.push(line);
  if (lines.length === 2) break;
}
assert(lines.some((line) => line.startsWith(`open http://127.0.0.1:${listening}/start/test_`)), lines.join("\n"));
assert(lines.some((line) => /^identity\.verification_session\.created vs_\w+$/.test(line)), lines.join("\n"));
clearTimeout(deadline);
console.log("EMULATOR.md's program for node: as expected");
process.exit();
