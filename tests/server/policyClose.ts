/**
 * How the reason of a policy close is written: `{"code":"token_expired"}`, "Authentication expired", `token_expired`,
 * or an empty string.
 */
export type ReasonStyle = 'json' | 'text' | 'word' | 'none';

/**
 * Which codes policy closes have: always 1008; numbers that remind of HTTP; those of Liveblocks or of Pusher; or none at
 * all, the connection just ends and the client sees 1006.
 */
export type CloseStyle = 'policy' | '44xx' | 'liveblocks' | 'pusher' | 'bare';

/** Why the server closes. */
export type PolicyCode =
  | 'auth_required'
  | 'auth_timeout'
  | 'login_required'
  | 'ticket_invalid'
  | 'token_expired'
  | 'token_invalid'
  | 'token_revoked'
  | 'session_expired'
  | 'session_revoked'
  | 'subject_mismatch'
  | (string & {});

const texts: Readonly<Record<string, string>> = {
  auth_required: 'Authentication required',
  auth_timeout: 'Authentication timeout',
  login_required: 'Login required',
  ticket_invalid: 'Invalid ticket',
  token_expired: 'Authentication expired',
  token_invalid: 'Invalid token',
  token_revoked: 'Token revoked',
  session_expired: 'Session expired',
  session_revoked: 'Session invalid',
  subject_mismatch: 'Token belongs to another user',
};

/** In the place of a code: end the connection without a close frame. */
export const NO_CLOSE_FRAME = 1006;

/** Codes by code word; `*` for the rest. */
const closeCodes: Readonly<Record<CloseStyle, Readonly<Record<string, number>>>> = {
  policy: { '*': 1008 },
  '44xx': { auth_timeout: 4408, session_revoked: 4403, subject_mismatch: 4403, '*': 4401 },
  // 4109 asks for a new token, 4100 says kicked, 4001 not allowed.
  liveblocks: { token_expired: 4109, session_expired: 4109, session_revoked: 4100, '*': 4001 },
  // 4009 is unauthorized, 42xx asks to come back at once.
  pusher: { auth_timeout: 4201, '*': 4009 },
  bare: { '*': NO_CLOSE_FRAME },
};

/** The code of a policy close in the style that was asked for. */
export function policyCloseCode(code: PolicyCode, style: CloseStyle): number {
  const codes = closeCodes[style];
  return codes[code] ?? codes['*'] ?? 1008;
}

/** The reason of a policy close in the style that was asked for. */
export function policyReason(code: PolicyCode, style: ReasonStyle): string {
  switch (style) {
    case 'json':
      return JSON.stringify({ code });
    case 'text':
      return texts[code] ?? code;
    case 'word':
      return code;
    case 'none':
      return '';
  }
}
