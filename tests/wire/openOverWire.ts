import { expect, onTestFinished } from 'vitest';
import type { AuthSocketOptions, GetToken } from '../../src/core';
import { startReferenceServer, type ReferenceServer } from '../server/referenceServer';
import type { ReferenceServerOptions } from '../server/serverOptions';
import { signInOverWire, type WireClient } from '../server/wireClient';

export interface WireSetup {
  readonly server: ReferenceServer;
  readonly client: WireClient;
}

export type SetupArguments = [
  serverOptions?: ReferenceServerOptions,
  options?: Partial<AuthSocketOptions<unknown, unknown>>,
  first?: readonly GetToken[],
];

/** A reference server and a client that is signed in there; both end with the test. */
export async function signInOnWire(...[serverOptions, options, first]: SetupArguments): Promise<WireSetup> {
  const server = await startReferenceServer({ streamIntervalMs: 0, ...serverOptions });
  onTestFinished(() => server.close());
  const client = await signInOverWire(server, options, first);
  onTestFinished(() => client.socket.destroy());
  return { server, client };
}

/** The same with an open link. */
export async function openOverWire(...setup: SetupArguments): Promise<WireSetup> {
  const started = await signInOnWire(...setup);
  started.client.socket.connect();
  await started.client.until(({ link }) => link === 'open');
  return started;
}

/** No token got into a URL, a trace, an error, a status or a string of the client. */
export function expectNoLeak({ server, client }: WireSetup): void {
  expect(client.tokens.length).toBeGreaterThan(0);
  const texts = [
    ...server.stats().requestTargets,
    ...client.printed,
    String(client.socket as unknown),
    JSON.stringify(client.socket) ?? '',
    JSON.stringify(client.socket.getStatus()),
  ];
  for (const token of client.tokens) expect(texts.filter(text => text.includes(token))).toEqual([]);
}
