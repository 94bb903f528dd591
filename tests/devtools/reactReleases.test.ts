import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** Mounts the panel in jsdom, lets a link open, drop and come back, unmounts; says what was seen. */
const script = `
  import { JSDOM } from 'jsdom';
  import * as React from 'react';
  import * as ReactDOM from 'react-dom';
  import * as ReactDOMClient from 'react-dom/client';
  import { renderToString } from 'react-dom/server';
  import { createAuthSocket } from './src/core';
  import { AuthSocketTimeline } from './src/devtools';
  import { createTestWorld } from './src/testing';

  const dom = new JSDOM('<!doctype html><div id="root"></div>', { url: 'https://app.example.test/', pretendToBeVisual: true });
  for (const name of ['window', 'document', 'navigator'])
    Object.defineProperty(globalThis, name, { value: dom.window[name], configurable: true });
  const complaints = [];
  console.error = (...args) => complaints.push(args.join(' '));
  console.warn = console.error;
  process.on('unhandledRejection', error => complaints.push(String(error)));

  const world = createTestWorld();
  const socket = createAuthSocket({ url: '/ws', getToken: world.tokens.source, platform: world.platform });
  const tree = React.createElement(React.StrictMode, null, React.createElement(AuthSocketTimeline, { socket }));
  const container = document.getElementById('root');
  const html = renderToString(tree).replace(' data-reactroot=""', '');
  container.innerHTML = html;
  let unmount;
  if (ReactDOMClient.hydrateRoot) {
    const mounted = ReactDOMClient.hydrateRoot(container, tree);
    unmount = () => mounted.unmount();
  } else {
    ReactDOM.hydrate(tree, container);
    unmount = () => ReactDOM.unmountComponentAtNode(container);
  }
  const until = async isTrue => {
    for (let i = 0; i < 1_000 && !isTrue(); i += 1) await new Promise(resolve => setTimeout(resolve, 5));
  };
  const lines = () => [...container.querySelectorAll('li')].map(line => line.textContent).filter(text => text.includes(':'));
  void (async () => {
    await until(() => lines().length > 0);
    socket.connect();
    await world.clock.advance(30_000);
    world.server.last.drop();
    await world.clock.advance(5_000);
    await until(() => lines()[0]?.includes('Reconnected'));
    const told = lines();
    const marks = container.querySelectorAll('[role=option]').length;
    unmount();
    socket.destroy();
    // React 17 cleans up after effects a little later.
    await until(() => world.clock.pendingTimers === 0);
    process.stdout.write(JSON.stringify({
      version: React.version, html, newest: told[0], marks, timersAfterwards: world.clock.pendingTimers, complaints,
    }));
    dom.window.close();
    process.exit();
  })();
`;

it.each([
  { version: '17.0.2', suffix: '-17' },
  { version: '18.3.1', suffix: '-18' },
  { version: '19', suffix: '' },
])('React $version shows the panel under StrictMode, after an empty one from the server', async release => {
  const folder = mkdtempSync(join(tmpdir(), 'timeline-'));
  try {
    const file = join(folder, 'script.cjs');
    const { outputFiles } = await build({
      stdin: { contents: script, resolveDir: root },
      bundle: true,
      write: false,
      platform: 'node',
      format: 'cjs',
      jsx: 'transform',
      external: ['jsdom'],
      logLevel: 'silent',
      plugins: [
        {
          name: 'another-react',
          setup({ onLoad, onResolve, resolve }) {
            onResolve({ filter: /^react(-dom)?(\/.*)?$/ }, ({ path, importer, resolveDir, kind }) => {
              // React 17 has no such entry.
              if (path === 'react-dom/client' && release.suffix === '-17')
                return { path, namespace: 'empty' };
              const [name = '', ...rest] = path.split('/');
              const other = [`${name}${release.suffix}`, ...rest].join('/');
              return other === path
                ? null
                : resolve(other, { importer, kind, resolveDir: resolveDir || root });
            });
            onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {}' }));
          },
        },
      ],
    });
    writeFileSync(file, outputFiles[0]?.text ?? '');
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const printed = execFileSync(process.execPath, [file], { encoding: 'utf8', timeout: 25_000 });
    expect(JSON.parse(printed)).toEqual({
      version: expect.stringMatching(new RegExp(`^${release.version.replaceAll('.', '\\.')}`)),
      html: '<section aria-label="Auth socket timeline"></section>',
      newest: expect.stringMatching(/Reconnected .+: the connection broke \(1006\)$/),
      marks: 3,
      timersAfterwards: 0,
      complaints: [],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
