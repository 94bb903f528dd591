import { createTestWorld, type TestWorld } from '../../src/testing';
import { createScriptClient, showData } from './scriptClient';
import { consoleLine, type Stage, type StagePeer, type Welcome } from './stage';

const STEP_MS = 10;

/** A stage made of the fakes that this package offers for tests. `socketOf`: the class that is put on it. */
export function openFakeStage(
  limitMs = 20_000,
  socketOf: (world: TestWorld) => unknown = ({ platform }) => platform.WebSocket,
): Stage {
  const world = createTestWorld();
  const { server, clock } = world;
  const url = 'ws://127.0.0.1:8080/';
  const script = createScriptClient(socketOf(world) as typeof WebSocket);
  let how: Welcome = 'accept';
  let greetings: readonly string[] = [];
  server.auto = false;
  server.selectProtocol = offered => {
    // Behind the answer to the handshake, before the page is told of it.
    queueMicrotask(() => greetings.forEach(text => server.last.send(text)));
    if (how === 'forget-subprotocol') return '';
    return how === 'invent-subprotocol' ? 'invented' : (offered.at(-1) ?? '');
  };

  const peer: StagePeer = {
    url,
    welcome(next) {
      how = next;
      if (how === 'hang') server.hang();
      else if (how === 'refuse' || how === 'unauthorized' || how === 'redirect') server.refuse();
      else server.accept();
    },
    greetWith: (...texts) => {
      greetings = texts;
    },
    send: async data => server.last.send(typeof data === 'string' ? data : Uint8Array.from(data)),
    sendInvalidText: async () => server.last.sendInvalid(),
    close: async (code, reason) => server.last.close(code, reason),
    async atOnce(...writes) {
      for (const write of writes) await write();
    },
    reset: async () => server.last.drop(),
    end: async () => server.last.drop(),
    goDeaf: async () => server.last.halfOpen(),
    log: () => [
      // Where nobody listens, nobody sees a handshake; nor does this peer see what went to the page's own address.
      ...server.dials
        .filter(dial => dial.url === url && how !== 'refuse')
        .map(({ protocols }) => `dialled [${protocols.join()}]`),
      ...server.connections.map(({ received, closed }) =>
        [
          'link',
          ...received.map(frame => showData(frame)),
          ...(closed?.by === 'client' && closed.code !== 1006
            ? [`close ${closed.code} ${JSON.stringify(closed.reason)}`]
            : []),
        ].join('; '),
      ),
    ],
  };

  return {
    peer,
    client: {
      async run(...commands) {
        script.run(commands);
        await clock.advance(0);
      },
      async until(start) {
        for (let waitedMs = 0; waitedMs < limitMs; waitedMs += STEP_MS) {
          if (script.log.some(line => line.startsWith(start))) return;
          await clock.advance(STEP_MS);
        }
        throw new Error(`"${start}" never came. ${script.log.join(' | ')}`);
      },
      pause: ms => clock.advance(ms),
      forbidDials: async () => world.page.forbidDials(),
      log: async () => [...script.log, ...world.browserConsole.flatMap(({ text }) => consoleLine(text))],
    },
    close: async () => world.dispose(),
  };
}
