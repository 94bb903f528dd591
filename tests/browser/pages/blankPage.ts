import { startPageLog } from '../harness/pageLog';

/** A page that does nothing but write its log. */
startPageLog();
