import * as React from 'react';
import { useSocketStatus } from 'react-auth-socket';
import { linkWord, meaning, sessionWord, type StatusWord } from '../demo/app/statusWords';

/** The status of the client above, in the words of the demo. `now`: epoch ms on the client's clock. */
export function StatusView({ now }: { now: () => number }): React.ReactElement {
  const status = useSocketStatus();
  return (
    <section className="card status" aria-label="Status">
      <dl className="pills">
        <Pill name="Link" {...linkWord(status, now())} />
        <Pill name="Session" {...sessionWord(status)} />
      </dl>
      <p className="notice">{meaning(status)}</p>
    </section>
  );
}

function Pill({ name, word, detail, tone }: StatusWord & { name: string }) {
  return (
    <div className="pill">
      <dt>{name}</dt>
      <dd>
        <strong className={`word ${tone}`}>{word}</strong> <span className="detail">{detail}</span>
      </dd>
    </div>
  );
}
