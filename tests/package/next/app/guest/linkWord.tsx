'use client';
import { useSocketStatus } from 'react-auth-socket';

export function LinkWord() {
  const { session, link } = useSocketStatus();
  return <p>{`${session}, ${link}`}</p>;
}
