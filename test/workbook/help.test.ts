import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_CONFIG } from "../../src/run/config";
import { optionsHelp, setKeysHelp } from "../../src/workbook/help";
import { VERBS } from "../../src/workbook/verbs";
import { tamrl } from "../helpers/cli";

const long = (text: string): string[] => text.split("\n").filter((line) => line.length > 100);

test("an option and its text stand at least two blanks apart, and no line is longer than 100 letters", () => {
  for (const [verb, { options }] of Object.entries(VERBS).filter(([, v]) => Object.keys(v.options).length > 0)) {
    const lines = optionsHelp(options).split("\n");
    for (const [name, { help }] of Object.entries(options)) {
      const line = lines.find((l) => new RegExp(`^  --${name} {2,}\\S`).test(l));
      assert.ok(line !== undefined && help.startsWith(line.slice(line.indexOf("  ", 4)).trim()), `${verb} --${name}`);
    }
    assert.deepEqual(long(lines.join("\n")), [], verb);
  }
});

test("a text longer than its line goes on below itself", () => {
  const lines = optionsHelp({ "other-targets": { kind: "one", help: "word ".repeat(40).trim() }, out: { kind: "one", help: "folder" } }).split("\n");
  assert.deepEqual(lines.map((l) => l.search(/[a-z]+(?: word)*$|folder/)), [19, 19, 19, 19].slice(0, lines.length));
  assert.equal(lines.join(" ").match(/word/g)!.length, 40);
  assert.equal(lines[lines.length - 1], "  --out            folder");
});

test("the help of verbs with --set lists every key with its default", () => {
  const { code, stdout } = tamrl("train", "--help");
  assert.equal(code, 0);
  assert.ok(stdout.endsWith(`\n\n${setKeysHelp()}\n`));
  const keys = setKeysHelp().split("\n").slice(1).join(" ").split(",").map((word) => word.trim());
  assert.deepEqual(keys, Object.entries(DEFAULT_CONFIG).map(([key, value]) => `${key}=${String(value)}`));
  assert.deepEqual(long(setKeysHelp()), []);
  assert.doesNotMatch(tamrl("doctor", "--help").stdout, /keys of --set/);
});
