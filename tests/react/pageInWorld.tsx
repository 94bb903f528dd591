import { act, render, type RenderResult } from '@testing-library/react';
import * as React from 'react';
import { AuthSocketProvider, type AuthSocketProviderProps } from '../../src/index';
import { createTestWorld, type TestWorld, type TestWorldOptions } from '../../src/testing';

/** A rendered application in a test world. */
export interface PageInWorld {
  world: TestWorld;
  view: RenderResult;
  /** Lets time pass, and React with it. */
  pass(ms: number): Promise<void>;
  rerender(props?: Partial<AuthSocketProviderProps>, children?: React.ReactNode): void;
}

interface PageOptions extends TestWorldOptions {
  world?: TestWorld;
  props?: Partial<AuthSocketProviderProps>;
  isStrict?: boolean;
}

export function renderInWorld(children: React.ReactNode, options: PageOptions = {}): PageInWorld {
  const world = options.world ?? createTestWorld(options);
  const base = { url: '/ws', getToken: world.tokens.source, platform: world.platform };
  const tree = (props: Partial<AuthSocketProviderProps>, inner: React.ReactNode) => {
    const provider = (
      <AuthSocketProvider
        {...(('socket' in props ? props : { ...base, ...props }) as AuthSocketProviderProps)}
      >
        {inner}
      </AuthSocketProvider>
    );
    return options.isStrict ? <React.StrictMode>{provider}</React.StrictMode> : provider;
  };
  const view = render(tree(options.props ?? {}, children));
  return {
    world,
    view,
    pass: ms => act(() => world.clock.advance(ms)),
    rerender: (props = options.props ?? {}, inner = children) => view.rerender(tree(props, inner)),
  };
}
