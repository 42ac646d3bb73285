import assert from "node:assert/strict";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../../src/core/errors";
import { readCatalogue } from "../../../src/data/sources/catalogue";
import { fetchDataset, type FetchOptions, type FetchResult } from "../../../src/data/sources/fetch";
import type { RemoteFile } from "../../../src/data/sources/fetch-file";
import { retryAfter } from "../../../src/data/sources/fetch-http";
import { lockFolder } from "../../../src/engine/lock";
import { describe } from "../../../src/workbook/progress-display";
import { scratch, tamrl } from "../../helpers/cli";
import { smallDisk } from "../../faults/small-disk";
import { breaking, honest, serve, type Behaviour } from "../../helpers/file-server";

const WHOLE = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251));
const HASH = crypto.createHash("sha256").update(WHOLE).digest("hex");
const says = (pattern: RegExp) => (e: unknown): boolean => isWorkbookError(e, "BadFile") && pattern.test(e.message);

interface Case {
  readonly dir: string;
  readonly asked: number[];
  readonly waits: number[];
  run(more?: FetchOptions): Promise<FetchResult>;
  readonly target: string;
}

/** Runs `work` against a server with these behaviours and a catalogue that names its one file. */
async function against(behaviours: readonly Behaviour[], file: Partial<RemoteFile>, work: (c: Case) => Promise<void>): Promise<void> {
  const server = await serve(WHOLE, behaviours);
  const dir = scratch("fetch");
  const waits: number[] = [];
  const catalogue = path.join(dir, "catalogue.json");
  const entry = { id: "thing", title: "A thing", source: null, kinds: [], doi: "10.1/x", citation: "Someone 2020", licence: "CC BY 4.0", checksum: null };
  fs.writeFileSync(catalogue, JSON.stringify({ entries: [{ ...entry, fetch: { landing: "https://example.org/thing", steps: "press the button", files: [{ name: "file.bin", url: server.url, sha256: null, bytes: null, ...file }] } }] }));
  const to = path.join(dir, "to");
  const patience = { attempts: 3, wait: async (s: number): Promise<void> => void waits.push(s) };
  try {
    await work({ dir: to, asked: server.asked, waits, target: path.join(to, "file.bin"), run: (more = {}) => fetchDataset("thing", { to, catalogue, patience, ...more }) });
  } finally {
    await server.close();
  }
}

const left = (dir: string): string[] => fs.readdirSync(dir).sort();

test("licence and citation are shown before the first request, and a fetched file has its size and hash recorded", () =>
  against([honest], {}, async ({ run, asked, target, dir }) => {
    let shown = "";
    const { files } = await run({ notice: (text) => { assert.equal(asked.length, 0); shown += text; } });
    assert.match(shown, /A thing[\s\S]*CC BY 4\.0[\s\S]*Someone 2020, doi:10\.1\/x[\s\S]*https:\/\/example\.org\/thing/);
    assert.deepEqual(files, [{ name: "file.bin", status: "fetched", bytes: WHOLE.length, sha256: HASH, checked: false }]);
    assert.deepEqual(fs.readFileSync(target), WHOLE);
    assert.deepEqual(left(dir), ["fetched.json", "file.bin"]);
    assert.equal(JSON.parse(fs.readFileSync(path.join(dir, "fetched.json"), "utf8"))["file.bin"].sha256, HASH);
  }));

test("a broken connection goes on where it broke, and the pauses grow only while nothing comes", () =>
  against([breaking(0.4), breaking(0), breaking(0), honest], { sha256: HASH }, async ({ run, asked, waits, target }) => {
    await assert.rejects(run({ patience: { attempts: 2, wait: async () => undefined } }), says(/attempts/));
    const kept = fs.statSync(`${target}.part`).size;
    assert.ok(kept > 100_000 && kept < 200_000, String(kept));
    assert.equal((await run()).files[0]!.checked, true);
    assert.deepEqual(fs.readFileSync(target), WHOLE);
    assert.ok(asked.slice(1).every((from) => from === kept), asked.join());
    assert.deepEqual(waits, [1]);
  }));

test("an answer that ends early without an error is not taken for the whole file", () => {
  const short: Behaviour = (_, answer, whole) => { answer.writeHead(200); answer.end(whole.subarray(0, 1000)); };
  return against([short, honest], { bytes: WHOLE.length }, async ({ run, target, asked }) => {
    await run();
    assert.deepEqual(asked, [0, 1000]);
    assert.deepEqual(fs.readFileSync(target), WHOLE);
  });
});

test("statuses that pass are tried again, as late as the server asks", () => {
  const busy: Behaviour = (_, answer) => void answer.writeHead(503, { "retry-after": "7" }).end();
  return against([busy, busy, honest], {}, async ({ run, waits }) => {
    await run();
    assert.deepEqual(waits, [7, 7]);
  });
});

test("a server may name a date to come back at; one that asks for hours is left in peace, with what has come", async () => {
  const inFive: Behaviour = (_, answer) => void answer.writeHead(429, { "retry-after": new Date(Date.now() + 5_000).toUTCString() }).end();
  await against([inFive, honest], {}, async ({ run, waits }) => {
    await run();
    assert.ok(waits.length === 1 && waits[0]! >= 3 && waits[0]! <= 6, waits.join());
  });
  const tomorrow: Behaviour = (_, answer) => void answer.writeHead(503, { "retry-after": "7200" }).end();
  await against([breaking(0.4), tomorrow], {}, async ({ run, asked, target }) => {
    await assert.rejects(run(), says(/asks to wait 120 minutes.*bytes are kept.*goes on from there/));
    assert.equal(asked.length, 2, "not asked again before its time");
    assert.ok(fs.statSync(`${target}.part`).size > 100_000);
  });
  assert.deepEqual([retryAfter("7", 0), retryAfter("soon", 0), retryAfter(null, 0), retryAfter("Thu, 01 Jan 1970 00:00:10 GMT", 4_000), retryAfter("Thu, 01 Jan 1970 00:00:10 GMT", 20_000)], [7, null, null, 6, 0]);
});

test("a provider sees who asks, and one request at a time", async () => {
  const agents: string[] = [];
  const noting: Behaviour = (request, answer, whole) => {
    agents.push(request.agent);
    honest(request, answer, whole);
  };
  const server = await serve(WHOLE, [noting]);
  const dir = scratch("fetch");
  const catalogue = path.join(dir, "catalogue.json");
  const files = ["a.bin", "b.bin", "c.bin"].map((name) => ({ name, url: server.url, sha256: HASH, bytes: null }));
  fs.writeFileSync(catalogue, JSON.stringify({ entries: [{ id: "thing", title: "A thing", source: null, kinds: [], doi: null, citation: "Someone 2020", licence: "CC BY 4.0", checksum: null, fetch: { landing: "https://example.org/thing", steps: "press the button", files } }] }));
  try {
    assert.equal((await fetchDataset("thing", { to: path.join(dir, "to"), catalogue })).files.length, 3);
    assert.equal(server.most(), 1);
    assert.match(agents[0]!, /^tam-?rl[\w-]*\/\d+\.\d+.*one request at a time/i);
  } finally {
    await server.close();
  }
});

test("a server that knows no ranges begins anew, one whose file has changed too", async () => {
  const noRange: Behaviour = (_, answer, whole) => void answer.writeHead(200, { "content-length": whole.length }).end(whole);
  await against([breaking(0.5), noRange], { sha256: HASH }, async ({ run, target }) => {
    await run();
    assert.deepEqual(fs.readFileSync(target), WHOLE);
  });
  const changed: Behaviour = ({ range }, answer, whole) => void answer.writeHead(206, { "content-range": `bytes ${range}-${whole.length}/${whole.length + 1}` }).end("x");
  await against([breaking(0.5), changed, honest], { sha256: HASH }, async ({ run, asked }) => {
    await run();
    assert.equal(asked.at(-1), 0);
  });
  const shifted: Behaviour = ({ range }, answer, whole) => void answer.writeHead(206, { "content-range": `bytes ${range - 1}-${whole.length - 1}/${whole.length}` }).end(whole.subarray(range - 1));
  await against([breaking(0.5), shifted, honest], { sha256: HASH }, async ({ run, target }) => {
    await run();
    assert.deepEqual(fs.readFileSync(target), WHOLE);
  });
});

test("a wrong hash, a wrong length and a length that is a lie are refused, and nothing of them is kept", async () => {
  const wrong: Behaviour = (_, answer, whole) => void answer.writeHead(200, { "content-length": whole.length }).end(Buffer.from(whole.map((b) => b ^ 1)));
  await against([wrong], { sha256: HASH }, async ({ run, dir }) => {
    await assert.rejects(run(), says(new RegExp(`SHA-256 ${HASH} required, found [0-9a-f]{64}.*By hand: press the button \\(https://example\\.org/thing\\); place it as .*file\\.bin`)));
    assert.deepEqual(left(dir), []);
  });
  await against([honest], { bytes: WHOLE.length + 1 }, async ({ run, dir }) => {
    await assert.rejects(run(), says(/300001 bytes required, found 300000/));
    assert.deepEqual(left(dir), []);
  });
  const tooMuch: Behaviour = (_, answer, whole) => { answer.writeHead(200); answer.write(whole); answer.end("and more"); };
  await against([tooMuch], { bytes: WHOLE.length }, async ({ run, dir }) => {
    await assert.rejects(run(), says(/300000 bytes required, found 30000[1-9]/));
    assert.deepEqual(left(dir), []);
  });
  const lies: Behaviour = ({ range }, answer, whole) => {
    answer.writeHead(range > 0 ? 206 : 200, { "content-length": whole.length + 10 - range, ...(range > 0 ? { "content-range": `bytes ${range}-${whole.length + 9}/${whole.length + 10}` } : {}) });
    answer.write(whole.subarray(range), () => setTimeout(() => answer.destroy(), 20));
  };
  await against([lies], {}, async ({ run, target }) => {
    await assert.rejects(run(), says(/a whole answer required, found after 3 attempts/));
    assert.equal(fs.existsSync(target), false);
  });
});

test("a page to log in, a forbidden or a missing file says what to do by hand", async () => {
  const page: Behaviour = (_, answer) => void answer.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<html>log in</html>");
  await against([page], {}, async ({ run }) => assert.rejects(run(), says(/found a web page; download it by hand\. By hand: press the button/)));
  for (const [status, found] of [[403, /status 403: the provider wants an account/], [404, /found status 404/]] as const) {
    await against([(_, answer) => void answer.writeHead(status).end()], {}, async ({ run, asked }) => {
      await assert.rejects(run(), says(found));
      assert.equal(asked.length, 1, "no use in trying again");
    });
  }
});

test("a redirect is followed with the cookie it sets", () => {
  const redirect: Behaviour = (_, answer) => void answer.writeHead(302, { location: "/object", "set-cookie": "accepted=yes; Path=/" }).end();
  const guarded: Behaviour = (request, answer, whole) => (request.cookie === "accepted=yes" ? honest(request, answer, whole) : void answer.writeHead(403).end());
  return against([redirect, guarded], { sha256: HASH.slice(0, 36) }, async ({ run, target }) => {
    await run();
    assert.deepEqual(fs.readFileSync(target), WHOLE);
  });
});

test("a redirect to anything but a web address is refused at once: its own text would be taken for the file, and what is no address ended the command without a message", async () => {
  for (const location of ["data:text/plain,hello", "file:///etc/passwd", "javascript:1", "http://["]) {
    await against([(_, answer) => void answer.writeHead(302, { location }).end()], {}, async ({ run, asked, target }) => {
      await assert.rejects(run(), says(/a redirect to a web address required, found one to "/), location);
      assert.deepEqual([asked.length, fs.existsSync(target)], [1, false]);
    });
  }
});

test("a file in place is not asked for again, one placed by hand is checked, and a changed one is refused", () =>
  against([honest], { sha256: HASH }, async ({ run, asked, target, dir }) => {
    fs.mkdirSync(dir, { recursive: true });
    fs.writeFileSync(target, WHOLE);
    assert.equal((await run()).files[0]!.status, "in place");
    assert.equal(asked.length, 0);
    fs.appendFileSync(target, "x");
    await assert.rejects(run(), says(/SHA-256 .* required, found .*move the file away/));
  }));

test("where no hash is published, the one recorded at the first fetch holds", () =>
  against([honest], {}, async ({ run, target }) => {
    await run();
    assert.equal((await run()).files[0]!.status, "in place");
    fs.truncateSync(target, 10);
    await assert.rejects(run(), says(/move the file away/));
  }));

test("a server that drips is given up after as many attempts as one that says nothing; one whose pieces come slowly but steadily is not", async () => {
  const every = (bytes: number, ms: number): Behaviour => ({ range }, answer, whole) => {
    answer.writeHead(range > 0 ? 206 : 200, { etag: '"1"', ...(range > 0 ? { "content-range": `bytes ${range}-${whole.length - 1}/${whole.length}` } : { "content-length": whole.length }) });
    let at = range;
    const timer: NodeJS.Timeout = setInterval(() => (at < whole.length ? void answer.write(whole.subarray(at, (at += bytes))) : (clearInterval(timer), void answer.end())), ms);
    answer.on("close", () => clearInterval(timer));
  };
  const patience = { attempts: 3, wait: async (): Promise<void> => undefined, stalled: 400 };
  await against([every(1, 20)], { sha256: HASH }, ({ run, asked }) =>
    assert.rejects(run({ patience }), says(/a whole answer required, found after 3 attempts: \d+ bytes in a minute \(\d+ bytes are kept/)).then(() => assert.equal(asked.length, 3)));
  await against([every(30_000, 100)], { sha256: HASH }, async ({ run, target }) => {
    await run({ patience });
    assert.deepEqual(fs.readFileSync(target), WHOLE);
  });
});

test("a file of unknown length tells how much of it has come", () =>
  against([(_, answer, whole) => { answer.writeHead(200); answer.end(whole); }], { sha256: HASH }, async ({ run }) => {
    const seen: [number, number][] = [];
    await run({ progress: ({ done, total }) => void seen.push([done, total]) });
    assert.deepEqual(seen[seen.length - 1], [WHOLE.length, Infinity]);
    assert.equal(describe({ what: "file.bin", done: 5, total: Infinity, secondsLeft: null }), "file.bin: 5");
  }));

test("a folder that another process fetches into is refused, with its number", () =>
  against([honest], { sha256: HASH }, async ({ run, dir, target }) => {
    const release = lockFolder(dir, "fetch");
    await assert.rejects(run(), (e) => isWorkbookError(e, "BadRun") && e.message.includes(`process ${process.pid} on`));
    release();
    await run();
    assert.deepEqual(fs.readdirSync(dir).sort(), [path.basename(target), "fetched.json"].sort());
  }));

test("a disk that fills is named, what has come stays, and the same command goes on once there is room", (t) => {
  const disk = smallDisk();
  if (typeof disk === "string") return t.skip(disk);
  t.after(() => disk.release());
  return against([honest], { sha256: HASH }, async ({ run, asked }) => {
    disk.leave(100);
    const to = path.join(disk.dir, "to");
    await assert.rejects(run({ to }), (e) => isWorkbookError(e, "BadFile") && /^fetch: .*file\.bin\.part: a disk that takes the file is required, found: no space is left/.test(e.message) && !e.message.includes("By hand"));
    disk.makeRoom();
    await run({ to });
    assert.ok(asked[0] === 0 && asked[1]! > 10_000, String(asked));
    assert.deepEqual(fs.readFileSync(path.join(to, "file.bin")), WHOLE);
  });
});

test("stopping keeps what has come", () => {
  const slow: Behaviour = (_, answer, whole) => { answer.writeHead(200, { "content-length": whole.length, etag: '"1"' }); answer.write(whole.subarray(0, 1000)); };
  return against([slow, honest], { sha256: HASH }, async ({ run, target, asked }) => {
    const controller = new AbortController();
    const watch = setInterval(() => fs.existsSync(`${target}.part`) && fs.statSync(`${target}.part`).size > 0 && controller.abort(), 5);
    await assert.rejects(run({ signal: controller.signal }), (e: unknown) => isWorkbookError(e, "Interrupted"));
    clearInterval(watch);
    await run();
    assert.deepEqual(asked, [0, 1000]);
    assert.deepEqual(fs.readFileSync(target), WHOLE);
  });
});

test("the catalogue names both products' files, and each hash is the beginning of the provider's own name of the file", () => {
  const catalogue = readCatalogue();
  const xbase = catalogue.find((e) => e.id === "xbase-monthly")!.fetch!.files;
  assert.equal(xbase.length, 42);
  for (const file of xbase) assert.equal(Buffer.from(file.sha256!, "hex").toString("base64url"), /%22(.*)%22/.exec(file.url)![1]);
  assert.deepEqual(catalogue.find((e) => e.id === "carbonfluxbench")!.fetch!.files.map((f) => f.name).sort(), ["ERA5.parquet", "MOD09GA.parquet", "feature_sets.json", "koppen_sites.json", "koppen_sites_short.json", "target_fluxes_v2.parquet"]);
});

test("on the command line, a data set that needs an account says so, and an unknown name the nearest", () => {
  const account = tamrl("fetch", "fluxnet2015", "--to", scratch("fetch"), "--json");
  assert.equal(account.code, 0, account.stderr);
  assert.match(JSON.parse(account.stdout).by_hand, /account needed: a free FLUXNET account.*place the archives FLX_\*\.zip.*ingest/);
  assert.match(account.stderr, /CC BY 4\.0/);
  const unknown = tamrl("fetch", "carbonfluxbensh");
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /nearest carbonfluxbench/);
});
