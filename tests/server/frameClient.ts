import { WebSocket } from 'ws';

/** A frame as JSON; `{ type: 'binary' | 'text', raw }` for what is not. */
export type ServerFrame = Record<string, unknown> & { type?: unknown };

/** How a socket ended, as the client saw it. */
export interface FrameClose {
  code: number;
  reason: string;
  /** Milliseconds from `openFrames` to the end. */
  afterMs: number;
}

/** A plain WebSocket client that keeps what it receives and lets a test wait for it. */
export interface FrameClient {
  readonly socket: WebSocket;
  readonly frames: readonly ServerFrame[];
  send(frame: unknown): void;
  /** The next frame of this type that no earlier call has taken; rejects when the socket ends or after 3 s. */
  next(type: string): Promise<ServerFrame>;
  /** Settles when the socket has ended, however it did. */
  readonly closed: Promise<FrameClose>;
  /** Error messages the socket reported, such as "Unexpected server response: 503". */
  readonly errors: readonly string[];
}

const PATIENCE_MS = 3_000;

export interface Handshake {
  origin?: string;
  cookie?: string;
  /** Subprotocols to offer. */
  protocols?: string[];
}

/** Dials and resolves at `open`, or at the end if that comes first. */
export async function openFrames(url: string, handshake: Handshake = {}): Promise<FrameClient> {
  const { protocols = [], cookie, ...options } = handshake;
  const started = performance.now();
  const socket = new WebSocket(url, protocols, { ...options, ...(cookie && { headers: { cookie } }) });
  const frames: ServerFrame[] = [];
  const taken = new Set<ServerFrame>();
  const errors: string[] = [];
  const waiting = new Set<() => void>();
  let isClosed = false;

  socket.on('message', (data: Buffer, isBinary) => {
    frames.push(isBinary ? { type: 'binary', raw: data } : parse(data.toString('utf8')));
    for (const look of waiting) look();
  });
  socket.on('error', error => errors.push(error.message));
  const closed = new Promise<FrameClose>(resolve => {
    socket.once('close', (code, reason) => {
      isClosed = true;
      resolve({ code, reason: reason.toString('utf8'), afterMs: performance.now() - started });
      for (const look of waiting) look();
    });
  });
  await Promise.race([new Promise(resolve => socket.once('open', resolve)), closed]);

  return {
    socket,
    frames,
    errors,
    closed,
    send: frame => socket.send(JSON.stringify(frame)),
    next: type =>
      new Promise((resolve, reject) => {
        const give = (what: () => void) => {
          waiting.delete(look);
          clearTimeout(timer);
          what();
        };
        const look = () => {
          const frame = frames.find(one => one.type === type && !taken.has(one));
          if (frame) {
            taken.add(frame);
            give(() => resolve(frame));
          } else if (isClosed) give(() => reject(new Error(`closed before a frame ${type} came`)));
        };
        const timer = setTimeout(
          () => give(() => reject(new Error(`no frame ${type} in ${PATIENCE_MS} ms`))),
          PATIENCE_MS,
        );
        waiting.add(look);
        look();
      }),
  };
}

/** Dials and authenticates; resolves with the client and its `auth_ok`. */
export async function openAuthenticated(
  url: string,
  token: string,
): Promise<FrameClient & { ready: ServerFrame }> {
  const client = await openFrames(url);
  client.send({ type: 'auth', token });
  return { ...client, ready: await client.next('auth_ok') };
}

function parse(text: string): ServerFrame {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as ServerFrame;
  } catch {
    // Falls through to the raw text.
  }
  return { type: 'text', raw: text };
}
