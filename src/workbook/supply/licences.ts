import * as path from "node:path";
import { WorkbookError } from "../../core/errors";
import { projectRoot } from "../../core/files";
import { checkKeys, readJson } from "../../core/json";
import type { Component } from "./components";

/** `data/licences.json`: what may be used, and what packages that do not say it themselves are under. */
export interface LicenceRules {
  /** SPDX ids that may be fetched and linked */
  readonly allowed: readonly string[];
  /** SPDX ids that only what is fetched on request may have, each with the reason */
  readonly on_request: Readonly<Record<string, string>>;
  /** by name of a package: its licence where its metadata do not tell it, or ids allowed for it alone, with the reason */
  readonly named: Readonly<Record<string, { readonly licence: string; readonly why: string }>>;
}

/** Reads the rules. @throws WorkbookError BadConfig for an unknown key @example readLicenceRules().allowed.includes("MIT") // true */
export function readLicenceRules(file = path.join(projectRoot(), "data", "licences.json")): LicenceRules {
  const rules = readJson<LicenceRules>(file, "readLicenceRules");
  checkKeys("readLicenceRules", rules, ["about", "allowed", "on_request", "named"]);
  for (const [name, entry] of Object.entries(rules.named)) checkKeys(`readLicenceRules: ${name}`, entry, ["licence", "why"]);
  return rules;
}

/** A component and whether its licence is one of those that may be. */
export interface Judged extends Component {
  /** after the rules; null: not known */
  readonly judged: string | null;
  readonly allowed: boolean;
}

/**
 * The licence of each component as the rules have it, and whether it may be used. A licence that nobody knows may not.
 * @example judgeLicences(readComponents(), readLicenceRules()).filter((c) => !c.allowed)
 */
export function judgeLicences(components: readonly Component[], rules: LicenceRules): Judged[] {
  return components.map((component) => {
    const named = Object.hasOwn(rules.named, component.name) ? rules.named[component.name]! : null;
    const judged = named?.licence ?? component.licence;
    const ids = component.optional ? [...rules.allowed, ...Object.keys(rules.on_request)] : rules.allowed;
    return { ...component, judged, allowed: named !== null || (judged !== null && satisfies(judged, ids)) };
  });
}

/**
 * Whether an SPDX expression can be met with the allowed licences: all of an AND, one of an OR.
 * @source SPDX specification 2.3, annex D
 * @throws WorkbookError BadConfig for an expression without its closing bracket
 * @example satisfies("(MIT OR GPL-3.0-only)", ["MIT"]) // true
 */
export function satisfies(expression: string, allowed: readonly string[]): boolean {
  const tokens = expression.match(/\(|\)|[^\s()]+/g) ?? [];
  let at = 0;
  const either = (): boolean => {
    let met = both();
    while (tokens[at]?.toUpperCase() === "OR") {
      at++;
      const other = both();
      met = met || other;
    }
    return met;
  };
  const both = (): boolean => {
    let met = one();
    while (tokens[at]?.toUpperCase() === "AND") {
      at++;
      const other = one();
      met = other && met;
    }
    return met;
  };
  const one = (): boolean => {
    const token = tokens[at++];
    if (token === "(") {
      const met = either();
      if (tokens[at++] !== ")") throw new WorkbookError("BadConfig", `licences: a closing bracket required, found none in "${expression}"; name the package in data/licences.json`);
      return met;
    }
    // an exception only adds to what the licence allows
    if (tokens[at]?.toUpperCase() === "WITH") at += 2;
    return token !== undefined && allowed.includes(token);
  };
  const met = either();
  return met && at === tokens.length;
}
