/** Pulumi's own dynamic-provider process, driven over gRPC as the engine drives it, without an engine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import type { Client } from '@grpc/grpc-js';

const require = createRequire(import.meta.url);
const grpc = require('@grpc/grpc-js') as typeof import('@grpc/grpc-js');
const services = require('@pulumi/pulumi/proto/provider_grpc_pb');
const messages = require('@pulumi/pulumi/proto/provider_pb');
const { Struct } = require('google-protobuf/google/protobuf/struct_pb');

export type Bag = Record<string, unknown>;

export interface ProviderProcess {
  check(olds: Bag, news: Bag): Promise<{ readonly inputs: Bag; readonly failures: readonly string[] }>;
  diff(
    id: string,
    olds: Bag,
    news: Bag,
  ): Promise<{ readonly changes: 'unknown' | 'none' | 'some'; readonly replaces: readonly string[]; readonly deleteBeforeReplace: boolean }>;
  create(props: Bag): Promise<{ readonly id: string; readonly props: Bag }>;
  read(id: string, props: Bag): Promise<{ readonly id: string; readonly props: Bag; readonly inputs: Bag | undefined }>;
  update(id: string, olds: Bag, news: Bag): Promise<Bag>;
  delete(id: string, props: Bag): Promise<void>;
  /** All that it printed. */
  said(): string;
  close(): Promise<void>;
}

/** Starts the process in the folder that holds the compiled program, as the engine does for `main: <file>`. */
export async function startProviderProcess(folder: string, environment: NodeJS.ProcessEnv): Promise<ProviderProcess> {
  const child = spawn(process.execPath, [require.resolve('@pulumi/pulumi/cmd/dynamic-provider'), '127.0.0.1:1'], {
    cwd: folder,
    env: { ...process.env, PULUMI_NODEJS_PROJECT: 'cordboard', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const port = await firstLine(child);
  const client = new services.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  await call(client, 'configure', message('ConfigureRequest', { Args: {} }));
  return {
    async check(olds, news) {
      const answer = await call(client, 'check', message('CheckRequest', { Olds: olds, News: news }));
      const failures = answer.getFailuresList().map((failure: { getReason(): string }) => failure.getReason());
      return { inputs: answer.getInputs().toJavaScript(), failures };
    },
    async diff(id, olds, news) {
      const answer = await call(client, 'diff', message('DiffRequest', { Olds: olds, News: news }, id));
      const changes = (['unknown', 'none', 'some'] as const)[answer.getChanges() as 0 | 1 | 2];
      return { changes, replaces: answer.getReplacesList(), deleteBeforeReplace: answer.getDeletebeforereplace() };
    },
    async create(props) {
      const answer = await call(client, 'create', message('CreateRequest', { Properties: props }));
      return { id: answer.getId(), props: answer.getProperties().toJavaScript() };
    },
    async read(id, props) {
      const answer = await call(client, 'read', message('ReadRequest', { Properties: props }, id));
      return { id: answer.getId(), props: answer.getProperties()?.toJavaScript() ?? {}, inputs: answer.getInputs()?.toJavaScript() };
    },
    async update(id, olds, news) {
      const answer = await call(client, 'update', message('UpdateRequest', { Olds: olds, News: news }, id));
      return answer.getProperties().toJavaScript();
    },
    async delete(id, props) {
      await call(client, 'delete', message('DeleteRequest', { Properties: props }, id));
    },
    said: () => said,
    async close() {
      client.close();
      const ended = new Promise((resolve) => child.once('exit', resolve));
      // As the engine does at its end.
      child.kill('SIGINT');
      await ended;
    },
  };
}

function message(name: string, bags: Readonly<Record<string, Bag>>, id?: string) {
  const request = new messages[name]();
  for (const [field, bag] of Object.entries(bags)) request[`set${field}`](Struct.fromJavaScript(bag));
  if (id !== undefined) request.setId(id);
  return request;
}

// biome-ignore lint/suspicious/noExplicitAny: generated JavaScript messages without types.
function call(client: Client & Record<string, any>, method: string, request: unknown): Promise<any> {
  return new Promise((resolve, reject) => {
    client[method](request, (error: Error | null, answer: unknown) => (error === null ? resolve(answer) : reject(error)));
  });
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the provider process ended with ${code} before it named its port`)));
    if (child.stdout !== null) createInterface({ input: child.stdout }).once('line', resolve);
  });
}
