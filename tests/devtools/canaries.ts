/** What must never be seen, each unlike anything else. */
export const canaries = {
  accessToken: 'canary-Access-Token-7f3a+/=',
  laterToken: 'canary-Later-Token-91bd+/=',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ',
  ticket: 'canary-Ticket-55aa+/=',
  urlPassword: 'canary-url-Password-1',
  urlSecret: 'canary-url-Secret-2',
  cookie: 'canary-Cookie-c0ffee',
  foreignSecret: 'rt8Zk83JdoQpL5vX2aB9cTqW1',
  received: 'canary words from the server',
  sent: 'canary words to the server',
  queued: 'canary words that wait',
  user: 'canary-ada@example.test',
  subject: 'canary-subject-ada',
} as const;

/** Every way in which one of them may be written. */
export function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64');
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    base64.replaceAll('=', ''),
    Buffer.from(secret).toString('base64url'),
    Buffer.from(secret).toString('hex'),
  ];
}

/** The names of those that a text gives away. */
export function leaksIn(text: string): string[] {
  return Object.entries(canaries)
    .filter(([, secret]) => formsOf(secret).some(form => text.includes(form)))
    .map(([name]) => name);
}
