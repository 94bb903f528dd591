import type { ReasonStyle } from './serverOptions';

/** Why the server closes with 1008. */
export type PolicyCode =
  | 'auth_required'
  | 'auth_timeout'
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
  token_expired: 'Authentication expired',
  token_invalid: 'Invalid token',
  token_revoked: 'Token revoked',
  session_expired: 'Session expired',
  session_revoked: 'Session invalid',
  subject_mismatch: 'Token belongs to another user',
};

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
