import * as React from 'react';
import { useSocket, useSocketStatus } from './socket';
import type { SleepyClock } from './sleepyClock';
import { linkWord, meaning, sessionWord, type StatusWord } from './statusWords';
import { TokenBar, tokenLeft } from './TokenBar';
import { useNow } from './useNow';

export function StatusCard({ clock }: { clock: SleepyClock }): React.ReactElement {
  const socket = useSocket();
  const status = useSocketStatus();
  const isStopped = status.link === 'stopped' && status.stopReason !== 'signed-out';
  return (
    <section className="card status" aria-labelledby="status-title">
      <h2 id="status-title">Status</h2>
      <dl className="pills">
        <Pill name="Link">
          <LinkState clock={clock} />
        </Pill>
        <Pill name="Session">
          <State {...sessionWord(status)} />
        </Pill>
      </dl>
      <div className={isStopped ? 'notice stopped' : 'notice'}>
        <p aria-live="polite">{meaning(status)}</p>
        {isStopped && (
          <button type="button" className="primary" onClick={() => socket.reconnect('the user asked')}>
            Connect again
          </button>
        )}
        {status.lost && (
          <button type="button" onClick={() => socket.reconnect('the user asked')}>
            Try now
          </button>
        )}
      </div>
      <TokenBar clock={clock} />
    </section>
  );
}

/** The status in one line, for small windows; hidden from readers, who have the card. */
export function Glance({ clock }: { clock: SleepyClock }): React.ReactElement {
  const status = useSocketStatus();
  const now = useNow(clock);
  const link = linkWord(status, now);
  const session = sessionWord(status);
  const { tokenExpiresAt } = status;
  return (
    <div className="glance" aria-hidden="true">
      <span>
        Link <strong className={`word ${link.tone}`}>{link.word}</strong>
      </span>
      <span>
        Session <strong className={`word ${session.tone}`}>{session.word}</strong>
      </span>
      <span>Token {tokenLeft(tokenExpiresAt, now)}</span>
    </div>
  );
}

function LinkState({ clock }: { clock: SleepyClock }) {
  const status = useSocketStatus();
  return <State {...linkWord(status, useNow(clock))} />;
}

function Pill({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="pill">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function State({ word, detail, tone }: StatusWord) {
  return (
    <>
      <strong className={`word ${tone}`}>{word}</strong> <span className="detail">{detail}</span>
    </>
  );
}
