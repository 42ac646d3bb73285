import * as path from "node:path";
import { WorkbookError } from "../../core/errors";
import { projectRoot } from "../../core/files";
import { readJson } from "../../core/json";

/** A server that fails to answer in this way may answer later. */
export class Transient extends Error {
  /** seconds the server asks to wait */
  readonly after: number | null;
  /** bytes came, but too slowly to be an answer */
  readonly trickle: boolean;

  constructor(message: string, after: number | null = null, trickle = false) {
    super(message);
    this.after = after;
    this.trickle = trickle;
  }
}

/** An answer whose body has not been read yet. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Who asks, so that a provider can tell a research tool from a crawler. */
export function userAgent(): string {
  const { name, version } = readJson<{ name: string; version: string }>(path.join(projectRoot(), "package.json"), "fetch");
  return `${name}/${version} (research data; one request at a time)`;
}

/**
 * Seconds that a `Retry-After` header asks to wait: a number of seconds or a date; null for anything else.
 * @source RFC 9110, §10.2.3
 * @example retryAfter("Wed, 21 Oct 2026 07:28:00 GMT", Date.now())
 */
export function retryAfter(header: string | null, now: number): number | null {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text);
  const date = text === "" ? NaN : Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000));
}

const REDIRECTS = [301, 302, 303, 307, 308];
/** Fewer than `LEAST` bytes for so long, and the connection counts as broken, ms. */
const STALLED = 60_000;
const LEAST = 16_384;

/**
 * Asks for an address. Redirects are followed with the cookies they set, as portals ask that record the licence's acceptance; never from
 * https to http.
 * @throws Transient for a connection that fails and for statuses that pass (429, 5xx), WorkbookError BadFile for a redirect that is refused
 * @example const { status, body } = await request(url, { range: "bytes=100-" })
 */
export async function request(url: string, headers: Readonly<Record<string, string>>, signal?: AbortSignal, stalled = STALLED): Promise<Answer> {
  const cookies = new Map<string, string>();
  let at = url;
  for (let hop = 0; hop < 8; hop++) {
    const watch = new AbortController();
    const timer = setTimeout(() => watch.abort(), stalled);
    const stop = (): void => watch.abort();
    signal?.addEventListener("abort", stop, { once: true });
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    };
    let response: Response;
    try {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      response = await fetch(at, { redirect: "manual", signal: watch.signal, headers: { "accept-encoding": "identity", "user-agent": userAgent(), ...headers, ...(cookie === "" ? {} : { cookie }) } });
    } catch (cause) {
      done();
      if (signal?.aborted) throw stopped(url);
      throw new Transient(reasonOf(cause));
    }
    if (REDIRECTS.includes(response.status)) {
      done();
      await response.body?.cancel();
      for (const line of (response.headers as unknown as { getSetCookie(): string[] }).getSetCookie()) {
        const m = /^([^=;\s]+)=([^;]*)/.exec(line);
        if (m) cookies.set(m[1]!, m[2]!);
      }
      const next = redirected(response.headers.get("location") ?? "", at, url);
      if (at.startsWith("https:") && !next.startsWith("https:")) throw new WorkbookError("BadFile", `fetch: ${url}: a secure address required, found a redirect to ${next}; download it by hand`, { file: url });
      if (new URL(next).host !== new URL(at).host) cookies.clear();
      at = next;
      continue;
    }
    if (response.status === 429 || response.status >= 500) {
      done();
      await response.body?.cancel();
      throw new Transient(`status ${response.status}`, retryAfter(response.headers.get("retry-after"), Date.now()));
    }
    return { status: response.status, headers: response.headers, body: watched(response, timer, done, url, signal) };
  }
  throw new WorkbookError("BadFile", `fetch: ${url}: at most 8 redirects required, found more; download it by hand`, { file: url });
}

/** Where an answer sends to: another web address, and nothing else. */
function redirected(location: string, at: string, url: string): string {
  let next: URL | null = null;
  try {
    next = new URL(location, at);
  } catch {
    // no address at all
  }
  if (next !== null && /^https?:$/.test(next.protocol)) return next.href;
  throw new WorkbookError("BadFile", `fetch: ${url}: a redirect to a web address required, found one to ${JSON.stringify(location.slice(0, 200))}; download it by hand`, { file: url });
}

/** The body; its timer starts anew with every `LEAST` bytes, so that a server that drips is not waited for. */
async function* watched(response: Response, timer: NodeJS.Timeout, done: () => void, url: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  let since = 0;
  try {
    if (response.body === null) return;
    for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
      since += piece.length;
      if (since >= LEAST) {
        since = 0;
        timer.refresh();
      }
      yield piece;
    }
  } catch (cause) {
    if (signal?.aborted) throw stopped(url);
    const timedOut = (cause as Error).name === "AbortError" && since > 0;
    throw new Transient(timedOut ? `${since} bytes in a minute` : reasonOf(cause), null, timedOut);
  } finally {
    done();
  }
}

function stopped(url: string): WorkbookError {
  return new WorkbookError("Interrupted", `fetch: ${url}: stopped as asked; what has come is kept, the same command goes on`);
}

function reasonOf(cause: unknown): string {
  const { message, cause: inner, name } = cause as Error & { cause?: { code?: string; message?: string } };
  return name === "AbortError" ? "no answer for a minute" : (inner?.code ?? inner?.message ?? message);
}
