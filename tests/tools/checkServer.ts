import { serverContract } from '../server/serverContract';

/**
 * Asks a running server whether it keeps the contract:
 * `npm run server:check -- ORIGIN COOKIE OTHER_COOKIE LIFE_S HELLO_S`.
 */
const [origin = '', cookie = '', otherCookie = '', lifeS, helloS] = process.argv.slice(2);
const server = {
  origin,
  cookies: [cookie, otherCookie],
  lifeS: Number(lifeS),
  helloS: Number(helloS),
} as const;

for (const { says, check } of serverContract) {
  const failure = await check(server).then(
    () => null,
    (error: Error) => error.message,
  );
  process.stdout.write(failure === null ? `kept    ${says}\n` : `BROKEN  ${says}: ${failure}\n`);
  if (failure !== null) process.exitCode = 1;
}
