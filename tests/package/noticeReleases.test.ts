import { afterEach, expect, it } from 'vitest';
import { installPackage, reactReleases, type InstalledPackage } from './installedPackage';

let installed: InstalledPackage | undefined;

afterEach(() => {
  installed?.remove();
  installed = undefined;
});

/** A banner over a link that opens, is lost, and comes back; what it showed, in order. */
const tellAndClear = `
  const { JSDOM } = require('jsdom');
  const dom = new JSDOM('<!doctype html><div id="root"></div>', { url: 'https://app.example.test/', pretendToBeVisual: true });
  for (const name of ['window', 'document', 'navigator'])
    Object.defineProperty(globalThis, name, { value: dom.window[name], configurable: true });
  delete globalThis.WebSocket;
  const complaints = [];
  console.error = (...args) => complaints.push(args.join(' '));
  console.warn = console.error;

  const React = require('react');
  const { AuthSocketProvider, useConnectionNotice } = require('react-auth-socket');
  const { createTestWorld } = require('react-auth-socket/testing');
  const isOld = React.version.startsWith('17.');
  const container = document.getElementById('root');
  const world = createTestWorld();
  const told = [];
  let renders = 0;
  function Banner() {
    const notice = useConnectionNotice();
    renders += 1;
    const kind = notice ? notice.kind : null;
    React.useEffect(() => { told.push(kind); }, [kind]);
    return null;
  }
  const element = React.createElement(AuthSocketProvider,
    { url: 'wss://app.example.test/ws', getToken: world.tokens.source, platform: world.platform },
    React.createElement(Banner));
  const pass = async ms => {
    for (let left = ms; left > 0; left -= 250) {
      await world.clock.advance(250);
      await new Promise(resolve => setTimeout(resolve, 2));
    }
  };
  async function run() {
    let unmount;
    if (isOld) {
      const ReactDOM = require('react-dom');
      ReactDOM.render(element, container);
      unmount = () => ReactDOM.unmountComponentAtNode(container);
    } else {
      const root = require('react-dom/client').createRoot(container);
      root.render(element);
      unmount = () => root.unmount();
    }
    await new Promise(resolve => setTimeout(resolve, 20));
    await pass(6_000);
    const rendersBefore = renders;
    world.server.refuse();
    world.server.last.drop();
    await pass(8_000);
    world.server.accept();
    await pass(20_000);
    unmount();
    await pass(1_250);
    await new Promise(resolve => setTimeout(resolve, 20));
    console.log(JSON.stringify({ told, rendersBefore, timersAfterwards: world.clock.pendingTimers, complaints }));
    world.dispose();
    dom.window.close();
    // The scheduler of React 17 holds a message channel that would keep Node running.
    if (isOld) process.exit();
  }
  run();
`;

it.each(reactReleases)('useConnectionNotice tells and clears with React $version', release => {
  installed = installPackage(release);
  expect(installed.runCommonJs(tellAndClear)).toEqual({
    told: [null, 'reconnecting', null],
    rendersBefore: 1,
    timersAfterwards: 0,
    complaints: [],
  });
});
