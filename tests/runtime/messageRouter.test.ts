import { describe, expect, it } from 'vitest';
import { createMessageRouter } from '../../src/runtime/messageRouter';

function routerWithLog() {
  const log: string[] = [];
  const router = createMessageRouter(cause => log.push(`threw ${String(cause)}`));
  return {
    ...router,
    log,
    /** A handler that notes its name and the message. */
    noting:
      (name: string) =>
      (message: unknown): void =>
        void log.push(`${name} ${String(message)}`),
  };
}

describe('the message router', () => {
  it('hands a message to those who want all, then to those of its topic, in the order they came', () => {
    const { add, deliver, noting, log } = routerWithLog();
    add(noting('topic'), 'a');
    add(noting('all'), undefined);
    add(noting('other'), 'b');
    add(noting('topic too'), 'a');
    deliver(1, 'a');
    deliver(2, undefined);
    expect(log).toEqual(['all 1', 'topic 1', 'topic too 1', 'all 2']);
  });

  it('takes the same handler twice, and gives each back by itself and once', () => {
    const { add, deliver, noting, log } = routerWithLog();
    const handler = noting('it');
    const remove = add(handler, 'a');
    add(handler, 'a');
    deliver(1, 'a');
    remove();
    remove();
    deliver(2, 'a');
    expect(log).toEqual(['it 1', 'it 1', 'it 2']);
  });

  it('a handler that comes or goes during a delivery does so for the next message', () => {
    const { add, deliver, noting, log } = routerWithLog();
    add(() => {
      removeLater();
      add(noting('new'), 'a');
    }, undefined);
    add(() => add(noting('newer'), 'a'), 'a');
    const removeLater = add(noting('later'), undefined);
    deliver(1, 'a');
    expect(log).toEqual(['later 1', 'new 1']);
  });

  it.each([['a'], [undefined]])('whoever left topic %s and came back gets its messages again', topic => {
    const { add, deliver, noting, log } = routerWithLog();
    const removeFirst = add(noting('first'), topic);
    deliver(1, 'a');
    removeFirst();
    deliver(2, 'a');
    const removeSecond = add(noting('second'), topic);
    // Nothing is left of the first: to remove it again touches nobody.
    removeFirst();
    deliver(3, 'a');
    removeSecond();
    deliver(4, 'a');
    expect(log).toEqual(['first 1', 'second 3']);
  });

  it('messages of topics in turn reach their own handlers only', () => {
    const { add, deliver, noting, log } = routerWithLog();
    add(noting('a'), 'a');
    add(noting('b'), 'b');
    for (const [index, topic] of ['a', 'b', 'c', undefined, 'b', 'a', 'a', undefined].entries())
      deliver(index, topic);
    expect(log).toEqual(['a 0', 'b 1', 'b 4', 'a 5', 'a 6']);
  });

  it('a handler that throws is reported and stops nobody', () => {
    const { add, deliver, noting, log } = routerWithLog();
    add(() => {
      throw new Error('bad');
    }, 'a');
    add(noting('next'), 'a');
    deliver(1, 'a');
    expect(log).toEqual(['threw Error: bad', 'next 1']);
  });
});
