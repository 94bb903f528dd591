import { parseArgs } from 'node:util';
import { RedisSessionStore } from './redisSessionStore';
import { startReferenceServer } from './referenceServer';
import { runUntilEnded } from './runUntilEnded';

/**
 * Runs the reference server until it is told to stop: `npm run server -- --port 4400 --speed 60`.
 *
 * Sessions live in this process, or with `REDIS_URL` in a Redis server.
 */
const { values } = parseArgs({ options: { port: { type: 'string' }, speed: { type: 'string' } } });
const redisUrl = process.env.REDIS_URL;

const store = redisUrl ? await RedisSessionStore.connect(redisUrl, { prefix: 'react-auth-socket:' }) : null;
const server = await startReferenceServer({
  port: Number(values.port ?? 0),
  speed: Number(values.speed ?? 1),
  ...(store && { store }),
});
console.log(`Reference server on ${server.url} (${server.wsUrl})`);
runUntilEnded(async () => {
  await server.close();
  store?.close();
});
