import { waitFor } from 'storybook/test';
import type { Cast, Take } from './take';

/** Which take is played in which element; for those who drive a stage from outside. */
const takes = new WeakMap<Element, Take<never>>();

export function announce(element: Element | null, take: Take<never>): void {
  if (element) takes.set(element, take);
}

/** The take on the stage in this canvas, when what is looked at first is there. */
export async function takeIn<C>(canvas: HTMLElement): Promise<Take<C & Cast>> {
  const take = await waitFor(() => {
    const element = canvas.querySelector('[data-stage]');
    const found = element && takes.get(element);
    if (!found) throw new Error('There is no stage in this story.');
    return found as unknown as Take<C & Cast>;
  });
  await take.goTo(take.script.showMs ?? take.script.endMs);
  return take;
}
