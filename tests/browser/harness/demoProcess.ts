import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The demo as `npm run demo` starts it, on a port of its own. */
export interface DemoProcess {
  readonly url: string;
  /** Asks it to end as a terminal would; answers its exit code. */
  end(): Promise<number | null>;
}

const serve = join(import.meta.dirname, '../../../storybook/demo/serve.ts');

/** Starts the demo and waits for its address. Throws with what it printed when it ends instead. */
export async function startDemoProcess(port = 0): Promise<DemoProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', serve], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let printed = '';
  const exited = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)));
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      printed += chunk.toString('utf8');
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(printed);
      if (found) resolve(found[0]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void exited.then(code => reject(new Error(`The demo ended with ${code}: ${printed}`)));
  });
  return {
    url,
    end: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}
