import { expect, it } from 'vitest';
import { sdks } from '../tools/sdkMatrix';
import { troubles, type Trouble } from './identityServer';

const denials: readonly Trouble[] = ['400-invalid-grant', '401'];

/** Denials that this SDK's own server does not speak: what comes then came from something else on the way. */
const foreign: Readonly<Record<string, readonly Trouble[]>> = {
  // A 401 and a client without the session are its denial.
  clerk: ['400-invalid-grant'],
  // Its denial is TOKEN_EXPIRED, with a 400.
  firebase: ['401'],
  // Its denial is NotAuthorizedException, with a 400.
  amplify: ['401'],
  // Its denial is a 401.
  betterAuth: ['400-invalid-grant'],
  // The recipe asks the endpoint itself where next-auth says null, and reads a 401.
  nextAuth: ['400-invalid-grant'],
};

const cells = sdks.flatMap(({ name, record }) =>
  troubles.map(trouble => ({ name, trouble, ...record.cells[trouble] })),
);

it('0 false sign-outs: no trouble but a denial ends a session, whatever the SDK', () => {
  expect(cells.filter(({ trouble, ours }) => ours === 'signed-out' && !denials.includes(trouble))).toEqual(
    [],
  );
});

it('0 missed sign-outs: every denial that an SDK’s server can speak ends it', () => {
  const missed = cells.filter(
    ({ name, trouble, ours }) =>
      denials.includes(trouble) && ours !== 'signed-out' && !foreign[name]?.includes(trouble),
  );
  expect(missed).toEqual([]);
});

it('every exception is one: what is foreign to an SDK ends nothing', () => {
  const ending = cells.filter(
    ({ name, trouble, ours }) => foreign[name]?.includes(trouble) && ours === 'signed-out',
  );
  expect(ending).toEqual([]);
});
