import { fstatSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startReferenceServer } from './referenceServer';

/** Runs the reference server until it is told to stop: `npm run server -- --port 4400 --speed 60`. */
const { values } = parseArgs({ options: { port: { type: 'string' }, speed: { type: 'string' } } });

const server = await startReferenceServer({
  port: Number(values.port ?? 0),
  speed: Number(values.speed ?? 1),
});
console.log(`Reference server on ${server.url} (${server.wsUrl})`);

const PARENT_POLL_MS = 500;
const parent = process.ppid;
const watchParent = setInterval(() => {
  if (process.ppid !== parent) stop();
}, PARENT_POLL_MS);

function stop(): void {
  clearInterval(watchParent);
  process.stdin.destroy();
  void server.close();
}

process.once('SIGINT', stop);
process.once('SIGTERM', stop);

// A pipe ends with whoever holds its other end. A terminal or /dev/null says nothing about anybody.
const stdin = fstatSync(0);
if (stdin.isFIFO() || stdin.isSocket()) {
  process.stdin.once('end', stop);
  process.stdin.once('error', stop);
  process.stdin.resume();
}
