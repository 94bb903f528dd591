import * as React from 'react';
import type { Palette } from './palette';

/** The report to be copied by hand, selected already. */
export function ReportText({ report, palette }: { report: string; palette: Palette }): React.ReactElement {
  const box = React.useRef<HTMLTextAreaElement>(null);
  React.useEffect(() => {
    box.current?.focus();
    box.current?.select();
  }, []);
  return (
    <textarea
      ref={box}
      readOnly
      aria-label="The report as JSON"
      value={report}
      rows={8}
      style={{
        boxSizing: 'border-box',
        width: '100%',
        font: '12px/1.4 ui-monospace, Menlo, Consolas, monospace',
        background: palette.sunken,
        color: palette.text,
        border: `1px solid ${palette.control}`,
        borderRadius: 6,
        padding: 8,
      }}
    />
  );
}
