import * as React from 'react';
import { palettes, type Palette } from './palette';

/**
 * The colours for a theme; 'auto' follows the system and its changes.
 *
 * Asked in script rather than in a stylesheet: a `<style>` element would need a nonce wherever a content security
 * policy forbids inline styles, while styles set by script are always allowed.
 */
export function usePalette(theme: 'light' | 'dark' | 'auto'): Palette {
  const [isDark, setDark] = React.useState(false);
  React.useEffect(() => {
    if (theme !== 'auto' || typeof window.matchMedia !== 'function') return;
    const query = window.matchMedia('(prefers-color-scheme: dark)');
    const update = () => setDark(query.matches);
    update();
    query.addEventListener('change', update);
    return () => query.removeEventListener('change', update);
  }, [theme]);
  return palettes[theme === 'auto' ? (isDark ? 'dark' : 'light') : theme];
}
