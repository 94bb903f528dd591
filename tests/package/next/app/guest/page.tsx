import { AuthSocketProvider } from 'react-auth-socket';
import Link from 'next/link';
import { LinkWord } from './linkWord';

/** The provider stands in a server component as it is, as long as its props can be written down: nobody, hence no socket. */
export default function GuestPage() {
  return (
    <AuthSocketProvider url="/ws" sessionKey={null}>
      <h1>For guests</h1>
      <LinkWord />
      <Link href="/">Back</Link>
    </AuthSocketProvider>
  );
}
