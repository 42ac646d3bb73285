import assert from "node:assert/strict";
import { test } from "node:test";

const { answerWhenBound } = require("../../src/workbook/kernel-sockets.cjs") as { answerWhenBound(server: object): void };

test("a message that comes while a socket is still being bound is answered when all are, in the order of the messages", async () => {
  const told: string[] = [];
  const free: (() => void)[] = [];
  class Server {
    async bindSocket(): Promise<void> {
      await new Promise<void>((resolve) => free.push(resolve));
      told.push("bound");
    }
    async handleShellMessage(what: string): Promise<void> {
      told.push(what);
    }
  }
  answerWhenBound(Server);
  const server = new Server();
  const all = [server.bindSocket(), server.bindSocket(), server.handleShellMessage("first"), server.handleShellMessage("second")];
  free[0]!();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, ["bound"]);
  free[1]!();
  await Promise.all(all);
  await server.handleShellMessage("third");
  assert.deepEqual(told, ["bound", "bound", "first", "second", "third"]);
});
