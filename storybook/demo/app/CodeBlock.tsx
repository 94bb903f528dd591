import * as React from 'react';

/** Code to read and to copy. */
export function CodeBlock({ text }: { text: string }): React.ReactElement {
  const [state, setState] = React.useState<'idle' | 'copied' | 'failed'>('idle');
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setState('copied'),
      () => setState('failed'),
    );
  return (
    <div className="code">
      <button type="button" onClick={() => void copy()}>
        {state === 'copied' ? 'Copied' : 'Copy'}
      </button>
      <p role="status">
        {state === 'failed' ? 'The browser did not allow it: select the text by hand.' : ''}
      </p>
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </div>
  );
}
