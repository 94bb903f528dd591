import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { signInFirstVisitor } from './account';
import { Demo } from './Demo';
import { createEventLog } from './eventLog';
import { createSleepyClock } from './sleepyClock';

const entered = signInFirstVisitor();
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <React.StrictMode>
      <Demo clock={createSleepyClock()} log={createEventLog()} entered={entered} />
    </React.StrictMode>,
  );
}
