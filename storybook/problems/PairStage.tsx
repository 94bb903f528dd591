import * as React from 'react';
import { AuthSocketProvider, useSocketStatus } from 'react-auth-socket';
import { AuthSocketTimeline } from 'react-auth-socket/devtools';
import { usualTimings, type Timings } from '../stage/journey';
import { clockTime } from '../stage/journeyTime';
import { announce } from '../stage/onStage';
import { OrdersApp } from '../stage/OrdersApp';
import { OrdersScreen } from '../stage/OrdersScreen';
import { Scrubber } from '../stage/Scrubber';
import { StepList } from '../stage/StepList';
import { Take } from '../stage/take';
import { timelineWindow } from '../stage/timelineWindow';
import { useTake } from '../stage/useTake';
import { FigureTable } from './FigureTable';
import type { Problem, ProblemOf, Surroundings } from './problem';
import type { ReportedPage } from './reportedPage';
import { DRAFT, OurSide, ReportedSide, type LogLine, type Side } from './side';

export interface PairStageProps extends Partial<Timings> {
  problem: ProblemOf<Surroundings>;
}

/**
 * The same trouble twice, on one clock: a client that behaves as reported on the left, this package on the right. What
 * the user sees, what the client did, and what it cost.
 */
export function PairStage({ problem, ...given }: PairStageProps): React.ReactElement {
  const timings: Timings = { ...usualTimings, ...given };
  return <Play key={JSON.stringify(timings)} problem={problem(timings)} timings={timings} />;
}

function Play({ problem, timings }: { problem: Problem<Surroundings>; timings: Timings }) {
  const element = React.useRef<HTMLElement>(null);
  const { take, view } = useTake(
    () =>
      new Take<Side<Surroundings>>(problem, () => [new ReportedSide(problem), new OurSide(problem, timings)]),
  );
  React.useEffect(() => announce(element.current, take as unknown as Take<never>), [take]);
  const title = React.useId();
  const [reported, ours] = view.cast;
  if (reported?.kind !== 'reported' || ours?.kind !== 'ours') return null;
  const { socket } = ours.scene.tab;
  return (
    <section className="pair" ref={element} data-stage aria-labelledby={title} aria-busy={view.isBusy}>
      <header className="stage-head">
        <h2 id={title}>{problem.title}</h2>
        <p>{problem.text}</p>
      </header>
      <AuthSocketProvider key={view.number} socket={socket}>
        <div className="pair-sides">
          <section className="side" aria-label="Reported">
            <h3 className="side-name">{problem.reportedName}</h3>
            <Screen isAsleep={view.isAsleep}>
              <ReportedApp page={reported.page} />
            </Screen>
            <ReportedLog page={reported.page} />
          </section>
          <section className="side" aria-label="With this package">
            <h3 className="side-name">With react-auth-socket</h3>
            <Screen isAsleep={view.isAsleep}>
              <OrdersApp tab={ours.scene.tab} />
            </Screen>
            <OurLog side={ours} />
          </section>
        </div>
        <Scrubber take={take} view={view} />
        <div className="pair-facts">
          <FigureTable problem={problem} reported={reported} ours={ours} nowMs={view.nowMs} />
          <StepList take={take} view={view} />
        </div>
        <div className="stage-timeline">
          <AuthSocketTimeline socket={socket} windowMs={timelineWindow(problem, view.nowMs)} />
        </div>
      </AuthSocketProvider>
    </section>
  );
}

function Screen({ isAsleep, children }: { isAsleep: boolean; children: React.ReactNode }) {
  return (
    <div className={`screen ${isAsleep ? 'asleep' : ''}`}>
      {children}
      {isAsleep && <p className="curtain-text">The laptop sleeps</p>}
    </div>
  );
}

function ReportedApp({ page }: { page: ReportedPage }) {
  const { screen, isLive, orders } = React.useSyncExternalStore(page.subscribe, page.get);
  return screen === 'login' ? <LoginPage /> : <SignedIn orders={orders} isLive={isLive} />;
}

/** Its draft lives in the tree, and goes with it. */
function SignedIn(props: Pick<React.ComponentProps<typeof OrdersScreen>, 'orders' | 'isLive'>) {
  const [draft, setDraft] = React.useState(DRAFT);
  return <OrdersScreen {...props} draft={draft} onDraft={setDraft} />;
}

function LoginPage() {
  return (
    <div className="app app-login">
      <p className="app-login-title">Sign in to continue</p>
      <p>The orders are gone from the screen, and so is the note.</p>
    </div>
  );
}

function ReportedLog({ page }: { page: ReportedPage }) {
  React.useSyncExternalStore(page.subscribe, () => page.log.length);
  return <Log lines={page.log} name="What the reported client did" />;
}

function OurLog({ side }: { side: OurSide<Surroundings> }) {
  useSocketStatus();
  return <Log lines={side.log} name="What this package did" />;
}

/** As many lines as fit; the last ones tell most. */
const LINES = 7;

function Log({ lines, name }: { lines: readonly LogLine[]; name: string }) {
  const told = counted(lines);
  const left = told.length > LINES ? told.length - LINES + 1 : 0;
  return (
    <ol className="side-log" aria-label={name}>
      {left > 0 && <li className="side-left">{left} lines before</li>}
      {told.slice(left).map(({ at, text, count }) => (
        <li key={`${at} ${text}`}>
          <time>{clockTime(at)}</time> <span>{count > 1 ? `${text}, ${count} times` : text}</span>
        </li>
      ))}
    </ol>
  );
}

/** Lines that repeat the one before are one line. */
function counted(lines: readonly LogLine[]): (LogLine & { count: number })[] {
  const told: (LogLine & { count: number })[] = [];
  for (const line of lines) {
    const last = told.at(-1);
    if (last?.text === line.text) last.count += 1;
    else told.push({ ...line, count: 1 });
  }
  return told;
}
