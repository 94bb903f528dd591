import type { ConvexReactClient } from 'convex/react';
import type { ReactNode } from 'react';

/** Where the Convex page finds its servers. */
export interface ConvexSettings {
  clientId: string;
  workosPort: number;
  convexUrl: string;
  /** Seconds that both SDKs let one set are multiplied by this. 1 in real life. */
  scale: number;
}

/** What stands between AuthKit and the application: the part that the two pages differ in. */
export type SessionForConvex = (props: {
  convex: ConvexReactClient;
  settings: ConvexSettings;
  children: ReactNode;
}) => ReactNode;
