import * as http from "node:http";
import type { AddressInfo } from "node:net";

/** What a server on loopback does with the k-th request (from 1) for `/name`. */
export type Behaviour = (request: { readonly n: number; readonly range: number; readonly cookie: string; readonly agent: string }, answer: http.ServerResponse, whole: Buffer) => void;

/** A server of one file that answers as told, and what it was asked. */
export interface FileServer {
  readonly url: string;
  /** first byte asked for in each request */
  readonly asked: number[];
  /** most requests that were under way at once */
  most(): number;
  close(): Promise<void>;
}

/** Sends the file from `range` on, as an honest server does. */
export const honest: Behaviour = ({ range }, answer, whole) => {
  answer.writeHead(range > 0 ? 206 : 200, { "content-length": whole.length - range, etag: '"1"', ...(range > 0 ? { "content-range": `bytes ${range}-${whole.length - 1}/${whole.length}` } : {}) });
  answer.end(whole.subarray(range));
};

/** Says how long the rest is, sends `share` of it, and breaks the connection. */
export const breaking = (share: number): Behaviour => ({ range }, answer, whole) => {
  const rest = whole.subarray(range);
  answer.writeHead(range > 0 ? 206 : 200, { "content-length": rest.length, etag: '"1"', ...(range > 0 ? { "content-range": `bytes ${range}-${whole.length - 1}/${whole.length}` } : {}) });
  answer.write(rest.subarray(0, Math.floor(rest.length * share)), () => setTimeout(() => answer.destroy(), 20));
};

/** Serves `whole` on 127.0.0.1 with one behaviour a request, the last for all that follow. */
export async function serve(whole: Buffer, behaviours: readonly Behaviour[]): Promise<FileServer> {
  const asked: number[] = [];
  let [open, most] = [0, 0];
  const server = http.createServer((request, answer) => {
    const range = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    asked.push(range);
    most = Math.max(most, ++open);
    answer.on("close", () => open--);
    behaviours[Math.min(asked.length, behaviours.length) - 1]!({ n: asked.length, range, cookie: request.headers.cookie ?? "", agent: request.headers["user-agent"] ?? "" }, answer, whole);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> => new Promise((done) => {
    server.closeAllConnections();
    server.close(() => done());
  });
  return { url: `http://127.0.0.1:${port}/file.bin`, asked, most: () => most, close };
}
