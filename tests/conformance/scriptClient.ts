/** One call on a named socket. */
export type Command =
  | readonly ['open', name: string, url: string, protocols?: string | readonly string[]]
  | readonly ['send', name: string, data: string | readonly number[]]
  | readonly ['close', name: string, ...args: unknown[]]
  | readonly [
      'read',
      name: string,
      property: 'readyState' | 'bufferedAmount' | 'protocol' | 'extensions' | 'url',
    ]
  | readonly ['binaryType', name: string, type: BinaryType]
  /** Runs these inside the event's handler, the next time it comes. */
  | readonly [
      'on',
      name: string,
      event: 'open' | 'message' | 'error' | 'close',
      commands: readonly Command[],
    ];

export interface ScriptClient {
  readonly log: string[];
  run(commands: readonly Command[]): void;
}

/** What a message or a frame carried. */
export function showData(data: unknown): string {
  if (data instanceof ArrayBuffer) return `bytes ${JSON.stringify([...new Uint8Array(data)])}`;
  return JSON.stringify(data);
}

/**
 * Carries out commands on any `WebSocket` and writes down, in order, what happens.
 *
 * Self-contained: the browser gets the source text of this function.
 */
export function createScriptClient(Socket: typeof WebSocket): ScriptClient {
  const sockets = new Map<string, WebSocket>();
  const log: string[] = [];

  const show = (data: unknown): string => {
    if (data instanceof Blob) return `Blob of ${data.size}`;
    if (data instanceof ArrayBuffer) return `bytes ${JSON.stringify([...new Uint8Array(data)])}`;
    return JSON.stringify(data);
  };
  /** Two pages have two addresses; neither matters. */
  const showUrl = (url: string) =>
    url.replace(/^wss?:\/\/(?:app\.test|127\.0\.0\.1(?::\d+)?)(?=\/)/, 'ws://host');
  const attempt = (what: string, action: () => void) => {
    try {
      action();
    } catch (error) {
      log.push(`${what} threw ${error instanceof DOMException ? error.name : String(error)}`);
    }
  };

  function open(name: string, url: string, protocols?: string | readonly string[]): void {
    attempt(`${name} new WebSocket`, () => {
      const socket =
        protocols === undefined ? new Socket(url) : new Socket(url, protocols as string | string[]);
      sockets.set(name, socket);
      const on = (type: string, tell: (event: Event) => string) =>
        socket.addEventListener(type, event => {
          log.push(`${name} ${type} ${tell(event)}readyState=${socket.readyState}`);
        });
      on('open', () => '');
      on('message', event => `${show((event as MessageEvent).data)} `);
      on('error', () => '');
      on('close', event => {
        const { code, reason, wasClean } = event as CloseEvent;
        return `${code} ${JSON.stringify(reason)} ${wasClean ? 'clean' : 'unclean'} `;
      });
    });
  }

  function runOne(command: Command): void {
    const [verb, name] = command;
    if (verb === 'open') {
      open(name, command[2], command[3]);
      return;
    }
    const socket = sockets.get(name);
    if (!socket) throw new Error(`No socket is called ${name}.`);
    switch (verb) {
      case 'send': {
        const data = command[2];
        attempt(`${name} send()`, () => {
          socket.send(typeof data === 'string' ? data : Uint8Array.from(data).buffer);
        });
        break;
      }
      case 'close': {
        const [, , ...args] = command;
        attempt(`${name} close(${args.map(String).join()})`, () => {
          socket.close(...(args as [number?, string?]));
        });
        break;
      }
      case 'read': {
        const value = socket[command[2]];
        log.push(`${name} ${command[2]}=${typeof value === 'string' ? showUrl(value) : value}`);
        break;
      }
      case 'binaryType':
        socket.binaryType = command[2];
        break;
      case 'on': {
        const [, , event, commands] = command;
        socket.addEventListener(event, () => commands.forEach(runOne), { once: true });
        break;
      }
    }
  }

  return { log, run: commands => commands.forEach(runOne) };
}
