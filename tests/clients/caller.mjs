// Calls an application as jambonz does, with the websocket library that jambonz uses.
//
// Reads a scenario from stdin, one JSON object (see node_ws.py, which writes it), holds its calls at the same time, and
// writes one JSON line per call to stdout.

import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import WebSocket from "ws";

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

class Failure extends Error {}

function msgid() {
  let id = "";
  for (let i = 0; i < 22; i++) id += BASE58[randomInt(BASE58.length)];
  return id;
}

function delay(ms) {
  let timer;
  const promise = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return { promise, cancel: () => clearTimeout(timer) };
}

class Call {
  constructor(scenario) {
    this.scenario = scenario;
    this.callSid = randomUUID();
    // A call of its own: the texts that belong to the template's one call, and what stands for them here.
    const { call_sid, call_id, sbc_callid } = scenario.templates.identities;
    this.renames = [
      [call_sid, this.callSid],
      [call_id, `${randomBytes(6).toString("hex")}@198.51.100.20`],
      [sbc_callid, `${randomBytes(5).toString("hex")}@203.0.113.9`],
    ];
    this.inbox = [];
    this.wake = null;
    this.closed = null;
    this.error = null;
    this.acked = new Set();
    this.report = {
      call_sid: this.callSid,
      ok: false,
      reason: "",
      extensions: "",
      subprotocol: "",
      close_code: null,
      ack_ms: [],
      commands: [],
    };
  }

  notify() {
    if (this.wake) this.wake();
    this.wake = null;
  }

  connect() {
    const { url, headers, subprotocol, handshake_timeout } = this.scenario;
    this.ws = new WebSocket(url, [subprotocol], {
      headers,
      handshakeTimeout: handshake_timeout * 1000,
      maxPayload: 24576,
      perMessageDeflate: true,
      followRedirects: true,
      maxRedirects: 2,
    });
    this.ws.on("message", (data, isBinary) => {
      this.inbox.push({ text: isBinary ? null : data.toString(), at: performance.now() });
      this.notify();
    });
    this.ws.on("error", (error) => {
      this.error = error;
      this.notify();
    });
    this.ws.on("close", (code) => {
      this.closed = code;
      // Never open: no peer said anything, 1006 would suggest a dropped call.
      if (this.opened) this.report.close_code = code;
      this.notify();
    });
    this.ws.on("open", () => {
      this.opened = true;
      this.report.extensions = this.ws.extensions;
      this.report.subprotocol = this.ws.protocol;
      this.notify();
    });
  }

  // Wait until `ready()` is not undefined, or throw `Failure` with the text.
  async until(ready, ms, text) {
    const limit = delay(ms);
    let late = false;
    limit.promise.then(() => {
      late = true;
      this.notify();
    });
    try {
      for (;;) {
        const value = ready();
        if (value !== undefined) return value;
        if (late) throw new Failure(text);
        await new Promise((resolve) => {
          this.wake = resolve;
        });
      }
    } finally {
      limit.cancel();
    }
  }

  send(template, changes = {}) {
    let text = JSON.stringify(template);
    for (const [old, now] of this.renames) text = text.replaceAll(old, now);
    const message = { ...JSON.parse(text), msgid: msgid(), ...changes };
    this.ws.send(JSON.stringify(message));
    return { msgid: message.msgid, type: message.type, at: performance.now() };
  }

  // Take what has arrived; return the ack of `sent` if it is there.
  sort(sent) {
    while (this.inbox.length) {
      const { text, at } = this.inbox.shift();
      if (text === null) throw new Failure("the application sent a binary message");
      let message;
      try {
        message = JSON.parse(text);
      } catch {
        throw new Failure(`the application sent what is not JSON: ${text.slice(0, 200)}`);
      }
      if (message.type === "ack") {
        if (this.acked.has(message.msgid)) throw new Failure(`acked twice: ${text.slice(0, 300)}`);
        if (!sent || message.msgid !== sent.msgid) throw new Failure(`unwanted ack: ${text.slice(0, 300)}`);
        this.acked.add(message.msgid);
        this.report.ack_ms.push(Math.round((at - sent.at) * 1000) / 1000);
        return Array.isArray(message.data) ? message.data : [];
      }
      this.report.commands.push(message);
    }
    return undefined;
  }

  async ackOf(sent) {
    const seconds = this.scenario.ack_timeout;
    return this.until(
      () => {
        const verbs = this.sort(sent);
        if (verbs !== undefined) return verbs;
        if (this.closed !== null) throw new Failure(`closed with ${this.closed} before the ack of ${sent.type}`);
        return undefined;
      },
      seconds * 1000,
      `no ack of ${sent.type} within ${seconds} s`,
    );
  }

  async hold() {
    const { templates, turns } = this.scenario;
    await this.until(
      () => {
        if (this.opened) return true;
        if (this.error) throw new Failure(`cannot connect: ${this.error.message}`);
        return undefined;
      },
      (this.scenario.handshake_timeout + 1) * 1000,
      "no handshake",
    );
    let verbs = await this.ackOf(this.send(templates.new));
    let gather = findGather(verbs);
    if (!gather) throw new Failure(`the ack of session:new has no gather with an actionHook: ${JSON.stringify(verbs)}`);
    this.send(templates.trying);
    this.send(templates.in_progress);
    for (const utterance of turns) {
      const data = {
        ...templates.hook.data,
        speech: {
          language_code: "en-GB",
          channel_tag: 1,
          is_final: true,
          alternatives: [{ transcript: utterance, confidence: 0.93 }],
          vendor: {
            name: "google",
            evt: { is_final: true, stability: 0, alternatives: [{ transcript: utterance, confidence: 0.93 }] },
          },
        },
        reason: "speechDetected",
      };
      if (gather.id !== undefined) data.verb_id = gather.id;
      verbs = await this.ackOf(this.send({ ...templates.hook, data }, { hook: hookName(gather) }));
      if (!verbs.some((verb) => verb.verb === "say" && spoken(verb).includes(utterance))) {
        throw new Failure(`no say with ${JSON.stringify(utterance)} in the ack: ${JSON.stringify(verbs)}`);
      }
      gather = findGather(verbs) ?? gather;
    }
    this.send(templates.completed);
    this.ws.close(1000);
    await this.until(() => (this.closed === null ? undefined : true), 35000, "no answer to the close");
    this.sort(null);
    if (this.closed !== 1000) throw new Failure(`the close 1000 was answered with ${this.closed}`);
  }

  async run(deadline) {
    this.connect();
    // A failure after the deadline has nobody to tell.
    const held = this.hold();
    held.catch(() => {});
    try {
      await Promise.race([
        held,
        deadline.then(() => {
          throw new Failure(`not over within ${this.scenario.timeout} s`);
        }),
      ]);
      this.report.ok = true;
    } catch (error) {
      this.report.reason = error instanceof Failure ? error.message : String(error.stack ?? error);
    } finally {
      this.ws.terminate();
    }
    return this.report;
  }
}

function hookName(gather) {
  return typeof gather.actionHook === "object" ? gather.actionHook.url : gather.actionHook;
}

function findGather(verbs) {
  return verbs.find((verb) => verb.verb === "gather" && verb.actionHook && hookName(verb));
}

function spoken(say) {
  return Array.isArray(say.text) ? say.text.join(" ") : String(say.text ?? "");
}

let input = "";
for await (const chunk of process.stdin) input += chunk;
const scenario = JSON.parse(input);
const deadline = delay(scenario.timeout * 1000);
const calls = Array.from({ length: scenario.calls }, () => new Call(scenario));
await Promise.all(
  calls.map(async (call) => {
    const report = await call.run(deadline.promise);
    process.stdout.write(JSON.stringify(report) + "\n");
  }),
);
deadline.cancel();
