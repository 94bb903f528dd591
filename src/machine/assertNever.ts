/** Makes a switch over a union fail to compile as soon as a member has no case. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected ${JSON.stringify(value)}`);
}
