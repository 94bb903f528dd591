import Link from 'next/link';
import { Chat } from './chat';
import { currentUser } from './currentUser';

/** A server component around a client component. */
export default async function Page() {
  const user = await currentUser();
  return (
    <main>
      <h1>{user === null ? 'Nobody is signed in' : `Hello ${user.id}`}</h1>
      <Chat />
      <Link href="/guest">Guest page</Link>
    </main>
  );
}
