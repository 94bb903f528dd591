import type { SocketStatus } from 'react-auth-socket';

const codeWords: Readonly<Record<number, string>> = {
  1000: 'the server closed it',
  1001: 'the server is going away',
  1005: 'the server closed it without a reason',
  1006: 'the connection broke without a word',
  1011: 'the server failed',
  1012: 'the server restarts',
  1013: 'the server asks to come back later',
};

/** Why a link was closed: `the server closed it: token expired (1008)`. */
export function closeWords({ code, reason }: NonNullable<SocketStatus['lastClose']>): string {
  const said = reasonWord(reason);
  if (said !== '') return `the server closed it: ${said} (${code})`;
  return `${codeWords[code] ?? 'the server closed it'} (${code})`;
}

/** `{"code":"token_expired"}`, `token_expired` and `Token expired` alike, as words. */
function reasonWord(reason: string): string {
  try {
    const { code } = JSON.parse(reason) as { code?: unknown };
    return typeof code === 'string' ? code.replaceAll('_', ' ') : '';
  } catch {
    return reason.replaceAll('_', ' ').toLowerCase();
  }
}
