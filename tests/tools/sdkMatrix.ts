import { amplify } from '../adapters/matrix/amplify';
import { auth0 } from '../adapters/matrix/auth0';
import { authkit } from '../adapters/matrix/authkit';
import { betterAuth } from '../adapters/matrix/betterAuth';
import { clerk } from '../adapters/matrix/clerk';
import { firebase } from '../adapters/matrix/firebase';
import { keycloak } from '../adapters/matrix/keycloak';
import { msal } from '../adapters/matrix/msal';
import { nextAuth } from '../adapters/matrix/nextAuth';
import { oidc } from '../adapters/matrix/oidc';
import { supabase } from '../adapters/matrix/supabase';
import type { Trouble } from '../adapters/identityServer';
import type { SdkCell, SdkRecord } from '../adapters/sdkRecord';

/** Each SDK with the module of `tests/adapters/matrix` and the page that has its adapter or recipe. */
export const sdks: readonly { name: string; title: string; page: string; record: SdkRecord }[] = [
  { name: 'authkit', title: 'AuthKit', page: 'authkit.mdx', record: authkit },
  { name: 'clerk', title: 'Clerk', page: 'clerk.mdx', record: clerk },
  { name: 'auth0', title: 'Auth0', page: 'auth0.mdx', record: auth0 },
  { name: 'oidc', title: 'oidc-client-ts', page: 'oidc.mdx', record: oidc },
  { name: 'supabase', title: 'Supabase', page: 'supabase.mdx', record: supabase },
  { name: 'firebase', title: 'Firebase', page: 'firebase.mdx', record: firebase },
  { name: 'msal', title: 'MSAL', page: 'recipes.mdx', record: msal },
  { name: 'amplify', title: 'Amplify', page: 'recipes.mdx', record: amplify },
  { name: 'betterAuth', title: 'better-auth', page: 'recipes.mdx', record: betterAuth },
  { name: 'nextAuth', title: 'next-auth', page: 'recipes.mdx', record: nextAuth },
  { name: 'keycloak', title: 'keycloak-js', page: 'recipes.mdx', record: keycloak },
];

/** The faults in the order of the table, in the words of its head and of its rows. */
const faults: readonly (readonly [id: Trouble, short: string, long: string])[] = [
  ['drop', 'reset', 'the connection is reset'],
  ['offline', 'offline', 'the browser is offline'],
  ['500', '500', 'the identity server fails with 500'],
  ['503-html', '503', 'a proxy answers 503 with a page of HTML'],
  ['429', '429', 'too many requests: 429'],
  ['hang', 'hangs', 'no answer comes'],
  ['400-invalid-grant', '400', '400 `invalid_grant`, or the word that this server has for it'],
  ['401', '401', '401'],
];

type Outcome = 'stays' | 'waits' | 'unclear' | 'out';

/** What a user sees of an application that takes the SDK at its word. */
function alone({ cells }: SdkRecord, { bare, ours }: SdkCell): Outcome {
  if (bare.includes('dropped')) return 'out';
  if (bare === 'pending') return 'waits';
  const saysEither = Object.values(cells).some(cell => cell.bare === bare && cell.ours !== ours);
  return saysEither ? 'unclear' : 'stays';
}

const withUs = ({ ours }: SdkCell): Outcome => (ours === 'signed-out' ? 'out' : 'stays');

function compact(record: SdkRecord, cell: SdkCell): string {
  const [without, ours] = [alone(record, cell), withUs(cell)];
  const isWrong = without === 'unclear' || (without === 'out') !== (ours === 'out');
  return `${isWrong && without !== 'waits' ? `**${without}**` : without} / ${ours}`;
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

/** The page `storybook/docs/sdks/matrix.mdx`. */
export function sdkMatrixPage(): string {
  const overview = table(
    ['SDK', ...faults.map(([, short]) => short)],
    sdks.map(({ title, page, record }) => [
      `[${title}](${page})`,
      ...faults.map(([id]) => compact(record, record.cells[id])),
    ]),
  );
  const details = sdks.map(({ title, record }) => {
    const parts = [`## ${title}`, `\`${record.sdk}\` ${record.version}.`, cellTable(record.cells)];
    if (record.nearExpiry)
      parts.push('With a token that is about to end and still good:', cellTable(record.nearExpiry));
    return parts.join('\n\n');
  });
  return `${[opening, overview, legend, ...details].join('\n\n')}\n`;
}

function cellTable(cells: Readonly<Partial<Record<Trouble, SdkCell>>>): string {
  return table(
    ['fault', 'the SDK alone', 'with us'],
    faults.flatMap(([id, , long]) => {
      const cell = cells[id];
      return cell ? [[long, `\`${cell.bare}\``, `\`${cell.ours}\``]] : [];
    }),
  );
}

const opening = `# Faults by SDK

What a user sees when something is wrong with the identity server and the access token has run out, first with the SDK alone, then with our adapter or recipe. Measured with the real packages against a server that gets into trouble on demand; each cell is a test of this repository, and this page is generated from what they hold to (\`npm run docs:generate\`).`;

const legend = `- **stays**: the user stays signed in. Alone, the SDK throws an error or answers nothing, and the application has to know which error means what; with us the SDK is asked again later.
- **waits**: the SDK says nothing for as long as the fault lasts, or longer than a third of a second. With us the application has its answer, \`unavailable\`, after the deadline of ten seconds at most, and goes on.
- **out**: the user is signed out.
- **unclear**: the SDK answers the same whether the session is over or not. Whoever takes it for a sign-out signs people out on a train.

In bold: what goes wrong for a user whose application takes the SDK at its word. That is a sign-out without an end of the session, an end of the session that is just one more error, or an answer that could be either.`;
