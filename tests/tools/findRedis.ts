import { findProgram } from './findProgram';

/** Path of a Redis server: `$REDIS_SERVER`, one in the usual places, or Debian's. Throws one sentence without any. */
export function findRedis(): string {
  return findProgram({
    title: 'redis-server',
    variable: 'REDIS_SERVER',
    commands: ['redis-server'],
    paths: ['/opt/homebrew/bin/redis-server', '/usr/sbin/redis-server'],
    debianPackage: 'redis-server',
  });
}
