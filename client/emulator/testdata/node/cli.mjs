// Stripe's command line drives the emulator through the life of some sessions. Run by
// ./run, which says where the emulator's program is.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const cli = "node_modules/@stripe/cli-linux-x64/bin/stripe";
if (!existsSync(cli)) {
  console.log("stripe-cli: not for this system");
  process.exit();
}
const program = spawn(process.env.IDTOP, ["emulator", "--listen", "127.0.0.1:0", "--sessions", "0", "--redaction-delay", "1h"], { stdio: ["ignore", "pipe", "inherit"] });
process.on("exit", () => program.kill());
const [said] = await once(createInterface({ input: program.stdout }), "line");
const address = said.match(/http:\/\/[^ ]+?:\d+/)[0];

// It keeps its settings in this folder, and tells nobody of its use.
const env = { PATH: process.env.PATH, HOME: process.cwd(), XDG_CONFIG_HOME: process.cwd(), STRIPE_CLI_TELEMETRY_OPTOUT: "1" };
const stripe = async (...args) => {
  const ran = await promisify(execFile)(cli, [...args, "--api-key", "sk_test_4eC39HqLyjWDarjtT1zdp7dc", "--api-base", address], { env, timeout: 60_000 });
  return args[0] === "fixtures" ? ran.stdout : JSON.parse(ran.stdout.slice(ran.stdout.indexOf("{"))); // after what a confirmation says
};
const sessions = (...args) => stripe("identity", "verification_sessions", ...args);

// From the first request to a verdict, by fixtures: they reach every outcome.
await stripe("fixtures", "fixtures.json");
const [made] = (await sessions("list", "--limit", "1")).data;
assert.equal(made.status, "verified");
assert.equal(made.metadata.user_id, "ann_8392");
const reports = (await stripe("identity", "verification_reports", "list", "--verification-session", made.id)).data;
assert.deepEqual(reports.map((report) => report.document.status), ["verified", "unverified"]);
assert.equal(reports[0].document.first_name, "Jenny");

// Create, update, cancel; a session that is over is refused.
const created = await sessions("create", "--type", "document", "-d", "metadata[user_id]=ben_17");
assert.equal((await sessions("update", created.id, "-d", "metadata[plan]=gold")).metadata.plan, "gold");
assert.equal((await sessions("retrieve", created.id)).status, "requires_input");
assert.equal((await sessions("cancel", created.id)).status, "canceled");
assert.match((await sessions("cancel", made.id)).error.message, /has a status of "verified"/);

// Redact, and read what Stripe tells of it all.
assert.equal((await sessions("redact", made.id)).redaction.status, "processing");
assert.deepEqual((await sessions("retrieve", made.id)).metadata, {});
const events = (await stripe("events", "list", "--limit", "100")).data;
assert.deepEqual(events.map((event) => event.type.split(".").at(-1)).reverse(),
  ["created", "processing", "requires_input", "processing", "verified", "created", "canceled"]);
assert.equal((await stripe("events", "retrieve", events[0].id)).id, events[0].id);

// Webhook endpoints.
const endpoint = await stripe("webhook_endpoints", "create", "--url", "http://127.0.0.1:4242/webhook", "-d", "enabled_events[0]=identity.verification_session.verified");
assert.match(endpoint.secret, /^whsec_/);
assert.equal((await stripe("webhook_endpoints", "list")).data.length, 1);
assert.equal((await stripe("webhook_endpoints", "delete", endpoint.id, "--confirm")).deleted, true);

console.log("stripe-cli: as expected");
process.exit();
