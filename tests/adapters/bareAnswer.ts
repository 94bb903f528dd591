/**
 * What an SDK does without us, in a few words: what it answered, the error it threw, or that it had said nothing after
 * `withinMs`.
 */
export async function bareAnswer(
  call: Promise<unknown>,
  describe: (answer: unknown) => string,
  withinMs = 300,
): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const pending = new Promise<string>(resolve => {
    timer = setTimeout(resolve, withinMs, 'pending');
  });
  const settled = call.then(describe, (error: unknown) => nameOf(error));
  try {
    return await Promise.race([settled, pending]);
  } finally {
    clearTimeout(timer);
  }
}

/** The name of an error, with the code or the status that says more. */
export function nameOf(error: unknown): string {
  const facts = error as {
    name?: string;
    error?: unknown;
    errorCode?: unknown;
    code?: unknown;
    response?: { status?: number };
  };
  const codes = [facts.error, facts.errorCode, facts.code].filter(value => typeof value === 'string');
  const detail = codes[0] ?? facts.response?.status;
  const name = facts.name ?? 'unknown';
  return detail === undefined ? name : `${name} ${detail}`;
}
