// Storage: how much room everything takes, what is kept of old runs, and giving back what is free.
import { useEffect, useState } from 'react';
import { type Storage, storageSchema } from '../../protocol/storage.ts';
import { request, sentenceOf } from '../api.ts';
import { wholeNumber } from '../format.ts';
import { enSettings } from '../text/en-settings.ts';

const words = enSettings.storage;
/** A large log takes its time. */
const COMPACT_MS = 600_000;

const readStorage = () => request(storageSchema, { method: 'GET', path: '/api/storage' });
const compactStorage = () =>
  request(storageSchema, { method: 'POST', path: '/api/storage/compact', answer_ms: COMPACT_MS });

const UNITS = ['kilobyte', 'megabyte', 'gigabyte'];

/** `12 MB`, `1.4 GB`; whatever there is, is at least a kilobyte. */
function roomOf(bytes: number): string {
  const at = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log(bytes) / Math.log(1024)) - 1));
  const amount = bytes / 1024 ** (at + 1);
  const format = { style: 'unit', unit: UNITS[at], maximumFractionDigits: amount < 10 ? 1 : 0 } as const;
  return new Intl.NumberFormat('en', format).format(bytes === 0 ? 0 : Math.max(1, amount));
}

/** 0: no bound. */
const boundOf = (n: number, said: (n: number) => string): string | null => (n === 0 ? null : said(n));

function Facts({ storage }: { storage: Storage }) {
  const { total_bytes, log_bytes, attachment_bytes, free_bytes, runs, runs_cut, retention } = storage;
  const rest = total_bytes - log_bytes - attachment_bytes;
  const parts = words.parts(roomOf(log_bytes), roomOf(attachment_bytes), roomOf(Math.max(0, rest)));
  const rows: [string, string][] = [
    [words.size, `${roomOf(total_bytes)} (${parts})`],
    [words.free, roomOf(free_bytes)],
    [words.runs, words.kept(wholeNumber(runs), wholeNumber(runs_cut))],
    [
      words.bounds,
      words.bound(
        boundOf(retention.runs, wholeNumber),
        boundOf(retention.days, wholeNumber),
        boundOf(retention.bytes, roomOf),
      ),
    ],
  ];
  return (
    <dl>
      {rows.map(([name, value]) => (
        <div key={name} className="fact">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function StorageSettings() {
  const [storage, setStorage] = useState<Storage | null>(null);
  const [said, say] = useState<string>(words.reading);
  const [isBusy, setBusy] = useState(true);
  useEffect(() => {
    let isOver = false;
    const over = (text: string, read: Storage | null): void => {
      if (isOver) return;
      setStorage(read);
      say(text);
      setBusy(false);
    };
    readStorage().then(
      (read) => over('', read),
      (error) => over(sentenceOf(error), null),
    );
    return () => {
      isOver = true;
    };
  }, []);
  async function compact(): Promise<void> {
    setBusy(true);
    say(words.compacting);
    try {
      const after = await compactStorage();
      const given = (storage?.total_bytes ?? after.total_bytes) - after.total_bytes;
      setStorage(after);
      say(words.compacted(roomOf(Math.max(0, given))));
    } catch (error) {
      say(sentenceOf(error));
    }
    setBusy(false);
  }
  return (
    <section className="settings" aria-labelledby="settings-storage">
      <h3 id="settings-storage">{words.title}</h3>
      {storage && <Facts storage={storage} />}
      <p className="said" role="status">
        {said}
      </p>
      <div className="acts">
        <button type="button" className="btn" disabled={isBusy} onClick={() => void compact()}>
          {words.compact}
        </button>
      </div>
    </section>
  );
}
