import { parseArgs } from 'node:util';
import { startReferenceServer } from './referenceServer';
import { runUntilEnded } from './runUntilEnded';

/** Runs the reference server until it is told to stop: `npm run server -- --port 4400 --speed 60`. */
const { values } = parseArgs({ options: { port: { type: 'string' }, speed: { type: 'string' } } });

const server = await startReferenceServer({
  port: Number(values.port ?? 0),
  speed: Number(values.speed ?? 1),
});
console.log(`Reference server on ${server.url} (${server.wsUrl})`);
runUntilEnded(server.close);
