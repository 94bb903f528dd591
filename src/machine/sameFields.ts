/** Do two objects of one shape hold the same values? */
export function sameFields<T extends object>(a: T, b: T): boolean {
  return (Object.keys(a) as (keyof T)[]).every(key => Object.is(a[key], b[key]));
}
