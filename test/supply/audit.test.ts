import assert from "node:assert/strict";
import { test } from "node:test";
import { auditLine, readNpmAudit, readPipAudits } from "../../src/workbook/supply/audit";

const answer = (...dependencies: object[]): { list: string; stdout: string; stderr: string } => ({ list: "requirements.txt", stdout: JSON.stringify({ dependencies, fixes: [] }), stderr: "No known vulnerabilities found" });

test("Python packages that pip-audit skipped are not taken for sound, though it says that nothing is known", () => {
  const audit = readPipAudits([answer({ name: "a", version: "1", vulns: [] }, { name: "b", skip_reason: "b (2) is not there" }), answer({ name: "c", skip_reason: "c (3) is not there" })]);
  assert.deepEqual(audit, { ecosystem: "Python", answered: 1, weak: [], unanswered: "2 of 3 packages, first b (2) is not there" });
  assert.equal(auditLine(audit), "Python: no weakness known of 1 packages; no answer for all (2 of 3 packages, first b (2) is not there)");
});

test("a weakness that two lists share is told once, with what is known of it; a list that failed is named", () => {
  const weak = { name: "jinja2", version: "3.1.2", vulns: [{ id: "CVE-2024-22195" }, { id: "CVE-2024-34064" }] };
  const audit = readPipAudits([answer(weak), answer(weak), { list: "bench.txt", stdout: "", stderr: "WARNING: slow\nERROR: the service does not answer\n" }]);
  assert.deepEqual(audit, { ecosystem: "Python", answered: 2, weak: ["jinja2 3.1.2: CVE-2024-22195, CVE-2024-34064"], unanswered: "bench.txt: ERROR: the service does not answer" });
});

test("npm's answer tells what is weak; one that is no list tells why", () => {
  const list = { vulnerabilities: { xlsx: { severity: "high", range: "*" } }, metadata: { dependencies: { total: 7 } } };
  assert.deepEqual(readNpmAudit(JSON.stringify(list)), { ecosystem: "npm", answered: 7, weak: ["xlsx *: high"], unanswered: null });
  for (const [json, why] of [['{"message":"405 Method Not Allowed"}', /405/], ["", /no list/], ["<html>", /no list/]] as const) assert.match(readNpmAudit(json).unanswered ?? "", why);
  assert.equal(readNpmAudit("", "spawn npm ENOENT").unanswered, "spawn npm ENOENT");
});
