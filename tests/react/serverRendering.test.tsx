// @vitest-environment node
import * as React from 'react';
import { renderToString } from 'react-dom/server';
import { expect, it, vi } from 'vitest';
import { AuthSocketProvider, useAuthToken, useSocketState, useSocketStatus } from '../../src/index';

function Everything() {
  const { link, session, lost } = useSocketStatus();
  const token = useAuthToken();
  const n = useSocketState((count: number, batch) => count + batch.length, 0);
  return <p>{[link, session, lost, token.session, n].join(' ')}</p>;
}

it('R05 renders on a server without window and WebSocket: idle, no throw, no timer, no token call', () => {
  expect(globalThis.WebSocket).toBeUndefined();
  expect(globalThis).not.toHaveProperty('window');
  const setTimer = vi.spyOn(globalThis, 'setTimeout');
  const getToken = vi.fn();
  const html = renderToString(
    <AuthSocketProvider url="/ws" getToken={getToken} sessionKey="ada">
      <Everything />
    </AuthSocketProvider>,
  );
  expect(html).toContain('idle unknown false unknown 0');
  expect(getToken).not.toHaveBeenCalled();
  expect(setTimer).not.toHaveBeenCalled();
});

it('R05 renders nobody as signed out', () => {
  const html = renderToString(
    <AuthSocketProvider url="/ws" sessionKey={null}>
      <Everything />
    </AuthSocketProvider>,
  );
  expect(html).toContain('signed-out');
});
