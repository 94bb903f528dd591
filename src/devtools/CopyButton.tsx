import * as React from 'react';
import { bugReport } from './bugReport';
import type { Palette } from './palette';
import type { Timeline } from './timeline';
import { ToolButton } from './ToolButton';

interface CopyButtonProps {
  timeline: Timeline;
  palette: Palette;
  /** The clipboard was refused: this is to be shown, so that it can be copied by hand. */
  onRefused(report: string | null): void;
  /** What a reader should hear. */
  onSaid(words: string): void;
}

/** Copies what was seen for a bug report. */
export function CopyButton({ timeline, palette, onRefused, onSaid }: CopyButtonProps): React.ReactElement {
  async function copy(): Promise<void> {
    const { navigator } = window;
    const report = bugReport(timeline, navigator.userAgent);
    const count = timeline.events.length;
    try {
      await navigator.clipboard.writeText(report);
      onRefused(null);
      onSaid(`Copied ${count === 1 ? 'one event' : `${count} events`} as JSON`);
    } catch {
      // No permission, no secure context, no clipboard at all.
      onRefused(report);
      onSaid('The browser did not allow copying: the JSON is below, selected');
    }
  }
  return (
    <ToolButton palette={palette} onClick={() => void copy()}>
      Copy as JSON
    </ToolButton>
  );
}
