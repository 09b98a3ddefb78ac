// Being called: a switch and a test for each way, off until its person turns it on, and what to be called for.
import { useId, useState } from 'react';
import { NOTICE_KINDS, type NoticeKind } from '../../protocol/notices.ts';
import { sentenceOf } from '../api.ts';
import type { App } from '../app.ts';
import { type Choices, keepChoices, keptChoices } from '../notices/choices.ts';
import {
  askLeave,
  DeviceRefusal,
  obstacleTo,
  subscribe,
  testPush,
  unsubscribe,
  worker,
} from '../notices/device.ts';
import { startNotices } from '../notices/start.ts';
import { playTone } from '../notices/tone.ts';
import { enSettings } from '../text/en-settings.ts';
import { useApp } from './context.tsx';

const words = enSettings.calls;
type Way = 'shows' | 'sounds' | 'pushes';

const whyOf = (error: unknown): string =>
  error instanceof DeviceRefusal ? words.obstacles[error.obstacle] : sentenceOf(error);

/** What turning a way on or off takes. @throws DeviceRefusal, ApiError: then it stays as it was */
async function turn(way: Way, isOn: boolean, { kinds }: Choices): Promise<void> {
  if (way === 'sounds') return void (isOn && (await playTone()));
  if (!isOn) return way === 'pushes' ? unsubscribe() : undefined;
  await askLeave();
  if (way === 'pushes') await subscribe(kinds);
  else await worker();
}

/** Tries a way; what came of it, in words. @throws DeviceRefusal, ApiError */
async function tryOut(way: Way): Promise<string> {
  if (way === 'sounds') return (await playTone()) ? words.sounded : words.silent;
  await askLeave();
  if (way === 'pushes') {
    const { sent, failed } = await testPush();
    return words.pushed(sent, failed);
  }
  const about = String(Date.now());
  const notice = { type: 'show', tag: 'test', about, topic: 'test', title: '', body: '', path: '/' };
  (await worker()).active?.postMessage(notice);
  return words.shown;
}

interface Calls {
  choices: Choices;
  said: string;
  isBusy: boolean;
  turn(way: Way, isOn: boolean): void;
  want(kind: NoticeKind, isWanted: boolean): void;
  tryOut(way: Way): void;
}

function useCalls(app: App): Calls {
  const [choices, setChoices] = useState(keptChoices);
  const [said, say] = useState('');
  const [isBusy, setBusy] = useState(false);
  async function act(work: () => Promise<string>): Promise<void> {
    setBusy(true);
    say('');
    say(await work().catch(whyOf));
    setBusy(false);
  }
  function choose(next: Choices): void {
    keepChoices(next);
    setChoices(next);
    startNotices(app);
  }
  return {
    choices,
    said,
    isBusy,
    turn: (way, isOn) =>
      void act(async () => {
        await turn(way, isOn, choices);
        choose({ ...choices, [way]: isOn });
        return '';
      }),
    want: (kind, isWanted) =>
      void act(async () => {
        const kinds = NOTICE_KINDS.filter((each) =>
          each === kind ? isWanted : choices.kinds.includes(each),
        );
        if (choices.pushes) await subscribe(kinds);
        choose({ ...choices, kinds });
        return '';
      }),
    tryOut: (way) => void act(() => tryOut(way)),
  };
}

interface WayRowProps {
  way: Way;
  calls: Calls;
}

function WayRow({ way, calls }: WayRowProps) {
  const id = useId();
  const obstacle = way === 'sounds' ? null : obstacleTo(way === 'shows' ? 'notifications' : 'push');
  const isOn = calls.choices[way];
  return (
    <div className="setting">
      <label htmlFor={id}>{words[way]}</label>
      <p id={`${id}-text`} className="meta">
        {obstacle === null ? words[`${way}Text`] : words.obstacles[obstacle]}
      </p>
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={isOn}
        className="switch"
        aria-describedby={`${id}-text`}
        checked={isOn}
        disabled={calls.isBusy || (obstacle !== null && !isOn)}
        onChange={(event) => calls.turn(way, event.target.checked)}
      />
      <button
        type="button"
        className="btn"
        aria-label={enSettings.testOf(words[way])}
        disabled={calls.isBusy || obstacle !== null}
        onClick={() => calls.tryOut(way)}
      >
        {enSettings.test}
      </button>
    </div>
  );
}

export function CallSettings() {
  const calls = useCalls(useApp());
  return (
    <section className="settings" aria-labelledby="settings-calls">
      <h3 id="settings-calls">{words.title}</h3>
      <p className="meta">{words.text}</p>
      {(['shows', 'sounds', 'pushes'] as const).map((way) => (
        <WayRow key={way} way={way} calls={calls} />
      ))}
      <fieldset className="kinds" disabled={calls.isBusy}>
        <legend>{words.kindsTitle}</legend>
        {NOTICE_KINDS.map((kind) => (
          <label key={kind}>
            <input
              type="checkbox"
              checked={calls.choices.kinds.includes(kind)}
              onChange={(event) => calls.want(kind, event.target.checked)}
            />
            {words.kinds[kind]}
          </label>
        ))}
      </fieldset>
      <p className="said" role="status">
        {calls.said}
      </p>
    </section>
  );
}
