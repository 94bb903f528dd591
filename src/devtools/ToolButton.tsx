import * as React from 'react';
import type { Palette } from './palette';

interface ToolButtonProps {
  palette: Palette;
  /** Of a switch: it is on. */
  isPressed?: boolean;
  onClick(): void;
  children: string;
}

export function ToolButton({ palette, isPressed, onClick, children }: ToolButtonProps): React.ReactElement {
  return (
    <button
      type="button"
      aria-pressed={isPressed}
      onClick={onClick}
      style={{
        font: 'inherit',
        minHeight: 28,
        padding: '2px 10px',
        borderRadius: 6,
        border: `1px solid ${palette.control}`,
        background: isPressed ? palette.text : palette.ground,
        color: isPressed ? palette.ground : palette.text,
        cursor: 'pointer',
      }}
    >
      {children}
    </button>
  );
}
