import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as http from "node:http";
import * as net from "node:net";
import * as path from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../src/core/files";
import { runTasks } from "../../src/engine/run-tasks";
import { explore } from "../../src/workbook/plotly";
import { aTask, calls, folder, whenever } from "../engine/traces";
import { scratch } from "../helpers/cli";
import { needsKernel } from "../helpers/notebook";
import { family, isLoopback, listenersOf, type Listener } from "./sockets";

const linux = process.platform === "linux" ? false : "looks into /proc, which only Linux has";
const own = new Set(listenersOf(family(process.pid)).map((l) => l.port));

/** Fails with every socket that other machines may reach. */
function allHere(listeners: readonly Listener[]): void {
  assert.equal(listeners.filter((l) => !isLoopback(l)).map((l) => `${l.command} (${l.pid}) listens on ${l.address}:${l.port}`).join("\n"), "");
}

test("a socket on every address is seen, one on loopback is told from it", { skip: linux }, async () => {
  for (const [host, here] of [["0.0.0.0", false], ["127.0.0.1", true]] as const) {
    const server = net.createServer();
    const port = await new Promise<number>((resolve) => server.listen(0, host, () => resolve((server.address() as net.AddressInfo).port)));
    const found = listenersOf([process.pid]).find((l) => l.port === port);
    assert.equal(found !== undefined && isLoopback(found), here);
    await new Promise((resolve) => server.close(resolve));
  }
});

test("the explorer listens on loopback, on a port of the system's choice", { skip: linux }, async () => {
  const ports = [];
  for (let i = 0; i < 2; i++) {
    const explorer = await explore([{ x: [1], y: [2] }], {}, { PATH: process.env["PATH"], DISPLAY: ":0", NODEPLOTLIB_PORT: "0" });
    assert.ok(explorer);
    const port = Number(new URL(explorer.url).port);
    const found = listenersOf(family(process.pid)).filter((l) => l.port === port);
    assert.equal(found.length, 1);
    allHere(found);
    ports.push(port);
    explorer.close();
  }
});

test("the explorer answers under this machine's names alone: a page of elsewhere whose name points here (DNS rebinding) gets no number", async () => {
  const explorer = await explore([{ x: [1], y: [2] }], {}, { PATH: process.env["PATH"], DISPLAY: ":0", NODEPLOTLIB_PORT: "0" });
  assert.ok(explorer);
  const port = Number(new URL(explorer.url).port);
  const status = (at: string, headers: http.OutgoingHttpHeaders): Promise<number> => new Promise((resolve, reject) => {
    http.get({ host: "127.0.0.1", port, path: at, headers, agent: false }, (response) => resolve(response.resume().statusCode!)).on("error", reject);
  });
  const session = "/socket.io/?EIO=4&transport=polling";
  try {
    for (const at of ["/", "/plotly.min.js", "/index.html", session]) {
      for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
        assert.equal(await status(at, { host }), 200, `${at} of ${host}`);
        assert.equal(await status(at, { host, origin: `http://${host}` }), 200, `${at} from ${host}`);
        assert.equal(await status(at, { host, origin: "http://elsewhere.example" }), 403, `${at} from elsewhere`);
      }
      for (const host of [`elsewhere.example:${port}`, "elsewhere.example", `127.0.0.1:${port}.elsewhere.example`, "127.0.0.1:1"]) assert.equal(await status(at, { host }), 403, `${at} of ${host}`);
    }
  } finally {
    explorer.close();
  }
});

test("Dask's scheduler and workers listen on loopback alone", { skip: linux || (fs.existsSync(path.join(projectRoot(), ".venv", ".dask-stamp")) ? false : "needs Dask in .venv; run npm run setup") }, async () => {
  const dir = folder();
  const running = runTasks([aTask(dir, "a", "waits")], { engine: "dask", cluster: "local", dir, workers: 1 });
  await whenever(() => (calls(dir, "a") > 0 ? true : undefined));
  const listeners = listenersOf(family(process.pid)).filter((l) => !own.has(l.port));
  fs.writeFileSync(path.join(dir, "trace", "go"), "");
  await running;
  assert.ok(listeners.length >= 2, "a scheduler and a worker");
  allHere(listeners);
});

test("JupyterLab and a kernel of it listen on loopback alone, files are not read without the token, and a token is made where none is given", { skip: linux || needsKernel().skip }, async () => {
  const token = "a-token-of-this-test";
  const given = ["--ServerApp.port=0", "--ServerApp.port_retries=0", `--IdentityProvider.token=${token}`, `--LabApp.workspaces_dir=${scratch("workspaces")}`, `--LabApp.user_settings_dir=${scratch("settings")}`];
  const lab = spawn(process.execPath, [path.join(projectRoot(), "src", "workbook", "tamrl.cjs"), "lab", "--", ...given], { env: { ...process.env, CI: "1", TAMRL_QUICK: "1" }, stdio: "ignore" });
  const closed = new Promise((resolve) => lab.once("close", resolve));
  try {
    const listeners = (): Listener[] => listenersOf(family(lab.pid!));
    const answers = async (): Promise<number | undefined> => {
      for (const { port } of listeners()) if (await fetch(`http://127.0.0.1:${port}/api`).then((r) => r.ok, () => false)) return port;
      return undefined;
    };
    let port: number | undefined;
    for (let tries = 0; port === undefined && tries < 600; tries++) port = (await answers()) ?? void (await new Promise((resolve) => setTimeout(resolve, 100)));
    const base = `http://127.0.0.1:${port}`;
    assert.equal((await fetch(`${base}/api/contents/package.json`)).status, 403);
    assert.equal((await fetch(`${base}/api/contents/package.json?token=${token}x`)).status, 403);
    const before = listeners().length;
    const started = await fetch(`${base}/api/kernels`, { method: "POST", headers: { Authorization: `token ${token}`, "content-type": "application/json" }, body: JSON.stringify({ name: "tslab" }) });
    assert.equal(started.status, 201);
    // a kernel has five sockets
    await whenever(() => (listeners().length >= before + 5 ? true : undefined));
    allHere(listeners());
  } finally {
    if (lab.exitCode === null && lab.kill("SIGTERM")) await closed;
  }
});
