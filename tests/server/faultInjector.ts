/**
 * What an endpoint does instead of its work. On `/ws` it happens to the upgrade: 'hang' never answers the handshake,
 * 'offline' drops the connection, a status refuses it.
 *
 * 'offline' destroys the connection (fetch: TypeError) · 'hang' never answers · 'slow' works after `latencyMs` ·
 * 'redirect' is a 302 to `location` · the rest are answers of servers, proxies and captive portals.
 */
export type FaultKind =
  | 'offline'
  | 'hang'
  | 'slow'
  | 'redirect'
  | '200-html'
  | '401'
  | '401-once'
  | '403-html'
  | '429'
  | '500'
  | '502-html'
  | '503'
  | '511';

export interface EndpointFault {
  kind: FaultKind;
  /** How many requests it hits. Without `count` and `forMs` it stays until it is cleared; '401-once' counts 1. */
  count?: number;
  /** How long it lasts, from the moment it is set or the fault before it in a list is over. */
  forMs?: number;
  /** Wait before the fault happens. */
  latencyMs?: number;
  /** Of 429 (default 7) and 503 (default 5); null leaves the header out. */
  retryAfterS?: number | null;
  /** 'after': the endpoint does its work first (a refresh rotates the cookie) and only its answer is lost. */
  when?: 'before' | 'after';
  /** Target of 'redirect'. */
  location?: string;
  /** Of 'redirect'. @default 302 */
  status?: 301 | 302 | 303 | 307 | 308;
}

/**
 * Faults inside open sockets. A number is how many times, true is until changed.
 */
export interface SocketFaults {
  /** Accept the token, never send `auth_ok`. @default false */
  neverReady: boolean | number;
  /** Send `auth_ok` this much later. A frame that arrives before it is a breach: `auth_required`. @default 0 */
  delayReadyMs: number;
  /** Turn the next tokens of `auth` frames down with this code, although they are good. @default null */
  refuseAuth: { code: string; count?: number } | null;
  /** Adopt the token of an `auth_refresh`, lose the acknowledgement. @default false */
  dropAcks: boolean | number;
  /** Acknowledge an `auth_refresh` this much later. @default 0 */
  delayAcksMs: number;
  /** Answer `auth_refresh` with this `auth_error`; the socket stays open. @default null */
  refuseRefresh: { code: string; retryable: boolean; count?: number } | null;
  /** The `expires_in` of every `auth_ok`, whatever the token says. @default null */
  expiresInS: number | null;
  /** Send `auth_expiring_soon` right after every `auth_ok`. @default false */
  warnAfterReady: boolean;
  /** Leave pings unanswered. @default false */
  dropPongs: boolean | number;
  /** Split messages into WebSocket fragments of this many bytes. 0: one frame each. @default 0 */
  sliceFrames: number;
}

const noSocketFaults: Readonly<SocketFaults> = {
  neverReady: false,
  delayReadyMs: 0,
  refuseAuth: null,
  dropAcks: false,
  delayAcksMs: 0,
  refuseRefresh: null,
  expiresInS: null,
  warnAfterReady: false,
  dropPongs: false,
  sliceFrames: 0,
};

const kinds: readonly FaultKind[] = [
  'offline',
  'hang',
  'slow',
  'redirect',
  '200-html',
  '401',
  '401-once',
  '403-html',
  '429',
  '500',
  '502-html',
  '503',
  '511',
];

interface ActiveFault {
  fault: EndpointFault;
  left: number;
  /** Set when it becomes the first of its list. */
  until: number | null;
}

/** Decides what goes wrong next. Knows nothing of requests or sockets. */
export class FaultInjector {
  readonly #elapsed: () => number;
  readonly #endpoints = new Map<string, ActiveFault[]>();
  #socket: SocketFaults = { ...noSocketFaults };

  constructor(elapsed: () => number = () => performance.now()) {
    this.#elapsed = elapsed;
  }

  /**
   * Makes an endpoint fail. `endpoint` is a path such as `/auth/refresh` or `/ws`; `*` is every one but `/__stats` and
   * `/__control`, and gives way to a fault of the path itself. A list happens one after the other. Replaces what was
   * set for the same endpoint.
   */
  set(endpoint: string, fault: EndpointFault | readonly EndpointFault[]): void {
    const list = Array.isArray(fault) ? (fault as readonly EndpointFault[]) : [fault as EndpointFault];
    for (const { kind } of list)
      if (!kinds.includes(kind)) throw new RangeError(`no such fault: ${String(kind)}`);
    this.#endpoints.set(
      endpoint,
      list.map((one, index) => ({
        fault: one,
        left: one.count ?? (one.kind === '401-once' ? 1 : Infinity),
        until: index === 0 ? this.#end(one) : null,
      })),
    );
  }

  /** Changes what goes wrong inside sockets; what is not named stays. */
  setSocket(faults: Partial<SocketFaults>): void {
    for (const name of Object.keys(faults)) {
      if (!(name in noSocketFaults)) throw new RangeError(`no such socket fault: ${name}`);
    }
    this.#socket = { ...this.#socket, ...faults };
  }

  /** Heals one endpoint, or without a name all endpoints and sockets. Requests that hang go on hanging. */
  clear(endpoint?: string): void {
    if (endpoint !== undefined) {
      this.#endpoints.delete(endpoint);
      return;
    }
    this.#endpoints.clear();
    this.#socket = { ...noSocketFaults };
  }

  /** The fault that hits a request to `endpoint` now, counted as used. */
  take(endpoint: string): EndpointFault | null {
    const names = endpoint.startsWith('/__') ? [endpoint] : [endpoint, '*'];
    for (const name of names) {
      const active = this.#current(name);
      if (!active) continue;
      active.left -= 1;
      return active.fault;
    }
    return null;
  }

  /** What goes wrong inside sockets now. */
  get socket(): Readonly<SocketFaults> {
    return this.#socket;
  }

  /** Whether a boolean-or-number socket fault hits now; a number is used up by one. */
  takeSocket(name: 'neverReady' | 'dropAcks' | 'dropPongs'): boolean {
    const value = this.#socket[name];
    if (typeof value === 'boolean') return value;
    if (value <= 0) return false;
    this.#socket = { ...this.#socket, [name]: value - 1 };
    return true;
  }

  /** The refusal that hits now, used up by one. */
  takeRefusal<Name extends 'refuseAuth' | 'refuseRefresh'>(name: Name): SocketFaults[Name] {
    const refusal = this.#socket[name];
    if (refusal === null) return refusal;
    const left = (refusal.count ?? Infinity) - 1;
    this.#socket = { ...this.#socket, [name]: left > 0 ? { ...refusal, count: left } : null };
    return refusal;
  }

  /** The endpoint faults in force, for `/__stats` and the demo. */
  active(): Record<string, EndpointFault> {
    const active: Record<string, EndpointFault> = {};
    for (const name of this.#endpoints.keys()) {
      const current = this.#current(name);
      if (current) active[name] = current.fault;
    }
    return active;
  }

  #current(endpoint: string): ActiveFault | null {
    const list = this.#endpoints.get(endpoint) ?? [];
    for (let first = list[0]; first; first = list[0]) {
      first.until ??= this.#end(first.fault);
      if (first.left > 0 && this.#elapsed() < first.until) return first;
      list.shift();
    }
    this.#endpoints.delete(endpoint);
    return null;
  }

  #end(fault: EndpointFault): number {
    return fault.forMs === undefined ? Infinity : this.#elapsed() + fault.forMs;
  }
}
