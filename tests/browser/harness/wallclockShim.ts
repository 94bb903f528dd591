import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Moves the wall clock of a browser without moving its monotonic clock. */
export interface WallclockShim {
  /** Environment of the program whose clock is to be moved. */
  readonly env: Readonly<Record<string, string>>;
  /** Seconds ahead of the real wall clock, from now on. */
  setOffset(seconds: number): void;
  dispose(): void;
}

/** True where the shim can be made: Linux with a C compiler. */
export function canShimWallclock(): boolean {
  return process.platform === 'linux' && spawnSync('gcc', ['--version'], { stdio: 'ignore' }).status === 0;
}

/** Compiles `wallclock.c` into a temporary folder. */
export function wallclockShim(): WallclockShim {
  const folder = mkdtempSync(join(tmpdir(), 'wallclock-'));
  const library = join(folder, 'wallclock.so');
  const offsetFile = join(folder, 'offset');
  const compiled = spawnSync(
    'gcc',
    ['-shared', '-fPIC', '-O2', '-o', library, join(import.meta.dirname, 'wallclock.c'), '-ldl'],
    { encoding: 'utf8' },
  );
  if (compiled.status !== 0) throw new Error(`gcc failed: ${compiled.stderr}`);

  const file = openSync(offsetFile, 'w');
  const setOffset = (seconds: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(seconds);
    writeSync(file, bytes, 0, bytes.length, 0);
  };
  setOffset(0);
  return {
    env: { LD_PRELOAD: library, WALL_CLOCK_FILE: offsetFile },
    setOffset,
    dispose() {
      closeSync(file);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
