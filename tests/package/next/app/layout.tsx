import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { currentUser } from './currentUser';
import { Providers } from './providers';

export const metadata: Metadata = { title: 'Chat', icons: { icon: 'data:,' } };

/** A server component. The layout outlives every navigation, and the socket with it. */
export default async function Layout({ children }: { children: ReactNode }) {
  const user = await currentUser();
  return (
    <html lang="en">
      <body>
        <Providers user={user}>{children}</Providers>
      </body>
    </html>
  );
}
