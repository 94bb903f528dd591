import * as React from 'react';
import { AuthSocketProvider } from 'react-auth-socket';
import { AuthSocketTimeline } from 'react-auth-socket/devtools';
import { usualTimings, type Journey, type JourneyOf, type Timings } from './journey';
import { announce } from './onStage';
import { OrdersApp } from './OrdersApp';
import { Scene } from './scene';
import { Scrubber } from './Scrubber';
import { StatusView } from './StatusView';
import { StepList } from './StepList';
import { TabGrid } from './TabGrid';
import { Take } from './take';
import { timelineWindow } from './timelineWindow';
import { useTake } from './useTake';

export interface StageProps extends Partial<Timings> {
  journey: JourneyOf;
}

/**
 * A journey on a stage: what the user sees, what the client says of itself, what happens meanwhile, and the timeline
 * beneath. Everything runs in a world of its own whose clock the slider moves: the same picture every time.
 */
export function Stage({ journey, ...given }: StageProps): React.ReactElement {
  const timings: Timings = { ...usualTimings, ...given };
  // Other times are another journey.
  return <Play key={JSON.stringify(timings)} journey={journey(timings)} timings={timings} />;
}

function Play({ journey, timings }: { journey: Journey; timings: Timings }) {
  const element = React.useRef<HTMLElement>(null);
  const { take, view } = useTake(() => {
    const draftNow = () => element.current?.querySelector<HTMLInputElement>('.app-field input')?.value ?? '';
    return new Take<Scene>(journey, () => [new Scene(journey, timings, draftNow())]);
  });
  React.useEffect(() => announce(element.current, take as unknown as Take<never>), [take]);
  const [scene] = view.cast;
  const title = React.useId();
  return (
    <section className="stage" ref={element} data-stage aria-labelledby={title} aria-busy={view.isBusy}>
      <header className="stage-head">
        <h2 id={title}>{journey.title}</h2>
        <p>{journey.text}</p>
      </header>
      <Scrubber take={take} view={view} />
      {scene && (
        <SceneView
          key={view.number}
          scene={scene}
          journey={journey}
          nowMs={view.nowMs}
          isAsleep={view.isAsleep}
        />
      )}
      <StepList take={take} view={view} />
    </section>
  );
}

interface SceneViewProps {
  scene: Scene;
  journey: Journey;
  nowMs: number;
  isAsleep: boolean;
}

function SceneView({ scene, journey, nowMs, isAsleep }: SceneViewProps) {
  const { tab, tabs, world } = scene;
  const screen = (
    <div className={`screen ${isAsleep ? 'asleep' : ''}`}>
      <OrdersApp tab={tab} />
      {isAsleep && <p className="curtain-text">The laptop sleeps</p>}
    </div>
  );
  return (
    <AuthSocketProvider socket={tab.socket}>
      <section className="stage-app" aria-label="What the user sees">
        {tabs.length === 1 ? screen : <TabGrid scene={scene} />}
      </section>
      <section className="stage-status" aria-label="What the client says">
        {tabs.length > 1 && <p className="stage-of">Tab 1</p>}
        <StatusView now={world.clock.now} />
      </section>
      <div className="stage-timeline">
        <AuthSocketTimeline socket={tab.socket} windowMs={timelineWindow(journey, nowMs)} />
      </div>
    </AuthSocketProvider>
  );
}
