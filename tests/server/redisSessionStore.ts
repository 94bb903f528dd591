import { createClient } from 'redis';
import { StoreUnavailable, type EndReason, type Session, type SessionStore } from './sessionStore';

/** A session is a hash; the ids of a user are a set. Both go away by themselves when the life of the session is over. */
const scripts = {
  /** KEYS session, user · ARGV id, life in ms, then field, value, … */
  create: `
    redis.call('HSET', KEYS[1], unpack(ARGV, 3))
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    redis.call('SADD', KEYS[2], ARGV[1])
    redis.call('PEXPIRE', KEYS[2], ARGV[2])
    return 1`,
  /** KEYS session · ARGV generation, at */
  rotate: `
    local found = redis.call('HMGET', KEYS[1], 'generation', 'endedBy')
    if found[1] ~= ARGV[1] or found[2] ~= '' then return 0 end
    redis.call('HINCRBY', KEYS[1], 'generation', 1)
    redis.call('HSET', KEYS[1], 'rotatedAt', ARGV[2])
    return 1`,
  /** KEYS session · ARGV at, throttle, life in ms or '', prefix of user keys */
  touch: `
    local found = redis.call('HMGET', KEYS[1], 'touchedAt', 'endedBy', 'user')
    if found[2] ~= '' or tonumber(ARGV[1]) - tonumber(found[1]) < tonumber(ARGV[2]) then return 0 end
    redis.call('HSET', KEYS[1], 'touchedAt', ARGV[1])
    if ARGV[3] ~= '' then
      redis.call('PEXPIRE', KEYS[1], ARGV[3])
      redis.call('PEXPIRE', ARGV[4] .. found[3], ARGV[3])
    end
    return 1`,
  /** KEYS session · ARGV why. What ended stays to be told until its life would have been over. */
  end: `
    if redis.call('HGET', KEYS[1], 'endedBy') ~= '' then return 0 end
    redis.call('HSET', KEYS[1], 'endedBy', ARGV[1])
    return 1`,
  /** KEYS user · ARGV prefix of session keys */
  idsOfUser: `
    local ids = {}
    for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
      if redis.call('EXISTS', ARGV[1] .. id) == 1 then
        ids[#ids + 1] = id
      else
        redis.call('SREM', KEYS[1], id)
      end
    end
    return ids`,
} as const;

const SESSION_KEY = 'session:';
const USER_KEY = 'user:';
const LONGEST_PAUSE_MS = 1_000;

/** A client that says at once when Redis is away, instead of queueing for it. */
const clientFor = (url: string, timeoutMs: number) => {
  let hasConnected = false;
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: timeoutMs,
      reconnectStrategy: (retries, cause) =>
        hasConnected ? Math.min(50 * 2 ** retries, LONGEST_PAUSE_MS) : cause,
    },
  });
  client.once('ready', () => (hasConnected = true));
  // Told by the command that fails.
  client.on('error', () => {});
  return client;
};

/** Sessions in a Redis server, for several processes and beyond the end of this one. */
export class RedisSessionStore implements SessionStore {
  readonly #client: ReturnType<typeof clientFor>;
  readonly #prefix: string;
  readonly #timeoutMs: number;

  private constructor(client: ReturnType<typeof clientFor>, prefix: string, timeoutMs: number) {
    this.#client = client;
    this.#prefix = prefix;
    this.#timeoutMs = timeoutMs;
  }

  /** Connects; rejects when nobody answers at `url` (`redis://127.0.0.1:6379`). */
  static async connect(
    url: string,
    { prefix = '', timeoutMs = 2_000 }: { prefix?: string; timeoutMs?: number } = {},
  ): Promise<RedisSessionStore> {
    const client = clientFor(url, timeoutMs);
    await client.connect();
    return new RedisSessionStore(client, prefix, timeoutMs);
  }

  async create(session: Session, lifeMs: number): Promise<void> {
    const fields = Object.entries({ ...session, endedBy: session.endedBy ?? '' })
      .flat()
      .map(String);
    const keys = [this.#session(session.id), this.#user(session.user)];
    await this.#run('create', keys, [session.id, wholeMs(lifeMs), ...fields]);
  }

  async find(id: string): Promise<Session | null> {
    const found = await this.#ask(client => client.hGetAll(this.#session(id)));
    if (found.id === undefined) return null;
    return {
      id: found.id,
      user: found.user ?? '',
      createdAt: Number(found.createdAt),
      touchedAt: Number(found.touchedAt),
      generation: Number(found.generation),
      rotatedAt: Number(found.rotatedAt),
      endedBy: found.endedBy ? (found.endedBy as EndReason) : null,
    };
  }

  async rotate(id: string, generation: number, at: number): Promise<boolean> {
    return (await this.#run('rotate', [this.#session(id)], [String(generation), String(at)])) === 1;
  }

  async touch(
    id: string,
    at: number,
    { throttleMs, lifeMs }: { throttleMs: number; lifeMs: number | null },
  ): Promise<boolean> {
    const life = lifeMs === null ? '' : wholeMs(lifeMs);
    const values = [String(at), String(throttleMs), life, this.#user('')];
    return (await this.#run('touch', [this.#session(id)], values)) === 1;
  }

  async end(id: string, why: EndReason): Promise<boolean> {
    return (await this.#run('end', [this.#session(id)], [why])) === 1;
  }

  async idsOfUser(user: string): Promise<string[]> {
    return (await this.#run('idsOfUser', [this.#user(user)], [this.#session('')])) as string[];
  }

  /** Lets go of the connection. Idempotent. */
  close(): void {
    if (this.#client.isOpen) this.#client.destroy();
  }

  #session(id: string): string {
    return `${this.#prefix}${SESSION_KEY}${id}`;
  }

  #user(user: string): string {
    return `${this.#prefix}${USER_KEY}${user}`;
  }

  #run(name: keyof typeof scripts, keys: string[], values: string[]): Promise<unknown> {
    return this.#ask(client => client.eval(scripts[name], { keys, arguments: values }));
  }

  async #ask<T>(command: (client: ReturnType<typeof clientFor>) => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    // The client's own timeout ends when a command is written, whatever becomes of it.
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${this.#timeoutMs} ms`)), this.#timeoutMs);
    });
    try {
      return await Promise.race([command(this.#client), late]);
    } catch (cause) {
      throw new StoreUnavailable('Redis did not answer.', { cause });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Redis counts in whole milliseconds. */
function wholeMs(ms: number): string {
  return String(Math.max(1, Math.ceil(ms)));
}
