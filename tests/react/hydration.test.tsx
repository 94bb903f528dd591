import { act } from '@testing-library/react';
import * as React from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { expect, it } from 'vitest';
import { AuthSocketProvider, createAuthSocket, useSocketStatus } from '../../src/index';
import { createTestWorld } from '../../src/testing';

it('R06 a client that opened before hydration first paints what the server rendered, without a warning', async () => {
  const world = createTestWorld();
  const socket = createAuthSocket({ url: '/ws', getToken: world.tokens.source, platform: world.platform });
  const painted: string[] = [];
  function Status() {
    const { link } = useSocketStatus();
    React.useLayoutEffect(() => {
      painted.push(link);
    });
    return <p>{link}</p>;
  }
  const tree = (
    <AuthSocketProvider socket={socket}>
      <Status />
    </AuthSocketProvider>
  );
  const container = document.createElement('div');
  container.innerHTML = renderToString(tree);
  document.body.append(container);
  expect(container.textContent).toBe('idle');

  socket.connect();
  await world.clock.advance(1_000);
  expect(socket.getStatus().link).toBe('open');
  const problems: unknown[] = [];
  const root = await act(async () =>
    hydrateRoot(container, tree, { onRecoverableError: error => problems.push(error) }),
  );
  expect(painted[0]).toBe('idle');
  expect(painted.at(-1)).toBe('open');
  expect(container.textContent).toBe('open');
  expect(problems).toEqual([]);
  await act(async () => root.unmount());
  await world.clock.advance(1_100);
  socket.destroy();
  container.remove();
});
