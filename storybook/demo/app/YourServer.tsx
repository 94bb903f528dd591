import * as React from 'react';
import page from '../../docs/your-server.mdx?raw';
import { Markdown } from './Markdown';

/** The page for whoever writes the server, as it stands in the documentation. */
export function YourServer(): React.ReactElement {
  return (
    <article className="card prose">
      <Markdown text={page} />
    </article>
  );
}
