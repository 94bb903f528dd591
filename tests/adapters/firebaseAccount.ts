import { deleteApp, initializeApp } from '@firebase/app';
import {
  connectAuthEmulator,
  inMemoryPersistence,
  initializeAuth,
  signInWithEmailAndPassword,
  type Auth,
} from '@firebase/auth';
import { onTestFinished } from 'vitest';
import { unsignedJwt } from '../../src/testing/unsignedJwt';
import {
  startIdentityServer,
  type IdentityAnswer,
  type IdentityServer,
  type Trouble,
} from './identityServer';

export interface FirebaseAccount {
  server: IdentityServer;
  auth: Auth;
  signIn(): Promise<void>;
  /** What the token endpoint answers instead of a token: Firebase's own words. */
  refuse(message: string | null): void;
  /** Trouble, where the denial is one that Firebase knows. */
  upset(trouble: Trouble | null): void;
  readonly refreshes: readonly string[];
}

let apps = 0;

/** The real Firebase Auth, talking to a server that speaks as the emulator does. */
export async function openFirebaseAccount({
  hasEnded = false,
}: { hasEnded?: boolean } = {}): Promise<FirebaseAccount> {
  const refreshes: string[] = [];
  let refusal: IdentityAnswer | null = null;
  let issued = 0;
  // Less than half a minute has ended as soon as it has come.
  let lifeS = hasEnded ? '1' : '3600';
  const idToken = () => {
    const now = Math.floor(Date.now() / 1_000);
    return unsignedJwt({ sub: 'ada', jti: `id-${++issued}`, iat: now, exp: now + 3_600 });
  };
  const server = await startIdentityServer({
    affects: path => path.endsWith('/token'),
    answer({ path, body }) {
      if (path.endsWith(':signInWithPassword')) {
        const life = { expiresIn: lifeS, refreshToken: 'refresh-1' };
        return { body: { idToken: idToken(), localId: 'ada', email: 'ada@test', ...life } };
      }
      if (path.endsWith(':lookup')) return { body: { users: [{ localId: 'ada', email: 'ada@test' }] } };
      refreshes.push((body as { refresh_token: string }).refresh_token);
      return refusal ?? { body: { access_token: idToken(), expires_in: lifeS, refresh_token: 'refresh-1' } };
    },
  });
  const app = initializeApp({ apiKey: 'a-public-key', projectId: 'test' }, `app-${++apps}`);
  const auth = initializeAuth(app, { persistence: inMemoryPersistence });
  connectAuthEmulator(auth, server.url, { disableWarnings: true });
  onTestFinished(async () => {
    await deleteApp(app);
    await server.close();
  });
  const signIn = async () => void (await signInWithEmailAndPassword(auth, 'ada@test', 'secret'));
  await signIn();
  lifeS = '3600';
  issued = 1;
  refreshes.length = 0;
  const refuse = (message: string | null) => {
    refusal = message === null ? null : { status: 400, body: { error: { code: 400, message } } };
  };
  return {
    server,
    auth,
    signIn,
    refreshes,
    refuse,
    upset(trouble) {
      if (trouble === '400-invalid-grant') refuse('TOKEN_EXPIRED');
      else server.trouble = trouble;
    },
  };
}
