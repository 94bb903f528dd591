interface StoredCookie {
  value: string;
  path: string;
  expiresAt: number;
}

/** A `fetch` with the cookie jar of one browser profile: keeps cookies apart by host, honours Path and Max-Age. */
export interface CookieFetch {
  (input: string, init?: RequestInit): Promise<Response>;
  /** The Cookie header that a request to this URL would carry. */
  cookieFor(url: string): string;
  /** A second profile with the same cookies as now; from here on they go separate ways. */
  clone(): CookieFetch;
}

/** Not looked up later: a test may put a jar in the place of the global one. */
const plainFetch = fetch;

/** Two of them are two browsers; two tabs share one. */
export function createCookieFetch(initial: ReadonlyMap<string, StoredCookie> = new Map()): CookieFetch {
  /** `host name` -> cookie; the port is not part of it, as in browsers. */
  const jar = new Map(initial);

  const cookieFor = (url: string): string => {
    const { hostname, pathname } = new URL(url);
    return [...jar]
      .filter(([key, cookie]) => key.startsWith(`${hostname} `) && isUnder(pathname, cookie.path))
      .filter(([, cookie]) => cookie.expiresAt > Date.now())
      .map(([key, cookie]) => `${key.slice(hostname.length + 1)}=${cookie.value}`)
      .join('; ');
  };

  const store = (url: string, header: string): void => {
    const [pair = '', ...attributes] = header.split(';').map(part => part.trim());
    const [name = '', ...value] = pair.split('=');
    const attribute = (wanted: string) =>
      attributes.find(one => one.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
    const maxAge = attribute('max-age');
    jar.set(`${new URL(url).hostname} ${name}`, {
      value: value.join('='),
      path: attribute('path') ?? '/',
      expiresAt: maxAge === undefined ? Infinity : Date.now() + Number(maxAge) * 1000,
    });
  };

  const cookieFetch = async (input: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    const cookie = cookieFor(input);
    if (cookie) headers.set('cookie', cookie);
    const response = await plainFetch(input, { ...init, headers });
    for (const header of response.headers.getSetCookie()) store(input, header);
    return response;
  };
  return Object.assign(cookieFetch, { cookieFor, clone: () => createCookieFetch(jar) });
}

/** The path rule of RFC 6265 section 5.1.4. */
function isUnder(path: string, cookiePath: string): boolean {
  if (path === cookiePath) return true;
  return path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);
}
