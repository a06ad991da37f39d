// Stripe's client library for Node drives the emulator through the life of some
// sessions. Run by ./run, which says where the emulator's program is.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { once } from "node:events";
import { createInterface } from "node:readline";
import Stripe from "stripe";

const secret = "whsec_of_stripe_node";
const deadline = setTimeout(() => {
  console.error("stripe-node: not done after two minutes");
  process.exit(1);
}, 120_000);

const arrived = []; // events that came by webhook
const receiver = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const signature = request.headers["stripe-signature"];
  try {
    arrived.push(Stripe.webhooks.constructEvent(body, signature, secret));
    assert.throws(() => Stripe.webhooks.constructEvent(body, signature, "whsec_other"), Stripe.errors.StripeSignatureVerificationError);
    response.writeHead(204).end();
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
    response.writeHead(400).end();
  }
});
receiver.listen(0, "127.0.0.1");
await once(receiver, "listening");

const program = spawn(process.env.IDTOP, [
  "emulator", "--listen", "127.0.0.1:0", "--sessions", "0", "--redaction-delay", "1h",
  "--webhook", `http://127.0.0.1:${receiver.address().port}/webhook`, "--webhook-secret", secret,
  "--webhook-events", "*,identity.verification_session.redacted",
], { stdio: ["ignore", "pipe", "inherit"] });
process.on("exit", () => program.kill());
const [said] = await once(createInterface({ input: program.stdout }), "line");
const address = new URL(said.match(/http:\/\/[^ ]+?:\d+/)[0]);

const connect = (key, more) => new Stripe(key, {
  host: address.hostname, port: address.port, protocol: "http", maxNetworkRetries: 0, telemetry: false, ...more,
});
const stripe = connect("rk_test_51H0abcDEFghiJKLmnopQRst"); // may read sensitive results
const sessions = stripe.identity.verificationSessions;
const control = async (path, parameters, method = "POST") => {
  const answer = await fetch(new URL("/_emulator/" + path, address), { method, body: parameters && new URLSearchParams(parameters) });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
};
const refusal = async (promise, kind, expected) => {
  const error = await promise.then(() => assert.fail("not refused"), (e) => e);
  assert(error instanceof kind, `${error.constructor.name} ${error.message}`);
  for (const [name, value] of Object.entries(expected)) assert.equal(error[name], value, `${name} of ${error.message}`);
};

// Create, twice with the same key: one session.
const wanted = { type: "document", metadata: { user_id: "ann_8392" }, options: { document: { require_matching_selfie: true } } };
const created = await sessions.create(wanted, { idempotencyKey: "node-1" });
const replayed = await sessions.create(wanted, { idempotencyKey: "node-1" });
assert.equal(replayed.id, created.id);
assert.equal(replayed.lastResponse.headers["idempotent-replayed"], "true");
assert.equal(created.status, "requires_input");
assert.equal(created.metadata.user_id, "ann_8392");
await refusal(sessions.create({ ...wanted, type: "id_number", options: {} }, { idempotencyKey: "node-1" }), Stripe.errors.StripeIdempotencyError, { statusCode: 400 });

// The link leads to a page, and each retrieval hands out another one.
const page = await fetch(created.url);
assert.equal(page.status, 200);
assert.match(await page.text(), /asks you to verify your identity/);
const retrieved = await sessions.retrieve(created.id);
assert.notEqual(retrieved.url, created.url);
assert.notEqual(retrieved.client_secret, created.client_secret);
assert.equal((await sessions.update(created.id, { metadata: { plan: "gold" } })).metadata.plan, "gold");

// A failure, then another attempt that passes.
await control(`sessions/${created.id}/submit`, { outcome: "requires_input", code: "document_expired" });
const failed = await sessions.retrieve(created.id, { expand: ["last_verification_report"] });
assert.equal(failed.last_error.code, "document_expired");
assert.equal(failed.last_verification_report.document.status, "unverified");
await control(`sessions/${created.id}/submit`, { outcome: "verified" });
const verified = await sessions.retrieve(created.id, { expand: ["verified_outputs", "verified_outputs.dob"] });
assert.equal(verified.status, "verified");
assert.equal(typeof verified.verified_outputs.first_name, "string");
assert.equal(typeof verified.verified_outputs.dob.year, "number");
assert.equal(verified.url, null);

const reports = stripe.identity.verificationReports;
const attempts = await reports.list({ verification_session: created.id });
assert.deepEqual(attempts.data.map((r) => r.document.status), ["verified", "unverified"]);
assert.equal((await reports.retrieve(attempts.data[0].id)).verification_session, created.id);

// Cancel, and what can't be canceled.
const other = await sessions.create({ type: "id_number", client_reference_id: "order-5512" });
assert.equal((await sessions.cancel(other.id)).status, "canceled");
await refusal(sessions.cancel(created.id), Stripe.errors.StripeInvalidRequestError, { statusCode: 400 });

// Lists, page by page.
const more = [];
for (let n = 0; n < 5; n++) more.push((await sessions.create({ type: "document" })).id);
const listed = [];
for await (const session of sessions.list({ limit: 2 })) listed.push(session.id);
assert.deepEqual(listed, [...more.reverse(), other.id, created.id]);
assert.deepEqual((await sessions.list({ client_reference_id: "order-5512" })).data.map((s) => s.id), [other.id]);

// Redact, and follow it to the end.
const redacting = await sessions.redact(created.id);
assert.equal(redacting.redaction.status, "processing");
assert.deepEqual(redacting.metadata, {});
await refusal(sessions.update(created.id, { metadata: { plan: "none" } }), Stripe.errors.StripeInvalidRequestError, { statusCode: 400 });
await control("clock", { advance: "2h" });
assert.equal((await sessions.retrieve(created.id)).redaction.status, "redacted");

// Operations that Stripe has not are reached by raw requests: what the document tells, and
// several attempts at once.
const chosen = await sessions.create(wanted);
const alias = `/v1/test_helpers/identity/verification_sessions/${chosen.id}/submit`;
const outcome = await stripe.rawRequest("POST", alias, { outcome: "verified", person: "jenny", last_name: "Müller", attempts: ["document_expired,selfie_manipulated"] });
assert.equal(outcome.status, "verified");
const told = await sessions.retrieve(chosen.id, { expand: ["verified_outputs"] });
assert.equal(`${told.verified_outputs.first_name} ${told.verified_outputs.last_name}`, "Jenny Müller");
await refusal(stripe.rawRequest("POST", alias, { outcome: "verified" }), Stripe.errors.StripeInvalidRequestError, { statusCode: 400 });

// An image is a drawing, and a link to it works for 30 seconds.
const [passed] = (await reports.list({ verification_session: chosen.id })).data;
const now = (await control("state", undefined, "GET")).clock.unix;
const link = await stripe.fileLinks.create({ file: passed.document.files[0], expires_at: now + 20 });
const image = await fetch(link.url);
assert.equal(image.headers.get("content-type"), "image/jpeg");
assert.equal((await image.arrayBuffer()).byteLength, (await stripe.files.retrieve(passed.document.files[0])).size);
await control("clock", { advance: "30s" });
assert.equal((await fetch(link.url)).status, 410);

// Webhook endpoints and ephemeral keys.
const endpoint = await stripe.webhookEndpoints.create({ url: `http://127.0.0.1:${receiver.address().port}/other`, enabled_events: ["customer.created"] });
assert.match(endpoint.secret, /^whsec_\w+$/);
assert.equal((await stripe.webhookEndpoints.update(endpoint.id, { disabled: true })).status, "disabled");
assert.equal((await stripe.webhookEndpoints.list()).data.length, 2);
assert.equal((await stripe.webhookEndpoints.del(endpoint.id)).deleted, true);
const waiting = await sessions.create({ type: "document" });
const ephemeral = await stripe.ephemeralKeys.create({ verification_session: waiting.id }, { apiVersion: "2025-03-31.basil" });
const app = connect(ephemeral.secret);
assert.equal((await app.identity.verificationSessions.retrieve(waiting.id)).id, waiting.id);
await refusal(app.identity.verificationSessions.retrieve(chosen.id), Stripe.errors.StripePermissionError, { statusCode: 403 });
await stripe.ephemeralKeys.del(ephemeral.id);
await refusal(app.identity.verificationSessions.retrieve(waiting.id), Stripe.errors.StripeAuthenticationError, { statusCode: 401 });

// Errors are of the classes that programs tell apart.
const { errors } = Stripe;
await refusal(sessions.retrieve("vs_unknown"), errors.StripeInvalidRequestError, { statusCode: 404, code: "resource_missing" });
await refusal(sessions.create({ type: "passport" }), errors.StripeInvalidRequestError, { statusCode: 400, param: "type" });
await refusal(connect("sk_test_").identity.verificationSessions.list(), errors.StripeAuthenticationError, { statusCode: 401 });
await refusal(connect("rk_test_read_1").identity.verificationSessions.create({ type: "document" }), errors.StripePermissionError, { statusCode: 403 });
for (const [mode, kind] of [["429", errors.StripeRateLimitError], ["500", errors.StripeAPIError], ["cut", errors.StripeConnectionError]]) {
  await control("fault", { mode }); // until it is cleared: a closed connection is always tried again once
  await refusal(sessions.list(), kind, {});
  await control("fault", undefined, "DELETE");
}
// What failed after it had its effect is not done twice.
await control("fault", { mode: "500_after", match: "^POST /v1/", count: 1 });
const before = (await control("state", undefined, "GET")).sessions;
await connect("sk_test_123", { maxNetworkRetries: 2 }).identity.verificationSessions.create({ type: "document" }).catch((error) => assert(error instanceof errors.StripeAPIError));
assert.equal((await control("state", undefined, "GET")).sessions, before + 1);

// Every event comes by webhook as it is listed.
const events = [];
for await (const event of stripe.events.list({ limit: 100 })) events.push(event);
while (arrived.length < events.length) await new Promise((resolve) => setTimeout(resolve, 10));
assert.deepEqual(new Set(arrived.map((e) => e.id)), new Set(events.map((e) => e.id)));
const ofCreated = arrived.filter((e) => e.data.object.id === created.id).map((e) => e.type.split(".").pop());
assert.deepEqual(ofCreated, ["created", "processing", "requires_input", "processing", "verified", "redacted"]);
assert.equal((await stripe.events.retrieve(events[0].id)).type, events[0].type);
const canceled = await stripe.events.list({ types: ["identity.verification_session.canceled"] });
assert.deepEqual(canceled.data.map((e) => e.data.object.id), [other.id]);
assert.equal((await stripe.events.list({ delivery_success: false })).data.length, 0);

clearTimeout(deadline);
receiver.close();
receiver.closeAllConnections();
program.kill();
console.log(`stripe-node ${Stripe.PACKAGE_VERSION}: ${events.length} events, all as expected`);
