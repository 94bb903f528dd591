/**
 * What can be seen of a `WebSocket` class without a server, as lines.
 *
 * Self-contained: the browser gets the source text of this function.
 */
export async function readSurface(Socket: typeof WebSocket, url: string): Promise<string[]> {
  const lines: string[] = [];
  const note = (what: string, value: unknown) => lines.push(`${what}: ${String(value)}`);
  const attempt = (what: string, action: () => unknown) => {
    try {
      note(what, action());
    } catch (error) {
      note(what, `threw ${error instanceof DOMException ? error.name : (error as Error).constructor.name}`);
    }
  };

  const names = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'] as const;
  note('constants of the class', names.map(name => Socket[name]).join());
  const socket = new Socket(url);
  note('constants of an instance', names.map(name => socket[name]).join());
  note('own keys', Object.keys(socket).join());
  note('is an EventTarget', socket instanceof EventTarget);
  note('is one of its class', socket instanceof Socket);
  note('arguments', Socket.length);
  for (const property of ['readyState', 'bufferedAmount', 'protocol', 'extensions', 'binaryType'] as const)
    note(property, JSON.stringify(socket[property]));
  for (const handler of ['onopen', 'onmessage', 'onerror', 'onclose'] as const)
    note(handler, socket[handler]);

  for (const type of ['arraybuffer', 'nodebuffer', '', null, 'blob', 'BLOB']) {
    attempt(`binaryType = ${String(type)}`, () => {
      socket.binaryType = type as BinaryType;
      return socket.binaryType;
    });
  }
  for (const value of [undefined, 5, 'text', {}, () => 'called'] as unknown[]) {
    attempt(`onopen = ${typeof value}`, () => {
      socket.onopen = value as null;
      return typeof socket.onopen;
    });
  }
  attempt('send() while connecting', () => socket.send('early'));
  attempt('close(1001)', () => socket.close(1001));
  attempt('close(1000, 124 bytes)', () => socket.close(1000, 'a'.repeat(124)));
  attempt('close(1000, 42 characters of three bytes)', () => socket.close(1000, '中'.repeat(42)));
  attempt('close(undefined, reason)', () => socket.close(undefined, 'r'));
  attempt('unpaired surrogates count three bytes', () => socket.close(1000, '\ud800'.repeat(42)));

  // Who is called, and in which order.
  const calls: string[] = [];
  const called = (name: string) => () => calls.push(name);
  const object = { handleEvent: (event: Event) => calls.push(`object ${event.type}`) };
  const leaving = new AbortController();
  const ended = new Promise(resolve => {
    socket.addEventListener('close', resolve);
  });
  socket.onerror = called('first handler');
  socket.addEventListener('error', called('listener'));
  socket.addEventListener('error', called('once'), { once: true });
  socket.addEventListener('error', called('given up'), { signal: leaving.signal });
  socket.addEventListener('error', object);
  const gone = called('removed');
  socket.addEventListener('error', gone);
  socket.removeEventListener('error', gone);
  socket.onerror = called('second handler, in the place of the first');
  leaving.abort();
  socket.onclose = called('given up and set again');
  socket.addEventListener('close', called('close listener'));
  socket.onclose = null;
  socket.onclose = function (this: WebSocket, event) {
    calls.push(`close handler ${String(this === socket)} ${String(event.target === socket)}`);
    calls.push(`${event.type} ${event.code} ${JSON.stringify(event.reason)} ${String(event.wasClean)}`);
    calls.push(`an Event ${String(event instanceof Event)}`);
    calls.push(`bubbles ${String(event.bubbles)} cancelable ${String(event.cancelable)}`);
  };
  socket.close();
  note('calls before the end', calls.length);
  await ended;
  await new Promise(resolve => setTimeout(resolve, 0));
  lines.push(...calls);

  attempt('send() after the end', () => {
    socket.send('äöü');
    socket.send(new Uint16Array(2));
    socket.send(new Blob(['abc']));
    socket.send(12 as unknown as string);
    return socket.bufferedAmount;
  });
  attempt('close() after the end', () => socket.close(4000));
  attempt('close(1001) after the end', () => socket.close(1001));
  note('dispatched by hand', socket.dispatchEvent(new Event('error')));
  note('once more', calls.filter(name => name === 'once').length);
  return lines;
}
