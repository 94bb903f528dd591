import type { NextConfig } from 'next';

/** Where sign-in, token endpoint and socket live. They share the page's origin, so that cookies and paths just work. */
const backend = process.env.BACKEND_URL ?? 'http://127.0.0.1:8080';

const config: NextConfig = {
  rewrites: () =>
    Promise.resolve([
      { source: '/auth/:path*', destination: `${backend}/auth/:path*` },
      // An upgrade passes a rewrite, too.
      { source: '/ws', destination: `${backend}/ws` },
    ]),
};

export default config;
