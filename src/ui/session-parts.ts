// What the chunk of a session holds: nothing of it is needed before one is open.
export { watchSession } from './session-watch.ts';
export { createTurnActs } from './turn-acts.ts';
export { Drawer } from './views/drawer.tsx';
export { Meter } from './views/meter.tsx';
export { Queue } from './views/queue.tsx';
export { ArchivedNotice, Origin } from './views/session-notes.tsx';
export { StopButton } from './views/stop-button.tsx';
export { TitleEditor } from './views/title-editor.tsx';
export { Transcript } from './views/transcript.tsx';
