import * as fc from "fast-check";
import * as fs from "node:fs";
import * as path from "node:path";
import { byteMutations, mutateBytes, type ByteMutation } from "./hostile-bytes";
import { jsonMutations, mutateJson, type JsonMutation } from "./hostile-json";
import { mutateText, textMutations, type TextMutation } from "./hostile-text";

/** A file of a good input that a case changes, and as what; `pack` lays the changed content into the file, e.g. gzipped. */
export interface Victim {
  readonly file: string;
  readonly as: "bytes" | "text" | "json" | "stray";
  readonly content: Buffer;
  readonly pack?: (content: Buffer) => Buffer;
}

/** One good input: its files by their path in a folder, and which of them cases change. */
export interface Seed {
  readonly files: Readonly<Record<string, Buffer>>;
  readonly victims: readonly Victim[];
}

/** One reader under attack. */
export interface Target {
  readonly name: string;
  /** its part of all cases */
  readonly weight: number;
  /** the good inputs, made with the project's own writers below `scratch` */
  seeds(scratch: string): Promise<readonly Seed[]>;
  /** reads what lies in the folder: a value or a WorkbookError, nothing else */
  read(dir: string): Promise<unknown>;
}

/** One case: which file of which input is changed, and how. */
export interface Case {
  readonly seed: number;
  readonly victim: number;
  readonly bytes?: readonly ByteMutation[];
  readonly text?: readonly TextMutation[];
  readonly json?: readonly JsonMutation[];
  readonly stray?: Uint8Array;
}

/** Cases over all victims of all inputs alike. */
export function casesOf(seeds: readonly Seed[]): fc.Arbitrary<Case> {
  const how = { bytes: byteMutations, text: textMutations, json: jsonMutations, stray: fc.uint8Array({ maxLength: 600 }) } as const;
  return fc.oneof(...seeds.flatMap(({ victims }, seed) => victims.map(({ as }, victim) => fc.record({ seed: fc.constant(seed), victim: fc.constant(victim), [as]: how[as] }) as fc.Arbitrary<Case>)));
}

/** Lays a good input into an empty folder, nothing changed. */
export function laySeed(dir: string, { files, victims }: Seed): void {
  lay(dir, { ...files, ...Object.fromEntries(victims.map(({ file, content, pack }) => [file, pack?.(content) ?? content])) });
}

/** Lays a case into an empty folder. */
export function layCase(dir: string, seeds: readonly Seed[], { seed, victim, bytes, text, json, stray }: Case): void {
  const { files, victims } = seeds[seed]!;
  const { file, content, pack } = victims[victim]!;
  const changed = bytes !== undefined ? mutateBytes(content, bytes)
    : text !== undefined ? mutateText(content.toString("utf8"), text)
      : json !== undefined ? Buffer.from(mutateJson(JSON.parse(content.toString("utf8")), json))
        : Buffer.concat([content.subarray(0, 8), stray!]);
  lay(dir, { ...files, [file]: pack?.(changed) ?? changed });
}

function lay(dir: string, files: Readonly<Record<string, Buffer>>): void {
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), content);
  }
}

/** Every file below a folder by its path in it. */
export function filesUnder(dir: string): Record<string, Buffer> {
  const names = fs.readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((name) => fs.statSync(path.join(dir, name)).isFile()).sort();
  return Object.fromEntries(names.map((name) => [name, fs.readFileSync(path.join(dir, name))]));
}

/** A good input of one file, changed in each of the given ways. */
export function oneFile(file: string, content: Buffer | string, ways: readonly Victim["as"][], pack?: Victim["pack"]): Seed {
  const raw = Buffer.from(content as string);
  return { files: {}, victims: ways.map((as) => ({ file, as, content: raw, ...(pack ? { pack } : {}) })) };
}

/** A good input of a folder, in which JSON files are changed as JSON and as bytes, tables as text and as bytes, others as bytes, those that `leave` names not at all. */
export function folder(files: Readonly<Record<string, Buffer>>, leave: (name: string) => boolean = () => false): Seed {
  const isJson = (name: string): boolean => /\.json$|\.z(group|array|attrs)$/.test(name);
  const victims = Object.entries(files).filter(([name]) => !leave(name)).flatMap(([file, content]) =>
    (isJson(file) ? (["json", "json", "bytes"] as const) : file.endsWith(".csv") ? (["text", "text", "bytes"] as const) : (["bytes"] as const)).map((as): Victim => ({ file, as, content })));
  return { files, victims };
}
