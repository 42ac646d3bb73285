import assert from "node:assert/strict";
import { test } from "node:test";

const { answerWhenBound } = require("../../src/workbook/kernel-sockets.cjs") as { answerWhenBound(server: object): void };

test("a message that comes while a socket is still being bound is answered when all are, in the order of the messages", async () => {
  const told: string[] = [];
  const free: (() => void)[] = [];
  class Server {
    async bindSocket(_socket: object): Promise<void> {
      await new Promise<void>((resolve) => free.push(resolve));
      told.push("bound");
    }
    async handleShellMessage(what: string): Promise<void> {
      told.push(what);
    }
  }
  answerWhenBound(Server);
  const server = new Server();
  const all = [server.bindSocket({}), server.bindSocket({}), server.handleShellMessage("first"), server.handleShellMessage("second")];
  free[0]!();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, ["bound"]);
  free[1]!();
  await Promise.all(all);
  await server.handleShellMessage("third");
  assert.deepEqual(told, ["bound", "bound", "first", "second", "third"]);
});

test("a socket that is read while it is being bound is read when it is, and one read before that goes on", async () => {
  const { Dealer, Reply, Router } = require("zeromq") as typeof import("zeromq");
  class Server {
    bindSocket(socket: InstanceType<typeof Router> | InstanceType<typeof Reply>): Promise<void> {
      return socket.bind("tcp://127.0.0.1:*");
    }
    async handleShellMessage(): Promise<void> {}
  }
  answerWhenBound(Server);
  const [server, shell, beat, client, pulse] = [new Server(), new Router(), new Reply(), new Dealer(), new Dealer()];
  const before = shell.receive();
  const binding = [server.bindSocket(shell), server.bindSocket(beat)];
  const meanwhile = beat.receive();
  await Promise.all(binding);
  client.connect(shell.lastEndpoint!);
  pulse.connect(beat.lastEndpoint!);
  await client.send("one");
  assert.equal((await before).pop()!.toString(), "one");
  await pulse.send(["", "two"]);
  assert.equal((await meanwhile).pop()!.toString(), "two");
  await client.send("three");
  assert.equal((await shell.receive()).pop()!.toString(), "three");
  for (const socket of [shell, beat, client, pulse]) socket.close();
});
