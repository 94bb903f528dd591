import { runUntilEnded } from '../../tests/server/runUntilEnded';
import { startDemo } from './startDemo';

/** `npm run demo`: serves the demo until it is told to stop. `PORT` names the port; 0 is any free one. */
const { PORT } = process.env;
const ports = PORT === undefined || PORT === '' ? [4300, 0] : [Number(PORT)];

try {
  const demo = await startDemo(ports);
  console.log(`The demo is at ${demo.url} (Ctrl+C ends it)`);
  runUntilEnded(demo.close);
} catch (error) {
  console.error(`The demo did not start: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
