/** A place of the browser where other tabs, other scripts or a later visit could read what was written. */
export type Sink = 'channel' | 'storage' | 'cookie' | 'indexedDB' | 'history' | 'window.name';

export interface SinkSpy {
  writes(): Readonly<Record<Sink, number>>;
  /** The places that hold one of these, or were given one at any time. */
  holding(secrets: Iterable<string>): readonly Sink[];
}

/** Notes every write to these places from now on; they go on working. */
export function spyOnSinks(): SinkSpy {
  const written: Record<Sink, string[]> = {
    channel: [],
    storage: [],
    cookie: [],
    indexedDB: [],
    history: [],
    'window.name': [],
  };
  const note = (sink: Sink, values: readonly unknown[]) =>
    void written[sink].push(values.map(text).join(' '));

  spyOnMethods(globalThis.BroadcastChannel, ['postMessage'], args => note('channel', args));
  spyOnMethods(Storage, ['setItem'], args => note('storage', args));
  spyOnMethods(IDBFactory, ['open'], args => note('indexedDB', args));
  spyOnMethods(IDBObjectStore, ['add', 'put'], args => note('indexedDB', args));
  spyOnMethods(History, ['pushState', 'replaceState'], args => note('history', args));
  spyOnSetter(Document.prototype, 'cookie', value => note('cookie', [value]));
  spyOnSetter(window, 'name', value => note('window.name', [value]));

  /** What is there now, however it came to be there. */
  const contents = (): Partial<Record<Sink, string>> => ({
    storage: text([Object.entries(localStorage), Object.entries(sessionStorage)]),
    cookie: document.cookie,
    history: `${location.href} ${text(history.state)}`,
    'window.name': window.name,
  });

  return {
    writes: () =>
      Object.fromEntries(Object.entries(written).map(([sink, texts]) => [sink, texts.length])) as Record<
        Sink,
        number
      >,
    holding(secrets) {
      const now = contents();
      const all = [...secrets];
      const sinks = Object.keys(written) as Sink[];
      return sinks.filter(sink =>
        [...written[sink], now[sink] ?? ''].some(one => all.some(secret => one.includes(secret))),
      );
    },
  };
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** BroadcastChannel may be missing. */
function spyOnMethods(
  owner: { prototype: object } | undefined,
  names: readonly string[],
  onCall: (args: readonly unknown[]) => void,
): void {
  const prototype = owner?.prototype as Record<string, Method> | undefined;
  if (!prototype) return;
  for (const name of names) {
    const original = prototype[name]!;
    prototype[name] = function spied(...args) {
      onCall(args);
      return original.apply(this, args);
    };
  }
}

function spyOnSetter(owner: object, name: string, onSet: (value: unknown) => void): void {
  const original = Object.getOwnPropertyDescriptor(owner, name)!;
  const { set } = original;
  Object.defineProperty(owner, name, {
    ...original,
    set(this: unknown, value: unknown) {
      onSet(value);
      set?.call(this, value);
    },
  });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
