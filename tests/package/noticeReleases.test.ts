import { afterEach, expect, it } from 'vitest';
import { installPackage, reactReleases, type InstalledPackage } from './installedPackage';
import { jsdomPage } from './jsdomPage';

let installed: InstalledPackage | undefined;

afterEach(() => {
  installed?.remove();
  installed = undefined;
});

/** A banner over a link that opens, is lost, and comes back; what it showed, in order. */
const tellAndClear = `
  ${jsdomPage}
  const { AuthSocketProvider, useConnectionNotice } = require('react-auth-socket');
  const { createTestWorld } = require('react-auth-socket/testing');
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
    const unmount = mount(element);
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
    leave();
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
