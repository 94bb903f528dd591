import * as React from 'react';
import { user } from '../user';
import { signOutOnServer } from './account';
import { useSocket } from './socket';
import { paths, type Path } from './useRoute';

interface HeaderProps {
  path: Path;
  go: (path: Path) => void;
  isSignedOut: boolean;
}

export function Header({ path, go, isSignedOut }: HeaderProps): React.ReactElement {
  const socket = useSocket();
  // The other page brings a title of its own.
  const Brand = path === '/' ? 'h1' : 'p';
  return (
    <header className="header">
      <Brand className="brand">
        react-auth-socket <span>demo</span>
      </Brand>
      <nav aria-label="Pages">
        {paths.map(({ path: to, title }) => (
          <a
            key={to}
            href={to}
            aria-current={to === path ? 'page' : undefined}
            onClick={event => {
              if (event.metaKey || event.ctrlKey || event.shiftKey) return;
              event.preventDefault();
              go(to);
            }}
          >
            {title}
          </a>
        ))}
      </nav>
      <p className="account">
        {isSignedOut ? (
          'Signed out'
        ) : (
          <>
            <span>{user.name}</span>
            <button type="button" onClick={() => void socket.signOut({ before: signOutOnServer })}>
              Sign out
            </button>
          </>
        )}
      </p>
    </header>
  );
}
