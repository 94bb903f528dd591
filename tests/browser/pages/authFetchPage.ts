import { createAuthFetch, createAuthSocket, tokenEndpoint } from '../../../src/core';

declare global {
  interface Window {
    /** Requests with the token of a session; answers status and body. */
    ask: (url: string, init?: RequestInit) => Promise<{ status: number; body: string; url: string }>;
    /** The reference server counts the token in hand as expired from now on. */
    sessionStatus: () => string;
  }
}

const socket = createAuthSocket({ getToken: tokenEndpoint('/auth/refresh') });
const authFetch = createAuthFetch(socket);

window.ask = async (url, init) => {
  const answer = await authFetch(url, init);
  return { status: answer.status, body: await answer.text(), url: answer.url };
};
window.sessionStatus = () => socket.getStatus().session;
