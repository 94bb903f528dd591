import * as React from 'react';
import type { Clock } from 'react-auth-socket';
import type { EventLog } from './eventLog';
import { troubleGroups, type TroubleButton } from './troubleGroups';
import { useTroubles } from './useTroubles';

interface TroubleCardProps {
  clock: Clock;
  log: EventLog;
  onSleep: () => void;
}

export function TroubleCard({ clock, log, onSleep }: TroubleCardProps): React.ReactElement {
  const { state, make } = useTroubles();
  const press = async (button: Pick<TroubleButton, 'trouble' | 'said'>) => {
    log.note(clock.wallMs(), { tone: 'you', text: button.said });
    try {
      await make(button.trouble);
      if (button.trouble === 'sleep') onSleep();
    } catch {
      log.note(clock.wallMs(), { tone: 'bad', text: 'The process that serves this demo does not answer' });
    }
  };
  return (
    <section className="card troubles" aria-labelledby="troubles-title">
      <h2 id="troubles-title">Break something</h2>
      <div className="all">
        {troubleGroups.map(({ title, buttons }) => (
          <div className="group" role="group" aria-label={title} key={title}>
            {buttons.map(button => {
              const isOn = button.heal !== undefined && button.isOn(state);
              const { label, hint } = isOn && button.heal ? button.heal : button;
              return (
                <button
                  type="button"
                  key={button.trouble}
                  className={isOn ? 'trouble on' : 'trouble'}
                  onClick={() => void press(isOn && button.heal ? button.heal : button)}
                >
                  <span className="label">{label}</span>
                  <span className="hint">{hint}</span>
                </button>
              );
            })}
          </div>
        ))}
      </div>
    </section>
  );
}
