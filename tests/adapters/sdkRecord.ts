import type { Trouble } from './identityServer';

/** What an SDK said and what came of it with us, recorded by hand and held to by the tests of its adapter or recipe. */
export interface SdkCell {
  readonly bare: string;
  readonly ours: string;
}

export interface SdkRecord {
  readonly sdk: string;
  readonly version: string;
  readonly cells: Readonly<Record<Trouble, SdkCell & { readonly ours: 'unavailable' | 'signed-out' }>>;
  /** The same with a token that is about to end and still good. */
  readonly nearExpiry?: Readonly<Partial<Record<Trouble, SdkCell>>>;
}
