import type { Event } from '../machine/event';
import type { Verdict } from '../machine/verdict';
import type { Frame, Judgement, Outbound, SocketProtocol } from '../protocols/protocol';
import { createAbandonedDials, shut } from './abandonedDials';
import { frameEvent, namedMs } from './frameEvent';
import type { Clock, Platform } from './ports';
import { isInvalidOption, prepareDial, type DialTarget } from './preparedDial';
import { refuseTokenIn } from './urlSecrets';

/** One attempt at a link and the socket it owns. */
interface Entry {
  readonly protocol: SocketProtocol;
  readonly preparing: AbortController;
  dial?: DialTarget | null;
  socket?: WebSocket;
  /** What was added to the address and offered protocols. */
  secrets?: readonly string[];
  lastVerdict?: { verdict: Verdict; at: number };
  /** The server is left to close it. */
  stopWaiting?: () => void;
}

export interface PoolPorts {
  platform: Platform;
  dispatch(event: Event): void;
  phaseOf(id: number): 'dialing' | 'authenticating' | 'open';
  /** A frame of the current link that is no control frame. */
  deliver(message: unknown, topic: string | undefined): void;
  onPong(id: number): void;
  onMalformed(why: string, cause?: unknown): void;
  onInvalidOption(cause: unknown): void;
  redact(text: string): string;
}

/** Owns every socket of a client, by the number of its dial. */
export interface SocketPool {
  prepare(id: number, protocol: () => SocketProtocol, url: () => URL, token: string | null): void;
  open(id: number): void;
  /** The link whose messages count. */
  setCurrent(id: number | null): void;
  protocolOf(id: number): SocketProtocol | null;
  /** false: this socket takes nothing any more. */
  send(id: number, data: Outbound): boolean;
  /** A frame came on the current link since the last call. */
  takeHeard(): boolean;
  /** Close now, also while CONNECTING. */
  close(id: number): void;
  /** Close; while CONNECTING when it opens, or after `withinMs`. */
  release(id: number, withinMs: number): void;
  /** Leave the closing to the server for a while. */
  awaitClose(id: number, withinMs: number): void;
  /** Closes what is no link any more: sinks, and sockets left to the server. */
  sweep(): void;
  hasSinks(): boolean;
  /** Closes every socket that is not a sink. */
  closeAll(): void;
}

const CONNECTING = 0;
const OPEN = 1;

/** What is to be known of an error, the close behind it says. Sockets of Node that nobody listens to would throw it. */
const ignore = (): void => {};

const VERDICT_HOLDS_MS = 2_000;

export function createSocketPool(ports: PoolPorts): SocketPool {
  const { platform, dispatch } = ports;
  const clock: Clock = platform.clock;
  const entries = new Map<number, Entry>();
  const abandoned = createAbandonedDials(clock);
  let current: number | null = null;
  let heard = false;

  function take(id: number, entry: Entry, frame: Frame<unknown>): void {
    if (frame.kind === 'message') {
      if (id === current) ports.deliver(frame.message, frame.topic);
      return;
    }
    if (frame.kind === 'reply') send(id, frame.data);
    if (frame.kind === 'pong') ports.onPong(id);
    if (frame.kind === 'malformed') ports.onMalformed(frame.why);
    if (frame.kind === 'verdict') entry.lastVerdict = { verdict: frame.verdict, at: clock.elapsedMs() };
    const event = frameEvent(id, frame);
    if (event) dispatch(event);
  }

  function receive(id: number, entry: Entry, data: string | ArrayBuffer): void {
    if (id === current) heard = true;
    let frames: Frame<unknown> | readonly Frame<unknown>[];
    try {
      frames = entry.protocol.read(data);
    } catch (cause) {
      if (isInvalidOption(cause)) return ports.onInvalidOption(cause);
      return ports.onMalformed('protocol.read threw', cause);
    }
    if ('kind' in frames) take(id, entry, frames);
    else for (const frame of frames) take(id, entry, frame);
  }

  function judge(id: number, entry: Entry, code: number, reason: string): Exclude<Judgement, string> {
    const { lastVerdict: last } = entry;
    const isRecent = last && clock.elapsedMs() - last.at <= VERDICT_HOLDS_MS;
    try {
      const lastVerdict = isRecent ? last.verdict : null;
      const judgement = entry.protocol.judgeClose({ code, reason, phase: ports.phaseOf(id), lastVerdict });
      return typeof judgement === 'string' ? { verdict: judgement } : judgement;
    } catch (cause) {
      ports.onMalformed('protocol.judgeClose threw', cause);
      return { verdict: 'ambiguous' };
    }
  }

  function send(id: number, data: Outbound): boolean {
    const socket = entries.get(id)?.socket;
    if (socket?.readyState !== OPEN) return false;
    socket.send(data);
    return true;
  }

  function forget(id: number): Entry | null {
    const entry = entries.get(id);
    if (!entry) return null;
    entries.delete(id);
    entry.preparing.abort();
    entry.stopWaiting?.();
    if (entry.socket) entry.socket.onopen = entry.socket.onmessage = entry.socket.onclose = null;
    return entry;
  }

  /** A dial that can never work. */
  function giveUp(id: number, cause: unknown): void {
    entries.delete(id);
    ports.onInvalidOption(cause);
    dispatch({ type: 'dial.misconfigured', id });
  }

  function close(id: number): void {
    const socket = forget(id)?.socket;
    if (socket) shut(socket);
  }

  return {
    prepare(id, makeProtocol, url, token) {
      let protocol: SocketProtocol;
      let target: URL;
      try {
        protocol = makeProtocol();
        target = url();
        refuseTokenIn(target, token);
      } catch (cause) {
        return giveUp(id, cause);
      }
      const preparing = new AbortController();
      const entry: Entry = { protocol, preparing };
      entries.set(id, entry);
      const { signal } = preparing;
      prepareDial({ id, protocol, target, token, signal, wallMs: clock.wallMs }, prepared => {
        if (entries.get(id) !== entry) return;
        if ('invalid' in prepared) return giveUp(id, prepared.invalid);
        entry.dial = prepared.dial;
        entry.secrets = prepared.secrets;
        dispatch(prepared.event);
      });
    },
    open(id) {
      const entry = entries.get(id);
      if (!entry?.dial) return;
      const { url, protocols } = entry.dial;
      entry.dial = null;
      let socket: WebSocket;
      try {
        socket = new platform.WebSocket(url.href, protocols);
      } catch (cause) {
        // The cause may quote the URL, and with it a ticket.
        return giveUp(id, cause instanceof Error ? cause.name : undefined);
      }
      entry.socket = socket;
      socket.binaryType = 'arraybuffer';
      socket.onopen = () => dispatch({ type: 'socket.opened', id });
      socket.onerror = ignore;
      socket.onmessage = event => receive(id, entry, event.data as string | ArrayBuffer);
      socket.onclose = ({ code, reason }) => {
        const { verdict, retryAfterMs } = judge(id, entry, code, reason);
        forget(id);
        const clean = (entry.secrets ?? []).reduce((text, part) => text.replaceAll(part, '[secret]'), reason);
        const words = { code, reason: ports.redact(clean), verdict, retryAfterMs: namedMs(retryAfterMs) };
        dispatch({ type: 'socket.closed', id, ...words });
      };
    },
    setCurrent(id) {
      current = id;
      heard = true;
    },
    protocolOf: id => entries.get(id)?.protocol ?? null,
    send,
    takeHeard() {
      const was = heard;
      heard = false;
      return was;
    },
    close,
    release(id, withinMs) {
      const socket = forget(id)?.socket;
      if (!socket) return;
      if (socket.readyState === CONNECTING) abandoned.add(socket, withinMs);
      else shut(socket);
    },
    awaitClose(id, withinMs) {
      const entry = entries.get(id);
      if (!entry) return;
      entry.stopWaiting?.();
      entry.stopWaiting = clock.setTimer(() => close(id), withinMs);
    },
    sweep() {
      abandoned.closeAll();
      for (const [id, entry] of entries) if (entry.stopWaiting) close(id);
    },
    hasSinks: () => abandoned.count > 0,
    closeAll() {
      for (const id of entries.keys()) close(id);
    },
  };
}
