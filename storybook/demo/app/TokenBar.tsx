import * as React from 'react';
import type { Clock } from 'react-auth-socket';
import { demoTimes } from '../demoTimes';
import { useAuthToken } from './socket';
import { useNow } from './useNow';

/** How much of the token's life is left, and about where it will be refreshed. */
export function TokenBar({ clock }: { clock: Clock }): React.ReactElement {
  const { session, expiresAt, refresh } = useAuthToken();
  const now = useNow(clock);
  const lifeMs = demoTimes.tokenLifeMs;
  const leftMs = Math.max(0, (expiresAt ?? 0) - now);
  const left = expiresAt === null ? 'none in hand' : `${tokenLeft(expiresAt, now)} left`;
  return (
    <div className="token">
      <p className="token-head">
        <span>Token</span> <strong>{left}</strong>
        <button
          type="button"
          disabled={session === 'signed-out'}
          // A failure is in the log already.
          onClick={() => void refresh().catch(() => {})}
        >
          Refresh now
        </button>
      </p>
      <div
        className={leftMs < lifeMs / 4 ? 'bar low' : 'bar'}
        role="meter"
        aria-label="Life left of the token"
        aria-valuemin={0}
        aria-valuemax={lifeMs / 1_000}
        aria-valuenow={Math.round(leftMs / 1_000)}
        aria-valuetext={left}
      >
        <span style={{ width: `${Math.min(100, (leftMs / lifeMs) * 100)}%` }} />
      </div>
      <p className="token-foot">It lives a minute here and is refreshed around the mark.</p>
    </div>
  );
}

/** `42 s`, or `none`. */
export function tokenLeft(expiresAt: number | null, now: number): string {
  return expiresAt === null ? 'none' : `${Math.max(0, Math.ceil((expiresAt - now) / 1_000))} s`;
}
