// Hands what the server tells in the words of the official viewer to that viewer, in its frame, once it is there.
const VIEWER = 'https://stately.ai';

let source: EventSource | undefined;

addEventListener('message', ({ origin, data }) => {
  if (origin !== VIEWER || data?.type !== '@statelyai.connected' || source) return;
  const viewer = document.querySelector('iframe')?.contentWindow;
  source = new EventSource('/inspect/stately/events');
  source.onmessage = ({ data }) => viewer?.postMessage(JSON.parse(data), VIEWER);
});
