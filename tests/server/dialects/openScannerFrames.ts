/** What the server says, in the two ways it can say it. */
export interface OpenScannerFrames {
  expired(): unknown;
  rejected(): unknown;
  welcome(): unknown[];
  call(call: Record<string, unknown>): unknown;
  feedMap(feedMap: unknown): unknown;
  /** The feed map in a frame of the client; undefined if it is another one. */
  readFeedMap(frame: unknown): unknown;
}

const version = '1.3.3';

/**
 * Arrays that begin with a command: `/ws`, `/api/ws`, `/api/admin/ws`.
 *
 * @see https://github.com/revtex/OpenScanner/blob/main/backend/internal/ws/messages.go
 */
export const legacyFrames: OpenScannerFrames = {
  expired: () => ['XPR'],
  rejected: () => ['MAX'],
  welcome: () => [
    ['VER', { version, branding: '', email: '' }],
    ['CFG', { systems: [] }],
  ],
  call: call => ['CAL', call],
  feedMap: feedMap => ['LFM', feedMap],
  readFeedMap: frame => (Array.isArray(frame) && frame[0] === 'LFM' ? frame[1] : undefined),
};

/**
 * Objects with a `type`: `/api/v1/ws/listener` and `/api/v1/ws/admin`.
 *
 * @see https://github.com/revtex/OpenScanner/blob/main/backend/internal/ws/messages_v1.go
 */
export const v1Frames: OpenScannerFrames = {
  expired: () => ({ type: 'session.expired' }),
  rejected: () => ({ reason: 'max_clients', type: 'connection.rejected' }),
  welcome: () => [
    { type: 'connection.welcome', version, branding: '', email: '' },
    { config: { systems: [] }, type: 'scanner.config' },
  ],
  call: call => ({ call, type: 'call.new' }),
  feedMap: feedMap => ({ feedMap, type: 'listener.feedMap.snapshot' }),
  readFeedMap: frame => {
    const { type, feedMap = null } = (frame ?? {}) as { type?: unknown; feedMap?: unknown };
    return type === 'listener.feedMap.update' ? feedMap : undefined;
  },
};
