// The way back: a slider over the log of a run, and the run as a file.
import { useEffect, useRef } from 'react';
import { exactTime, isoTime } from '../format.ts';
import { enDrawer } from '../text/en-drawer.ts';
import { exportPath, type Travel } from './use-past.ts';

const words = enDrawer.past;

function Slider({ travel }: { travel: Travel }) {
  const { n, count, moment, isWhole, isReading, goTo, look } = travel;
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  if (!moment) return null;
  const text = words.momentText(exactTime(moment.at), moment.n, count, moment.label);
  return (
    <>
      <input
        ref={input}
        type="range"
        min={1}
        max={count}
        value={n}
        aria-label={words.moment}
        aria-valuetext={text}
        onChange={(event) => goTo(Number(event.target.value))}
      />
      <p className="num dim cut">
        <time dateTime={isoTime(moment.at)}>{text}</time>
      </p>
      {!isWhole && (
        <p className="dim">
          {words.unended}{' '}
          <button type="button" className="link" disabled={isReading} onClick={look}>
            {words.readOn}
          </button>
        </p>
      )}
    </>
  );
}

export function TravelBar({ travel, stream_id }: { travel: Travel; stream_id: string }) {
  const { status, look } = travel;
  const button = useRef<HTMLButtonElement>(null);
  const wasPast = useRef(false);
  useEffect(() => {
    if (status === 'now' && wasPast.current) button.current?.focus();
    wasPast.current = status === 'past';
  }, [status]);
  return (
    <div className="travel">
      {status === 'past' ? (
        <Slider travel={travel} />
      ) : (
        <button type="button" className="btn" ref={button} disabled={status === 'reading'} onClick={look}>
          {words.look}
        </button>
      )}
      <a className="btn bare" href={exportPath(stream_id)} download>
        {words.export}
      </a>
      {status === 'failed' && (
        <p className="failed" role="alert">
          {words.failed}
        </p>
      )}
    </div>
  );
}
