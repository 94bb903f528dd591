import * as React from 'react';

/** The two pages. */
export const paths = [
  { path: '/', title: 'Application' },
  { path: '/your-server', title: 'What your server must do' },
] as const;

export type Path = (typeof paths)[number]['path'];

const current = (): Path => (window.location.pathname === '/your-server' ? '/your-server' : '/');

/** Which page is shown. Going to the other one loads nothing: both stay in the tree. */
export function useRoute(): { path: Path; go: (path: Path) => void } {
  const [path, setPath] = React.useState(current);
  React.useEffect(() => {
    const follow = () => setPath(current());
    window.addEventListener('popstate', follow);
    return () => window.removeEventListener('popstate', follow);
  }, []);
  React.useEffect(() => {
    document.title = `${paths.find(page => page.path === path)?.title} · react-auth-socket demo`;
  }, [path]);
  const go = (to: Path) => {
    window.history.pushState(null, '', to);
    window.scrollTo(0, 0);
    setPath(to);
  };
  return { path, go };
}
