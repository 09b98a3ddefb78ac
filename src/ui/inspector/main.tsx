// Where the inspector's page begins.
import '../style/tokens.css';
import '../style/base.css';
import '../style/inspector.css';
import '../style/inspector-chart.css';
import '../style/inspector-sequence.css';
import '../style/inspector-details.css';
import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { readRecording } from '../../protocol/recording.ts';
import { enInspector as words } from '../text/en-inspector.ts';
import { applyTheme, keptTheme } from '../theme.ts';
import { openFeed } from './feed.ts';
import { createInspector } from './inspector.ts';
import { InspectorPage } from './page.tsx';
import { RECORDING_BYTES_MAX } from './recording.ts';

const inspector = createInspector({
  frame: (draw) => requestAnimationFrame(draw),
  after(ms, act) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
  now: () => performance.now(),
});
const listen = () =>
  openFeed({ begun: inspector.begun, told: inspector.told, changed: inspector.feedChanged });
let feed = listen();

/** null: it is opened; else why not */
async function open(file: File): Promise<string | null> {
  if (file.size > RECORDING_BYTES_MAX) return words.notRead.large;
  const read = readRecording(await file.text());
  if ('why' in read) return read.line === 1 ? words.notRead.none : words.notRead.damaged(read.line);
  feed.close();
  inspector.opened(read, file.name);
  return null;
}

function Inspecting() {
  const [error, setError] = useState<string | null>(null);
  const acts = {
    open: (file: File) => void open(file).then(setError),
    goLive() {
      setError(null);
      inspector.wentLive();
      feed = listen();
    },
  };
  return <InspectorPage inspector={inspector} acts={acts} error={error} />;
}

applyTheme(keptTheme());
const root = document.getElementById('root');
if (root) createRoot(root).render(<Inspecting />);
