import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';

/** A generated page as `npm run format` would leave it. */
export async function formatPage(text: string): Promise<string> {
  const config = await resolveConfig(join(import.meta.dirname, '../../storybook/docs/page.mdx'));
  return format(text, { ...config, parser: 'mdx' });
}
