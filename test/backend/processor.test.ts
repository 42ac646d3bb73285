import assert from "node:assert/strict";
import { test } from "node:test";
import { addonNeeds, portableNote, processorText } from "../../src/backend/processor";

const cpu = (flags: string): string => `processor\t: 0\nmodel name\t: Some CPU\nflags\t\t: fpu sse4_2 ${flags}\nbugs\t\t: none\n`;

test("libtensorflow is not loaded on a processor without AVX, where it would end the process", () => {
  assert.match(addonNeeds(cpu("popcnt"))!, /no AVX.*another machine/);
  assert.equal(addonNeeds(cpu("avx")), null);
  assert.equal(addonNeeds(null), null, "where nothing is told, it is tried");
});

test("the portable variant of the native code says that AVX2 is missing, and only then", () => {
  assert.match(portableNote("portable", cpu("avx fma")), /no AVX2/);
  assert.match(portableNote("portable", cpu("avx avx2")), /no AVX2 with FMA/);
  assert.equal(portableNote("avx2", cpu("avx avx2 fma")), "");
  assert.equal(portableNote("portable", cpu("avx avx2 fma")), "", "chosen, not for want of better");
});

test("this machine's processor is read where Linux runs on x86-64", () => {
  assert.equal(processorText() !== null, process.platform === "linux" && process.arch === "x64");
});
