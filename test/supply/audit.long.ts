import assert from "node:assert/strict";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { scratch, spawnTamrl } from "../helpers/cli";

/** A service of OSV's form that knows one weakness, of jinja2, and what it was asked about. */
async function osvService(): Promise<{ url: string; asked: Set<string>; close(): void }> {
  const asked = new Set<string>();
  const server = http.createServer((request, answer) => {
    let body = "";
    request.on("data", (text) => (body += String(text)));
    request.on("end", () => {
      const { package: { name }, version } = JSON.parse(body) as { package: { name: string }; version: string };
      asked.add(name);
      const vulns = [{ id: "GHSA-test-test-test", modified: "2026-01-01T00:00:00Z", summary: "made up for a test", affected: [{ package: { name, ecosystem: "PyPI" }, versions: [version], ranges: [] }] }];
      answer.setHeader("content-type", "application/json");
      answer.end(JSON.stringify(name === "jinja2" ? { vulns } : {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/query`, asked, close: () => server.close() };
}

test("a service that knows a weakness of a Python package is asked about all of them, and the audit ends with 1", { timeout: 900_000 }, async () => {
  const service = await osvService();
  const child = spawnTamrl("supply", "--audit", "--osv", service.url, "--out", scratch("supply"));
  let said = "";
  for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (text) => (said += String(text)));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  service.close();
  assert.equal(code, 1, said);
  assert.match(said, /^Python: weaknesses known: jinja2 [\d.]+: GHSA-test-test-test$/m);
  for (const name of ["jupyterlab", "dask", "hesseflux", "pandas", "pip-audit"]) assert.ok(service.asked.has(name), `${name} was not asked about`);
});
