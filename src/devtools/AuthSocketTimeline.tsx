import * as React from 'react';
import type { AuthSocket } from '../runtime/authSocket';
import { CopyButton } from './CopyButton';
import { LineList } from './LineList';
import { MarkStepper } from './MarkStepper';
import { unseen } from './palette';
import { ReportText } from './ReportText';
import { StatusRow } from './StatusRow';
import type { Timeline } from './timeline';
import { ToolButton } from './ToolButton';
import { usePalette } from './usePalette';
import { useRecorder } from './useRecorder';

/** What the panel draws, and how. */
export interface AuthSocketTimelineProps {
  /** Whose life is drawn. Another client starts the panel over. */
  // eslint-disable-next-line typescript/no-explicit-any -- the messages do not matter here
  socket: AuthSocket<any, any>;
  /**
   * How much time the picture shows, in ms. What slept in it is drawn short.
   *
   * @default 300_000 (5 minutes)
   */
  windowMs?: number;
  /**
   * 'auto' follows the system.
   *
   * @default 'auto'
   */
  theme?: 'light' | 'dark' | 'auto';
  /** For the place of the panel in your page; it needs no style of yours. */
  className?: string;
}

const DEFAULT_WINDOW_MS = 5 * 60_000;

/**
 * What session and link of a client did, when, and why: for you and for bug reports.
 *
 * Draws from the redacted trace, from mounting on. Renders nothing but itself, at most once a second while nothing
 * happens and not in a hidden page; renders nothing on a server.
 */
export function AuthSocketTimeline({
  socket,
  windowMs = DEFAULT_WINDOW_MS,
  theme = 'auto',
  className,
}: AuthSocketTimelineProps): React.ReactElement {
  const palette = usePalette(theme);
  const recorder = useRecorder(socket);
  const timeline = recorder.get();
  const { isPaused } = recorder;
  const [report, setReport] = React.useState<string | null>(null);
  const [said, setSaid] = React.useState('');
  const name = 'Auth socket timeline';
  if (!timeline) return <section aria-label={name} className={className} />;
  return (
    <section
      aria-label={name}
      className={className}
      style={{
        position: 'relative',
        display: 'flex',
        flexDirection: 'column',
        gap: 10,
        padding: 12,
        font: '13px/1.45 ui-sans-serif, system-ui, "Segoe UI", Roboto, sans-serif',
        textAlign: 'left',
        colorScheme: palette.scheme,
        color: palette.text,
        background: palette.ground,
        border: `1px solid ${palette.line}`,
        borderRadius: 8,
      }}
    >
      <div style={{ display: 'flex', flexWrap: 'wrap', gap: '8px 18px', justifyContent: 'space-between' }}>
        <StatusRow timeline={timeline} palette={palette} />
        <div role="group" aria-label="Recording" style={{ display: 'flex', flexWrap: 'wrap', gap: 6 }}>
          <ToolButton palette={palette} isPressed={isPaused} onClick={() => recorder.pause(!isPaused)}>
            Pause
          </ToolButton>
          <ToolButton
            palette={palette}
            onClick={() => {
              recorder.clear();
              setReport(null);
              setSaid('Cleared');
            }}
          >
            Clear
          </ToolButton>
          <CopyButton timeline={timeline} palette={palette} onRefused={setReport} onSaid={setSaid} />
        </div>
      </div>
      <div style={{ display: 'flex', flexWrap: 'wrap', gap: 14 }}>
        <div style={{ flex: '3 1 440px', minWidth: 0, maxWidth: '100%' }}>
          <MarkStepper timeline={timeline} windowMs={windowMs} palette={palette} />
        </div>
        <div style={{ flex: '2 1 320px', minWidth: 0, maxWidth: '100%' }}>
          <LineList lines={timeline.lines} palette={palette} />
        </div>
      </div>
      <p role="status" style={said === '' ? unseen : { margin: 0, color: palette.muted }}>
        {said}
      </p>
      <p role="status" style={unseen}>
        {isPaused ? '' : headline(timeline)}
      </p>
      {report !== null && <ReportText key={report} report={report} palette={palette} />}
    </section>
  );
}

/** The newest line that matters: a reader hears that one, and not all that led to it. */
function headline({ lines }: Timeline): string {
  for (let i = lines.length - 1; i >= 0; i -= 1) {
    const line = lines[i];
    if (line && line.tone !== 'quiet') return line.text;
  }
  return '';
}
