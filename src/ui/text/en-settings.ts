// The words of the settings, in English. They come with the dialog.
import type { NoticeKind } from '../../protocol/notices.ts';
import type { Obstacle } from '../notices/device.ts';

const devices = (n: number): string => (n === 1 ? '1 device' : `${n.toLocaleString('en')} devices`);

export const enSettings = {
  close: 'Close',
  test: 'Test',
  testOf: (what: string): string => `Test: ${what}`,
  calls: {
    title: 'Being called',
    text: 'For this browser. Nothing calls you for what you are looking at.',
    shows: 'Notifications',
    showsText: 'While a page of Weir is open in any tab.',
    sounds: 'Sound',
    soundsText: 'A short tone, once per browser. A tab can sound after it was used.',
    pushes: 'Push',
    pushesText: 'Also when no page is open. It goes through the push service of your browser, encrypted.',
    kindsTitle: 'Call me when',
    kinds: {
      waiting: 'an agent waits for me',
      completed: 'a run is done',
      error: 'a run failed',
      killed: 'a run was stopped',
    } satisfies Record<NoticeKind, string>,
    obstacles: {
      insecure: 'A browser allows this over https, or on this machine, only.',
      missing: 'This browser does not have it.',
      denied: 'The browser blocks notifications of this page. Its site settings can allow them.',
      worker: 'The service worker could not be started.',
      push: 'The push service of this browser could not be reached.',
    } satisfies Record<Obstacle, string>,
    shown: 'A notification was shown.',
    sounded: 'That was the tone.',
    silent: 'The browser did not let this tab sound.',
    pushed: (sent: number, failed: number): string =>
      sent + failed === 0
        ? 'No device is subscribed.'
        : `Sent to ${devices(sent)}.${failed === 0 ? '' : ` ${devices(failed)} could not be called.`}`,
  },
  storage: {
    title: 'Storage',
    reading: 'Reading how much room is taken',
    size: 'Size on disk',
    parts: (log: string, attachments: string, rest: string): string =>
      `log ${log} · attachments ${attachments} · reserve for a full disk ${rest}`,
    free: 'Can be given back',
    runs: 'Runs',
    kept: (kept: string, cut: string): string => `${kept} kept whole · ${cut} cut to their transcript`,
    bounds: 'Kept',
    bound: (runs: string | null, days: string | null, bytes: string | null): string => {
      const parts = [runs && `${runs} runs`, days && `${days} days`, bytes].filter(Boolean);
      return parts.length === 0 ? 'without end' : `at most ${parts.join(', ')}`;
    },
    compact: 'Compact',
    compacting: 'Compacting. Runs go on meanwhile.',
    compacted: (bytes: string): string => `${bytes} given back to the disk.`,
  },
} as const;
