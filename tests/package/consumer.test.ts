import { readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installPackage, root, type InstalledPackage } from './installedPackage';

/** An application that touches every entry; the negative line shows that the types arrive at all. */
const application = `
import * as React from 'react';
import {
  AuthSocketProvider, signedOut, unavailable, useSocket, useSocketMessage, useSocketStatus, type GetToken,
} from 'react-auth-socket';
import { createAuthSocket, isAuthSocketError, type AuthSocket, type SocketStatus } from 'react-auth-socket/core';
import { closeTable, firstMessage, jsonProtocol } from 'react-auth-socket/protocols';
import { createTestWorld, type TestWorld } from 'react-auth-socket/testing';

const getToken: GetToken = async ({ signal }) => {
  const answer = await fetch('/auth/refresh', { method: 'POST', credentials: 'include', signal });
  if (answer.status === 401) return signedOut();
  return answer.ok ? ((await answer.json()) as { access_token: string }).access_token : unavailable();
};
// @ts-expect-error null is no answer: "not now" and "signed out" have names of their own.
const unclear: GetToken = () => null;

export function Providers(props: { userId: string | null; children: React.ReactNode }) {
  return React.createElement(
    AuthSocketProvider, { url: '/ws', getToken, sessionKey: props.userId, children: props.children });
}
export function Chat() {
  const socket = useSocket();
  useSocketMessage(message => console.log(message));
  const { lost } = useSocketStatus();
  return React.createElement('button', { onClick: () => socket.send({ type: 'hello' }) }, lost ? 'away' : 'here');
}

const world: TestWorld = createTestWorld({ seed: 1 });
const socket: AuthSocket<unknown, unknown> = createAuthSocket({
  url: 'wss://example.test/', getToken: world.tokens.source, platform: world.platform,
  protocol: jsonProtocol({ carrier: firstMessage(), close: closeTable({ 4401: 'expired' }) }),
});
const status: SocketStatus = socket.getStatus();
export const all = [unclear, isAuthSocketError(status)];
`;

let installed: InstalledPackage;

beforeAll(() => {
  installed = installPackage();
  const types = join(installed.folder, 'node_modules/@types');
  symlinkSync(join(root, 'node_modules/@types'), types);
});

afterAll(() => {
  installed.remove();
});

it.each([
  {
    as: 'an ES module under Node’s rules',
    file: 'app.mts',
    module: ts.ModuleKind.Node16,
    resolution: ts.ModuleResolutionKind.Node16,
  },
  {
    as: 'CommonJS under Node’s rules',
    file: 'app.cts',
    module: ts.ModuleKind.Node16,
    resolution: ts.ModuleResolutionKind.Node16,
  },
  {
    as: 'bundled code',
    file: 'app.ts',
    module: ts.ModuleKind.ESNext,
    resolution: ts.ModuleResolutionKind.Bundler,
  },
])('the declarations serve $as, library checks included', ({ file, module, resolution }) => {
  const path = join(installed.folder, file);
  writeFileSync(path, application);
  expect(readdirSync(installed.folder)).toContain(file);
  const program = ts.createProgram([path], {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: false,
    esModuleInterop: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
    module,
    moduleResolution: resolution,
  });
  const complaints = ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file: place, messageText }) =>
        `${place?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  expect(complaints).toEqual([]);
});
