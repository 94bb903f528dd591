import { afterEach, expect, it, vi } from 'vitest';
import { findProgram } from './findProgram';
import { findRedis } from './findRedis';

afterEach(() => {
  vi.unstubAllEnvs();
});

const missing = {
  title: 'redis-server',
  variable: 'REDIS_SERVER',
  commands: ['a-command-that-nobody-has'],
  debianPackage: 'redis-server',
};

it('a program that is missing is asked for in one sentence that says how to install it', () => {
  vi.stubEnv('REDIS_SERVER', undefined);
  // Without a search path nothing can be installed on the spot.
  vi.stubEnv('PATH', '');
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(() => findProgram(missing)).toThrow(
    'No redis-server found: install it (on Debian `apt-get install redis-server`) or set REDIS_SERVER to the path of one.',
  );
});

it('the variable decides, and one that names nothing is told', () => {
  vi.stubEnv('REDIS_SERVER', process.execPath);
  expect(findRedis()).toBe(process.execPath);
  vi.stubEnv('REDIS_SERVER', '/nowhere/redis-server');
  expect(() => findRedis()).toThrow('REDIS_SERVER is set to "/nowhere/redis-server"');
});
