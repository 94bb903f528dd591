import { afterEach, describe, expect, it } from 'vitest';
import { installPackage, reactReleases, type InstalledPackage } from './installedPackage';
import { jsdomPage } from './jsdomPage';

let installed: InstalledPackage | undefined;

afterEach(() => {
  installed?.remove();
  installed = undefined;
});

/** Mounts a provider in jsdom, waits until it is open, says what it saw, unmounts. */
const mountAndUnmount = `
  ${jsdomPage}
  async function run({ AuthSocketProvider, useSocket, useSocketMessage, useSocketStatus }, { createTestWorld }) {
    const world = createTestWorld();
    world.server.auto = true;
    world.server.accept();
    const until = async isDone => {
      for (let turn = 0; turn < 200 && !isDone(); turn += 1) {
        await world.clock.advance(50);
        await new Promise(resolve => setTimeout(resolve, 5));
      }
    };
    const heard = [];
    function Chat() {
      const socket = useSocket();
      useSocketMessage(message => heard.push(message.text));
      const { link } = useSocketStatus();
      React.useEffect(() => { if (link === 'open') socket.send({ type: 'hello' }); }, [link, socket]);
      return React.createElement('p', null, link);
    }
    const unmount = mount(React.createElement(React.StrictMode, null,
      React.createElement(AuthSocketProvider,
        { url: 'wss://app.example.test/ws', getToken: world.tokens.source, platform: world.platform },
        React.createElement(Chat))));
    await until(() => container.textContent === 'open');
    const shown = container.textContent;
    world.server.last.send({ type: 'news', text: 'from the server' });
    await until(() => heard.length > 0);
    const received = world.server.last.received.map(frame => frame.type);
    unmount();
    await world.clock.advance(1_200);
    await new Promise(resolve => setTimeout(resolve, 20));
    console.log(JSON.stringify({
      version: React.version,
      shown,
      heard,
      sentHello: received.includes('hello'),
      connections: world.server.connections.length,
      calls: world.tokens.calls.length,
      isOpenAfterwards: world.server.last.isOpen,
      timersAfterwards: world.clock.pendingTimers,
      complaints,
    }));
    world.dispose();
    leave();
  }
`;

// Imported late: the store shim looks for a document once, when it is loaded.
const mountAsModule = `
  import { createRequire } from 'node:module';
  const require = createRequire(import.meta.url);
  ${mountAndUnmount}
  await run(await import('react-auth-socket'), await import('react-auth-socket/testing'));
`;

const mountAsCommonJs = `
  ${mountAndUnmount}
  run(require('react-auth-socket'), require('react-auth-socket/testing')).catch(error => {
    process.stderr.write(error.stack);
    process.exit(1);
  });
`;

const renderOnServer = `
  import { createRequire } from 'node:module';
  import { AuthSocketProvider, useAuthToken, useSocketState, useSocketStatus } from 'react-auth-socket';
  const require = createRequire(import.meta.url);
  const React = require('react');
  const { renderToString } = require('react-dom/server');
  const complaints = [];
  console.error = (...args) => complaints.push(args.join(' '));
  console.warn = console.error;
  delete globalThis.WebSocket;
  let calls = 0;
  function Page() {
    const { link, session } = useSocketStatus();
    const { expiresAt } = useAuthToken();
    const news = useSocketState((state, batch) => state.concat(batch), []);
    return React.createElement('p', null, [link, session, String(expiresAt), news.length].join(' '));
  }
  const html = renderToString(React.createElement(AuthSocketProvider,
    { url: 'wss://app.example.test/ws', getToken: () => { calls += 1; return 'token'; } },
    React.createElement(Page)));
  await new Promise(resolve => setTimeout(resolve, 50));
  console.log(JSON.stringify({ html, calls, complaints }));
`;

describe.each(reactReleases)('the built package with React $version', release => {
  it.each([
    { format: 'ESM', isModule: true },
    { format: 'CommonJS', isModule: false },
  ])(
    'as $format mounts under StrictMode, opens one socket, talks, unmounts and leaves nothing behind',
    ({ isModule }) => {
      installed = installPackage(release);
      const seen = isModule ? installed.runModule(mountAsModule) : installed.runCommonJs(mountAsCommonJs);
      expect(seen).toEqual({
        version: expect.stringMatching(new RegExp(`^${release.version.replaceAll('.', '\\.')}`)),
        shown: 'open',
        heard: ['from the server'],
        sentHello: true,
        connections: 1,
        calls: 1,
        isOpenAfterwards: false,
        timersAfterwards: 0,
        complaints: [],
      });
    },
  );

  it('R05 renders on a server without window and WebSocket, asks for no token and lets the process end', () => {
    installed = installPackage(release);
    expect(installed.runModule(renderOnServer)).toEqual({
      html: expect.stringMatching(/^<p[^>]*>idle unknown null 0<\/p>$/),
      calls: 0,
      complaints: [],
    });
  });
});
